"""What holds for any document and any answer of a model."""

import re
import sys
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lsp_server.completion.cleaning import TokenWatch, clean, is_undecided
from lsp_server.completion.completeness import Completeness
from lsp_server.completion.cutting import cut
from lsp_server.completion.embedded import innermost
from lsp_server.completion.languages import LANGUAGES
from lsp_server.completion.membership import what_decides
from lsp_server.completion.pipeline import suggest
from lsp_server.completion.repeats import is_repeating
from lsp_server.completion.situation import Situation
from lsp_server.completion.wrapping import is_fence_closed, is_fence_end
from tests.real_holes import is_complete

PIECES = st.sampled_from(
    [
        *"abx=;:,.()[]{}\"'`#<>|&-\\/@",
        *("\n", "\n", "\n    ", "\n        ", "\n\t", "    ", " ", "\r\n"),
        *("if x:", "else", "else:", "elif y:", "} else {", "end", "do", "then", "fi", "case x in"),
        *("def f():", "function f() {", "return x", "foo()", "foo();", "@property", "```", "/*"),
        *("*/", "//", "<<EOF", "EOF", '"""', "<div>", "</div>", "${", "<|endoftext|>", "- item"),
        *("x = 1\ny = 2\n", "word ", "word ", "\nfoo()\n", "\n# note\n", "```python\n"),
        *(
            "<think>\n",
            "</think>\n",
            "Sure, a thing.\n",
            "~~~\n",
            "$$",
            "<p>",
            "</p>",
            "<a b",
            "<script>\n",
        ),
        *('"<|im_end|>"', "a line that goes on and on and does not end for a long time, "),
        *("<|fim_middle|>", "[THINK]", "[/THINK]", "````\n", "```x```", "{x}", "(x)"),
        *("Here is what you want.\n", "I cannot do that, sorry.", "</think>", "foo.b", "foo.bar"),
        *("Here:", "x = 1", "x = 1\n", "x = 1\nx = 1\nx = 1\n", "    x = 1\n"),
    ]
)
TEXT = st.lists(PIECES, max_size=25).map("".join)
LONG_TEXT = st.lists(PIECES, max_size=60).map("".join)
LANGUAGE_IDS = st.sampled_from(["python", "none-such", "markdown", *sorted(LANGUAGES)])
SITUATIONS = st.builds(Situation.of, TEXT, TEXT, LANGUAGE_IDS)


@given(situation=SITUATIONS, raw=TEXT)
def test_a_suggestion_fits_its_line_and_holds_no_token_of_the_model(
    situation: Situation, raw: str
) -> None:
    suggestion = suggest(raw, situation)

    if suggestion is not None:
        assert suggestion.text.strip()
        assert 0 <= suggestion.replaces <= len(situation.line_suffix)
        assert "<|endoftext|>" not in suggestion.text
        assert "\r" not in suggestion.text


@settings(max_examples=300)
@given(situation=SITUATIONS, raw=TEXT)
def test_stopping_early_never_changes_the_suggestion(situation: Situation, raw: str) -> None:
    whole = suggest(raw, situation)
    for end in range(1, len(raw) + 1):
        if is_complete(raw[:end], situation):
            assert suggest(raw[:end], situation) == whole
            break


@given(situation=SITUATIONS, raw=TEXT)
def test_the_next_line_of_the_document_is_not_what_a_block_ends_with(
    situation: Situation, raw: str
) -> None:
    suggestion = suggest(raw, situation)
    wanted = situation.next_line
    if suggestion is None or not re.search(r"\w", wanted) or "\n" not in suggestion.text:
        return
    last = suggestion.text.rpartition("\n")[2]
    is_deeper = situation.width(last) > situation.width(wanted)

    assert is_deeper or last.strip() != wanted.strip() or last.strip() == situation.line_suffix


@pytest.mark.parametrize("language_id", sorted(LANGUAGES))
def test_every_language_takes_any_line(language_id: str) -> None:
    for typed in ("", "    ", "x = ", "foo(", '"', "/*", "# ", "{", "case x in"):
        situation = Situation.of(f"first\n{typed}", "\nlast\n", language_id)

        suggestion = suggest("value\n    more\n", situation)

        assert suggestion is not None
        assert suggestion.text.startswith("value")


def is_complete_read_at_once(raw: str, situation: Situation) -> bool:
    """Read everything again, as if nothing had been read before."""
    situation = innermost(situation)
    whole, end, growing = raw.replace("\r\n", "\n").rpartition("\n")
    fence = growing[: len(growing) - len(growing.lstrip(" \t`~"))]
    text = whole + end + (fence if is_fence_end(growing) else what_decides(growing))
    if TokenWatch().add(raw) or is_fence_closed(text, situation):
        return True
    if is_undecided(text, situation) or not clean(text, situation).strip():
        return False
    text = clean(text, situation)
    wanted = cut(text, situation)
    return wanted.ended or (
        "\n" in wanted.text and is_repeating(wanted.text.split("\n"), situation)
    )


