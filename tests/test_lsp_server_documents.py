"""The document store against a reference that splices the whole text in UTF-16."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.documents import Document, Place, split_lines
from lsp_server.positions import index_from_units, units_of

ENCODINGS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
ALPHABET = "ab \t\r\n\x0b\x0c\x1c\x85\u2028\u2029é中😀\U0001d4b3\u0301"
TEXT = st.text(st.sampled_from(ALPHABET), max_size=40)


def position_at(text: str, index: int, encoding: types.PositionEncodingKind) -> types.Position:
    codec, unit = ENCODINGS[encoding]
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return types.Position(len(before) - 1, len(before[-1].encode(codec)) // unit)


def is_inside_line_end(text: str, index: int) -> bool:
    return 0 < index < len(text) and text[index - 1 : index + 1] == "\r\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=300, deadline=None)
@given(start=TEXT, edits=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), TEXT)))
def test_text_equals_the_editors_after_any_edits(
    encoding: types.PositionEncodingKind, start: str, edits: list[tuple[int, int, str]]
) -> None:
    document = Document("file:///a", "python", 1, split_lines(start))
    text = start
    for first, second, inserted in edits:
        low, high = sorted((min(first, len(text)), min(second, len(text))))
        if is_inside_line_end(text, low) or is_inside_line_end(text, high):
            continue
        span = types.Range(position_at(text, low, encoding), position_at(text, high, encoding))
        document.edit(types.TextDocumentContentChangePartial(text=inserted, range=span), encoding)
        text = text[:low] + inserted + text[high:]

        assert document.text == text
        assert document.lines == split_lines(text)


@given(text=TEXT)
def test_lines_end_at_cr_lf_and_crlf_and_nowhere_else(text: str) -> None:
    lines = split_lines(text)

    assert "".join(lines) == text
    assert len(lines) == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@pytest.mark.parametrize(
    ("units", "index"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (9, 3)], ids=str
)
def test_a_column_inside_a_pair_is_before_it_and_one_past_the_end_is_the_end(
    units: int, index: int
) -> None:
    assert index_from_units("a😀b", units, types.PositionEncodingKind.Utf16) == index


def test_lone_surrogates_count_one_unit_each() -> None:
    line = "\ud83d\ude00x"

    assert index_from_units(line, 2, types.PositionEncodingKind.Utf16) == 2
    assert units_of(line, types.PositionEncodingKind.Utf16) == 3


def test_an_edit_past_the_end_of_the_document_is_clamped() -> None:
    document = Document("file:///a", "python", 1, split_lines("ab\ncd"))
    far = types.Position(99, 99)
    document.edit(
        types.TextDocumentContentChangePartial(text="!", range=types.Range(far, far)),
        types.PositionEncodingKind.Utf16,
    )

    assert document.text == "ab\ncd!"


def test_text_around_a_place_is_the_nearest_within_the_limit() -> None:
    document = Document("file:///a", "python", 1, split_lines("one\ntwo\nthree\n"))
    place = Place(1, 1)

    assert document.before(place, 100) == "one\nt"
    assert document.before(place, 3) == "e\nt"
    assert document.after(place, 4) == "wo\nt"
    assert document.after(place, 100) == "wo\nthree\n"
