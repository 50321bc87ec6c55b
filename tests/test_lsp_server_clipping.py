"""What is shown of a file: within the limits, to the character, and steady while somebody types."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rendered import ContextWindow, Knobs, Model
from lsp_server.clipping import clipped
from lsp_server.completion.budget import Budget, budget_for
from lsp_server.documents import Document, Place, split_lines
from tests.effort import hardly_grows
from tests.provider_models import model_named


def model_with(window: int = 100_000, output: int = 4_000, **knobs: int) -> Model:
    size = ContextWindow(max_input_tokens=window, max_output_tokens=output)
    return model_named(knobs=Knobs(**knobs)).model_copy(update={"context_window": size})


def budget(*given: int | None) -> Budget:
    """The limits for hints of the total, the prefix and the suffix."""
    hints = {
        f"context_size_hint_{name}_characters": value
        for name, value in zip(("total", "prefix", "suffix"), given, strict=False)
        if value is not None
    }
    return budget_for(model_with(**hints), is_block=True)


def at(text: str, offset: int) -> tuple[Document, Place]:
    document = Document("file:///a.py", "python", 1, split_lines(text))
    lines = split_lines(text[:offset])
    return document, Place(len(lines) - 1, len(lines[-1]))


@pytest.mark.parametrize(
    ("hints", "limits"),
    [
        ((4096, None, None), (4096, 2457, 1024)),
        ((4096, 2000, 500), (4096, 2000, 500)),
        ((4096, None, 500), (4096, 2457, 500)),
        ((4096, None, 0), (4096, 2457, 0)),
        ((1000, 900, 600), (1000, 600, 400)),
        ((1000, 5000, 0), (1000, 1000, 0)),
        ((None, 3000, 1000), (16_000, 3000, 1000)),
        ((0, 0, None), (16_000, 9600, 4000)),
        ((2, None, None), (2, 1, 0)),
    ],
)
def test_the_hints_are_limits(hints: tuple[int | None, ...], limits: tuple[int, int, int]) -> None:
    given = budget(*hints)
    shown = (given.total_characters, given.prefix_characters, given.suffix_characters)
    assert shown == limits


def test_the_window_is_kept_to_with_room_for_the_answer() -> None:
    given = budget_for(model_with(window=1000, output=500), is_block=True)
    assert given.total_characters == (1000 - 256) * 3
    hinted = model_with(window=1000, context_size_hint_total_characters=9000)
    assert budget_for(hinted, is_block=True).total_characters == (1000 - 256) * 3


@given(
    st.text(alphabet="ab \n\r\té😀", max_size=400),
    st.integers(0, 400),
    st.integers(1, 300),
    st.text(alphabet="xy", max_size=5),
)
def test_every_character_counts_and_the_nearest_are_shown(
    text: str, offset: int, total: int, typed: str
) -> None:
    offset = min(offset, len(text))
    limits = budget(total)
    document, place = at(text, offset)
    prefix, suffix = clipped(document, place, place, typed, limits)
    assert len(prefix) <= limits.prefix_characters
    assert len(suffix) <= limits.suffix_characters
    assert len(prefix) + len(suffix) <= total
    before = document.before(place, len(text)) + typed
    assert before.endswith(prefix)
    assert prefix or not before
    assert suffix == document.after(place, limits.suffix_characters)


def test_the_whole_text_is_shown_when_it_fits() -> None:
    document, place = at("a = 1\nb = ", 10)
    assert clipped(document, place, place, "", budget(4096)) == ("a = 1\nb = ", "")


def test_what_is_shown_begins_with_a_line_where_there_are_lines() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    document, place = at(text, len(text))
    prefix, _ = clipped(document, place, place, "", budget(1000))
    assert prefix.startswith("line ")
    assert 300 < len(prefix) <= 600


@pytest.mark.parametrize("line", ["value = compute(1, 2)\n", "x" * 1_000_000], ids=["lines", "one"])
def test_two_hundred_keystrokes_hardly_move_the_beginning(line: str) -> None:
    text = line * (1_000_000 // len(line))
    shown = []
    for typed in range(200):
        document, place = at(text + "y" * typed, len(text) + typed)
        shown.append(clipped(document, place, place, "", budget(4096))[0])
    kept = sum(two.startswith(one) for one, two in pairwise(shown))
    assert kept >= 0.95 * 199


def test_a_minified_file_of_megabytes_is_cut_as_fast_as_a_small_one() -> None:
    def prepare(statements: int) -> Callable[[], object]:
        document, place = at("var a=1;" * statements, 4 * statements)
        return lambda: clipped(document, place, place, "", budget())

    assert hardly_grows(prepare, 40_000)
    document, place = at("var a=1;" * 650_000, 2_600_000)
    prefix, suffix = clipped(document, place, place, "", budget())
    assert 7200 <= len(prefix) <= 9600
    assert len(suffix) == 4000