@settings(max_examples=300)
@given(situation=SITUATIONS, raw=LONG_TEXT)
@example(Situation.of("a````\n```python\n", "", "python"), "a````\n````\n")
def test_a_stream_is_complete_just_where_reading_all_of_it_again_says_so(
    situation: Situation, raw: str
) -> None:
    completeness = Completeness(situation)

    for end in range(1, len(raw) + 1):
        is_reached = completeness.add(raw[end - 1])

        is_half_a_line_end = raw[end - 1] == "\r"
        assert is_half_a_line_end or is_reached == is_complete_read_at_once(raw[:end], situation)
        if is_reached:
            break


def test_a_loop_of_the_longest_kind_ends_a_stream_after_its_third_turn() -> None:
    situation = Situation.of("def f():\n    ", "\n", "python")
    before = "".join(f"    first{number}()\n" for number in range(40))
    turn = "".join(f"    step{number}()\n\n" for number in range(4))
    completeness = Completeness(situation)

    reached = [completeness.add(line + "\n") for line in (before + turn * 5).split("\n")]

    assert 40 + 3 * 8 <= reached.index(True) <= 40 + 3 * 8 + 1


MANY = 200_000


@pytest.mark.parametrize(
    ("language_id", "line"),
    [
        ("html", "<p " + "{a}" * MANY),
        ("html", "<p " + "{{}}" * MANY),
        ("html", "<p " + "{" * MANY),
        ("css", "/* " + "a" * MANY),
        ("markdown", "~" * MANY + "`"),
        ("markdown", "```" + "a" * MANY + "`"),
        ("markdown", "```" + " " * MANY + "`"),
    ],
    ids=lambda value: value[:12],
)
def test_no_line_above_is_read_in_more_than_one_way(language_id: str, line: str) -> None:
    situation = Situation.of(f"{line}\n\n", "\n", language_id)

    assert suggest("value", situation)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("A." + "\n" * MANY, id="a sentence and blank lines"),
        pytest.param(("A." + "\n" * 2_000) * 3, id="sentences and blank lines"),
        pytest.param("words:" + "\n" * MANY, id="words and blank lines"),
        pytest.param("A." + " " * MANY, id="a sentence and blanks"),
        pytest.param(" " * MANY + ":", id="blanks and a colon"),
        pytest.param("<think>" * MANY, id="thoughts"),
        pytest.param(" " * MANY + "<thinkx", id="blanks and no thought"),
    ],
)
def test_no_answer_is_read_in_more_than_one_way(raw: str) -> None:
    for situation in (Situation.of("x = ", "\n", "python"), Situation.of("", "\n", "python")):
        is_undecided(raw, situation)
        clean(raw, situation)


@pytest.mark.parametrize(
    ("language_id", "piece"), [("javascript", 'a(b)};"x"'), ("html", "<p>x</p>"), ("html", "<p")]
)
def test_a_long_rest_of_the_line_costs_no_more_than_its_length(
    language_id: str, piece: str
) -> None:
    situation = Situation.of("<a>", piece * 20_000 + "</b>" * 20_000 + "\n", language_id)

    assert suggest("foo(bar)", situation)


LINES = {
    "python": ("def f():\n    ", "    total += item.value(x)  # {}"),
    "typescript": ("function f() {\n  ", "  const x{} = foo(x, {{ a: 1 }});"),
    "ruby": ("def f\n  ", "  x{} = foo(1)"),
    "sql": ("SELECT\n  ", "  a{}, b,"),
    "html": ("<div>\n  ", "  <p>item {}</p>"),
    "yaml": ("a:\n  ", "  key{}: value"),
    "lua": ("function f()\n  ", "  -- note {}"),
    "css": ("a {\n  ", "  width: {}px;"),
    "go": ("const (\n\t", "\tname{} = 1"),
}


@pytest.mark.parametrize("language_id", [*LINES])
def test_watching_a_stream_costs_the_same_wherever_it_has_come_to(language_id: str) -> None:
    typed, line = LINES[language_id]
    situation = Situation.of(typed, "\nthe_end()\nof_it()\n", language_id)
    completeness = Completeness(situation)
    tokens = [
        token
        for number in range(1_000)
        for token in re.findall(r"\s*\w+|\W", line.format(number) + "\n")
    ]

    calls = [calls_while(completeness, tokens[at : at + 1_000]) for at in (0, 3_000)]

    assert not completeness.is_reached
    assert calls[1] <= calls[0] * 1.3


def calls_while(completeness: Completeness, tokens: list[str]) -> int:
    """Count what is called, in Python and beneath it, while tokens are taken."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        for token in tokens:
            completeness.add(token)
    finally:
        sys.setprofile(None)
    return calls
