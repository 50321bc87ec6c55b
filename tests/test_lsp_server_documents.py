"""The document store against a reference that splices the whole text in UTF-16."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.documents import Document, Place, split_lines
from lsp_server.positions import index_from_units, units_of
from tests.effort import hardly_grows, takes_at_most
from tests.fake_model_server import FakeModelServer, chats, completes, routes
from tests.lsp_client import connected
from tests.random_edits import CODECS as ENCODINGS
from tests.random_edits import compare
from tests.test_lsp_server_requests import answered, settings_for

IN_UTF_16 = "visual-studio-code@v1.65.2"
# The two lone surrogates may come to stand side by side, and still are two characters.
ALPHABET = "ab \t\r\n\x0b\x0c\x1c\x85\u2028\u2029é中😀\U0001d4b3\u0301\ud83d\ude00"
TEXT = st.text(st.sampled_from(ALPHABET), max_size=40)


def position_at(text: str, index: int, encoding: types.PositionEncodingKind) -> types.Position:
    codec, unit = ENCODINGS[encoding]
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return types.Position(len(before) - 1, len(before[-1].encode(codec, "surrogatepass")) // unit)


def is_inside_line_end(text: str, index: int) -> bool:
    return 0 < index < len(text) and text[index - 1 : index + 1] == "\r\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=300)
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
        line = second % len(document.lines)
        assert document.offset(Place(line, 0)) == sum(map(len, document.lines[:line]))


# The whole million takes a minute: `python -m tests.random_edits 1000000 1`.
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_hundred_thousand_edits_with_any_character_equal_a_simple_documents(
    encoding: types.PositionEncodingKind,
) -> None:
    compare(34_000, 1, encoding)


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


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=TEXT, units=st.integers(0, 170))
def test_columns_are_those_of_counting_character_by_character(
    encoding: types.PositionEncodingKind, line: str, units: int
) -> None:
    codec, unit = ENCODINGS[encoding]
    counted = index = 0
    for character in line:
        counted += len(character.encode(codec, "surrogatepass")) // unit
        if counted > units:
            break
        index += 1

    assert index_from_units(line, units, encoding) == index


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


@given(text=TEXT, edited=TEXT, data=st.data())
def test_offsets_and_positions_are_each_others_way_back_after_edits_too(
    text: str, edited: str, data: st.DataObject
) -> None:
    encoding = types.PositionEncodingKind.Utf16
    document = Document("file:///a", "python", 1, split_lines(text))
    for current in (text, edited):
        offset = data.draw(st.integers(0, len(current)))
        span = document.span(offset, len(current), encoding)
        if not is_inside_line_end(current, offset):
            assert span.start == position_at(current, offset, encoding)
            assert document.offset(document.place(span.start, encoding)) == offset
        assert document.offset(document.place(span.end, encoding)) == len(current)
        document.edit(types.TextDocumentContentChangeWholeDocument(edited), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("letters", ["é中ab ", "é😀ab "], ids=["two-byte", "four-byte"])
def test_a_keystroke_in_a_long_line_costs_less_than_going_through_it_once(
    letters: str, encoding: types.PositionEncodingKind
) -> None:
    line = letters * 1_500_000
    document = Document("file:///a", "python", 1, split_lines(f"first\n{line}\nlast"))
    middle = types.Position(1, units_of(line, encoding) // 2)
    change = types.TextDocumentContentChangePartial(text="x", range=types.Range(middle, middle))

    def type_and_look_around() -> None:
        document.edit(change, encoding)
        place = document.place(middle, encoding)
        document.before(place, 8000)
        document.after(place, 8000)
        units_of(document.lines[1][: place.column], encoding)

    # One character after the other, it takes several times as long as this.
    assert takes_at_most(1, type_and_look_around, than=lambda: sum(1 for _ in line))


def test_the_time_for_hundreds_of_diagnostics_does_not_grow_with_the_document() -> None:
    def prepare(lines: int) -> Callable[[], object]:
        document = Document("file:///a", "python", 1, split_lines("abc\n" * lines))
        end = 4 * lines

        def mark_all() -> None:
            for at in range(end - 1000, end - 700):
                document.span(at, at + 3, types.PositionEncodingKind.Utf16)

        return mark_all

    assert hardly_grows(prepare, 3000)


def prepare_to_type_at_the_bottom(lines: int) -> Callable[[], object]:
    encoding = types.PositionEncodingKind.Utf16
    document = Document("file:///a", "python", 1, split_lines(("x" * 49 + "\n") * lines))
    document.offset(Place(lines, 0))
    end = types.Position(lines, 3)

    def type_at_the_bottom() -> None:
        for text in "abc\nd":
            change = types.TextDocumentContentChangePartial(types.Range(end, end), text)
            document.edit(change, encoding)
            place = document.place(end, encoding)
            document.offset(place)
            document.before(place, 12_000)

    return type_at_the_bottom


def prepare_to_break_and_delete_at_the_top(lines: int) -> Callable[[], object]:
    encoding = types.PositionEncodingKind.Utf16
    document = Document("file:///a", "python", 1, split_lines(("x" * 49 + "\n") * lines))
    top = types.Range(types.Position(0, 3), types.Position(0, 3))
    first_line = types.Range(types.Position(0, 0), types.Position(1, 0))

    def type_break_and_delete() -> None:
        for span, text in ((top, "a"), (top, "\n"), (first_line, ""), (top, "a\nb\n" * 50)):
            document.edit(types.TextDocumentContentChangePartial(span, text), encoding)

    return type_break_and_delete


@pytest.mark.parametrize(
    "prepare", [prepare_to_type_at_the_bottom, prepare_to_break_and_delete_at_the_top]
)
def test_a_keystroke_in_a_file_of_5_mb_costs_about_as_much_as_in_a_small_one(
    prepare: Callable[[int], Callable[[], object]],
) -> None:
    assert hardly_grows(prepare, 6250)


async def test_half_characters_from_a_client_harm_nothing_and_reach_the_model_replaced() -> None:
    handler = routes({"/v1/completions": completes("ok"), "/v1/chat/completions": chats("ok")})
    async with (
        FakeModelServer(handler) as model,
        connected(settings=settings_for(model.url), editor=IN_UTF_16) as client,
    ):
        uri = "file:///work/half\ud83d.py"
        client.open(uri, "a = '\ud83d' # \ude00\nb = \ude00")
        half = types.Position(1, 4)
        typed = types.TextDocumentContentChangePartial(types.Range(half, half), "\ud83d")
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(2, uri), [typed]
            )
        )
        answer = await answered(client.ask(uri, 1, 6))
        prompt = model.requests[-1].body["prompt"]
        assert prompt == "<fim_prefix>a = '\ufffd' # \ufffd\nb = 😀<fim_suffix><fim_middle>"
        assert answer.items[0].insert_text == "ok"
        assert answer.items[0].range.end == types.Position(1, 6)

        said = {"messages": [{"role": "user", "content": "\udfff?"}], "context": [{"uri": uri}]}
        assert (await answered(client.command("foretype.chat", said)))["content"] == "ok"
        assert model.requests[-1].body["messages"][-1]["content"] == "\ufffd?"

        # The editor's own text goes back to it as it came.
        selected = types.Range(types.Position(1, 6), types.Position(1, 6))
        entry = types.SelectedCompletionInfo(selected, "x\ud83d")
        chosen = await answered(client.ask(uri, 1, 6, selected=entry))
        assert chosen.items[0].insert_text == "x\ud83dok"
