"""What holds for any document and any answer of a model."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.completion.languages import LANGUAGES
from lsp_server.completion.pipeline import is_complete, suggest
from lsp_server.completion.situation import Situation

PIECES = st.sampled_from(
    [
        *"abx=;:,.()[]{}\"'`#<>|&-\\/@",
        *("\n", "\n", "\n    ", "\n        ", "\n\t", "    ", " ", "\r\n"),
        *("if x:", "else", "else:", "elif y:", "} else {", "end", "do", "then", "fi", "case x in"),
        *("def f():", "function f() {", "return x", "foo()", "foo();", "@property", "```", "/*"),
        *("*/", "//", "<<EOF", "EOF", '"""', "<div>", "</div>", "${", "<|endoftext|>", "- item"),
        *("Here:", "x = 1", "x = 1\n", "x = 1\nx = 1\nx = 1\n", "    x = 1\n"),
    ]
)
TEXT = st.lists(PIECES, max_size=25).map("".join)
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


def seconds_of_stream(tokens: int) -> float:
    situation = Situation.of("x = 1\n" * 1_500 + "def f():\n    ", "\n", "python")
    chunks = ["total", " +=", " item", ".value", "(x)", f"  # {0}", "\n    "]
    seen, times = "", 0.0
    for number in range(tokens):
        seen += chunks[number % 7] if number % 7 != 5 else f"  # {number}"
        began = time.perf_counter()
        assert not is_complete(seen, situation)
        times += time.perf_counter() - began
    return times


def test_watching_a_stream_costs_little_beside_a_model() -> None:
    seconds_of_stream(8)

    assert seconds_of_stream(256) < 1.0
