"""From what a model writes to what is offered."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.pipeline import suggest
from lsp_server.completion.situation import Situation
from tests.real_holes import is_complete

_DATA = Path(__file__).parent / "data"
CASES = [
    case
    for name in ("postprocess.json", "acceptance.json")
    for case in json.loads((_DATA / name).read_text("utf-8"))
]


def accepted(situation: Situation, raw: str) -> str | None:
    suggestion = suggest(raw, situation)
    if suggestion is None:
        return None
    return situation.prefix + suggestion.text + situation.suffix[suggestion.replaces :]


def situation_of(text: str, language_id: str = "python") -> Situation:
    prefix, suffix = text.split("▮")
    return Situation.of(prefix, suffix, language_id)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_accepting_gives_the_expected_document(case: dict[str, Any]) -> None:
    situation = situation_of(case["text"], case["languageId"])

    assert accepted(situation, case["raw"]) == case["accepted"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_stopping_the_stream_early_changes_nothing(case: dict[str, Any]) -> None:
    situation = situation_of(case["text"], case["languageId"])
    seen = ""
    for character in case["raw"]:
        seen += character
        if is_complete(seen, situation):
            break

    assert accepted(situation, seen) == case["accepted"]


@given(
    before=st.text("ab(){}:;=\n \t\"'", max_size=60),
    after=st.text("ab(){}:;=\n \t\"'", max_size=60),
    raw=st.text("ab(){}:;=`\n \t\"'|<>", max_size=120),
)
def test_any_answer_gives_a_suggestion_that_fits_its_line_or_none(
    before: str, after: str, raw: str
) -> None:
    situation = Situation.of(before, after, "python")
    suggestion = suggest(raw, situation)

    if suggestion is not None:
        assert suggestion.text.strip()
        assert 0 <= suggestion.replaces <= len(situation.line_suffix)


def test_a_stream_that_runs_on_is_stopped_after_its_block() -> None:
    situation = situation_of("def f(x):\n    ▮\n")

    assert not is_complete("return x", situation)
    assert not is_complete("return x\n\n", situation)
    assert is_complete("return x\n\ndef g(x):\n", situation)


def test_under_an_opener_the_models_own_indentation_is_kept() -> None:
    situation = situation_of("def f(x):\n▮\n")

    assert (
        accepted(situation, "    y = x\n    return y\n\n") == "def f(x):\n    y = x\n    return y\n"
    )


def test_elsewhere_a_stray_indentation_goes() -> None:
    assert accepted(situation_of("import os\n▮\n"), "  x = 1") == "import os\nx = 1\n"


@pytest.mark.parametrize(
    ("text", "language_id", "raw", "wanted"),
    [
        ("def f():\n    x = 1\n▮\n", "python", "    return x", "    return x"),
        ("def f():\n    x = 1\n▮\n", "python", "\n    return x", "    return x"),
        ("def f():\n    x = 1\n\n▮\n", "python", "    y = 2\n    return y", "    y = 2"),
        ("func f() {\n\tx := 1\n▮\n}\n", "go", "\tg(x)\n", "\tg(x)"),
        ("a:\n  b: 1\n▮\n", "yaml", "  c: 2", "  c: 2"),
        ("all:\n\tgcc a.c\n▮\n", "makefile", "\tstrip a.out", "\tstrip a.out"),
        (".a {\n  top: 0;\n▮\n}\n", "css", "  left: 0;\n}", "  left: 0;"),
        ("a = f(1,\n▮\n)\n", "python", "      2,", "      2,"),
        ("const a = b\n▮\n", "typescript", "  .c()\n  .d();", "  .c()\n  .d();"),
        ("def f():\n    x = 1\n\n▮\n", "python", "def g():\n    y", "def g():\n    y"),
        ("def f():\n    x = 1\n\n▮\n", "python", " def g():\n    y", "def g():\n    y"),
        (".a {\n}\n▮\n", "css", "  .b {\n}", ".b {\n}"),
    ],
    ids=repr,
)
def test_where_nothing_is_indented_yet_the_models_indentation_places_the_line(
    text: str, language_id: str, raw: str, wanted: str
) -> None:
    assert accepted(situation_of(text, language_id), raw) == text.replace("▮", wanted)


def test_after_a_docstring_the_whole_body_is_wanted() -> None:
    situation = situation_of('def f(x):\n    """Promise.\n\n    More.\n    """\n    # why\n    ▮\n')
    body = "y = x\n    z = y\n    return z"

    assert accepted(situation, f"{body}\n\nprint(1)") == f"{situation.prefix}{body}\n"


def test_between_statements_of_a_block_one_statement_is_wanted() -> None:
    situation = situation_of("def f(x):\n    y = x\n    ▮\n    return z\n")

    assert accepted(situation, "z = y\n    z += 1\n    z += 2") == (
        "def f(x):\n    y = x\n    z = y\n    return z\n"
    )


@pytest.mark.parametrize(
    ("text", "raw", "wanted"),
    [
        ("Some te▮\n", "```markdown\nxt.\n```\n", "Some text.\n"),
        ("Some te▮\n", "```\nxt.\n```\n", "Some text.\n"),
        ("# A\n\n▮\n", "```markdown\nSome text.\n```\n", "# A\n\nSome text.\n"),
        ("# A\n\n▮\n", "```python\nx = 1\n```\n", "# A\n\n```python\n"),
        ("```python\n▮\n```\n", "```python\nx = 1\n```\n", "```python\nx = 1\n```\n"),
    ],
)
def test_markdown_loses_the_fence_around_it_and_keeps_its_own(
    text: str, raw: str, wanted: str
) -> None:
    assert accepted(situation_of(text, "markdown"), raw) == wanted
