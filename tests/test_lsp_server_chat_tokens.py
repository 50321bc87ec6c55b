"""Estimated tokens against those that a current tokenizer (cl100k) counts."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lsp_server.chat.clipping import clip
from lsp_server.chat.tokens import estimate_tokens
from tests.effort import grows_linearly

KNOWN: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "tokens" / "counts.json").read_text("utf-8")
)


@pytest.mark.parametrize("name", KNOWN)
def test_an_estimate_is_within_a_fifth_of_the_count(name: str) -> None:
    known = KNOWN[name]

    assert estimate_tokens(known["text"]) == pytest.approx(known["tokens"], rel=0.2)


def test_nothing_takes_no_token_and_anything_takes_one() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("a") == 1


def test_a_long_text_is_estimated_in_proportion_and_in_a_time_that_grows_with_it_only() -> None:
    text = KNOWN["python"]["text"]
    times = 1_000_000 // len(text)
    estimated = estimate_tokens(text * times)

    assert grows_linearly(lambda count: partial(estimate_tokens, text * count), times)
    assert estimated == pytest.approx(KNOWN["python"]["tokens"] * times, rel=0.2)


def test_a_clipped_text_keeps_its_beginning_and_its_end_and_says_what_is_missing() -> None:
    text = "".join(f"line {number} of the file\n" for number in range(5000))
    clipped = clip(text, 400)
    shown = [line for line in clipped.text.splitlines() if not line.startswith("[...")]

    assert estimate_tokens(clipped.text) <= 400
    assert clipped.text.startswith("line 0 of the file\n")
    assert clipped.text.endswith("line 4999 of the file\n")
    assert f"{clipped.left_out} characters" in clipped.text
    assert all(f"{line}\n" in text for line in shown if line)
    assert sum(len(line) + 1 for line in shown if line) == len(text) - clipped.left_out


@pytest.mark.parametrize("limit", [0, 5, 13, 40])
def test_a_text_is_clipped_to_next_to_nothing_where_there_is_no_room(limit: int) -> None:
    clipped = clip("word " * 10_000, limit)

    assert clipped.left_out >= 49_000
    assert estimate_tokens(clipped.text) <= max(limit, 15)


def test_what_fits_is_left_alone() -> None:
    assert clip("short", 5).text == "short"
    assert clip("short", 5).left_out == 0
