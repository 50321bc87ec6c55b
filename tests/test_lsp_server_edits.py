"""An answer as a minimal edit: taken out of the talk, fitted to its place, compared."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.documents import Document, Place, split_lines
from lsp_server.edits.differences import differences
from lsp_server.edits.extraction import extract_code, fence_for
from lsp_server.edits.fitting import fitted
from lsp_server.edits.selection import select
from lsp_server.marks import Marks
from tests.random_edits import CODECS as ENCODINGS
from tests.test_lsp_server_documents import TEXT, position_at

LINES = st.lists(
    st.sampled_from(["a = 1", "  b()", "é😀 = x", "", "\t}", "if \U0001d4b3:"]), max_size=9
).map("\n".join)
ANY_TEXT = st.one_of(TEXT, LINES, LINES.map(lambda text: text.replace("\n", "\r\n")))


def apply(text: str, edits: list[types.TextEdit], encoding: types.PositionEncodingKind) -> str:
    """What an editor makes of edits that are all meant for the same text."""
    document = Document("file:///a", "python", 1, split_lines(text))
    for edit in reversed(edits):
        change = types.TextDocumentContentChangePartial(edit.range, edit.new_text)
        document.edit(change, encoding)
    return document.text


def edits_between(old: str, new: str, encoding: types.PositionEncodingKind) -> list[types.TextEdit]:
    document = Document("file:///a", "python", 1, split_lines(old))
    return [
        types.TextEdit(document.span(each.start, each.end, encoding), each.text)
        for each in differences(old, new)
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=400)
@given(old=ANY_TEXT, new=ANY_TEXT)
def test_the_edits_make_the_new_text_of_the_old_one(
    encoding: types.PositionEncodingKind, old: str, new: str
) -> None:
    edits = edits_between(old, new, encoding)

    assert apply(old, edits, encoding) == new
    ends = [(edit.range.start, edit.range.end) for edit in edits]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    for edit in edits:
        replaced = Document("", "", 1, split_lines(old)).text_in(edit.range, encoding)
        assert replaced != edit.new_text


@given(old=LINES, index=st.integers(0, 8))
def test_lines_that_do_not_change_are_not_touched(old: str, index: int) -> None:
    lines = old.split("\n")
    index = min(index, len(lines) - 1)
    new = "\n".join([*lines[:index], "something else", *lines[index + 1 :]])

    edits = edits_between(old, new, types.PositionEncodingKind.Utf16)

    assert all(edit.range.start.line == edit.range.end.line == index for edit in edits)


def test_a_renamed_variable_is_an_edit_of_its_name_at_each_place() -> None:
    old = "total = 0\nfor x in rows:\n    total += x\nprint(rows)\nreturn total\n"

    found = differences(old, old.replace("total", "amount"))

    assert [(old[each.start : each.end], each.text) for each in found] == [("total", "amount")] * 3


def test_lines_with_little_in_common_are_replaced_as_a_whole() -> None:
    (found,) = differences("x = a.b(c)\n", "return [item for item in listed]\n")

    assert found.text == "return [item for item in listed]"


def test_large_texts_are_compared_in_time() -> None:
    old = "".join(f"line {number} of the old text\n" for number in range(20_000))
    new = "".join(f"row {number} of the new text\n" for number in range(20_000))

    assert len(differences(old, old.replace("line 777 ", "line x "))) == 1
    (whole,) = differences(old, new)
    assert old[: whole.start] + whole.text + old[whole.end :] == new


BARE = "def f():\n    return 1"
TALK = "Sure! Here is the code you asked for:\n\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{BARE}\n```",
        f"{TALK}```python\n{BARE}\n```\n\nThis returns 1 as you wanted it.",
        f"~~~\n{BARE}\n~~~",
        f"````\n{BARE}\n````",
        f"  ```python\n{BARE}\n  ```",
        f"```\n{BARE}",
        f"```\r\n{BARE}\n```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
        BARE,
        f"{TALK}{BARE}\n\nIt returns one as you asked.",
        f"{BARE}<|im_end|>\nuser: more",
        f"Run this first:\n```sh\nls\n```\nThen:\n```python\n{BARE}\n```",
    ],
    ids=["fence", "talk", "tildes", "long", "indented", "unclosed", "crlf", "bare", "bare-talk",
         "token", "two"],
)  # fmt: skip
def test_the_code_of_an_answer_is_found(answer: str) -> None:
    assert extract_code(answer, "python", "def f(): pass").code == BARE


@pytest.mark.parametrize(
    "answer",
    ["", " \n\n", "I cannot do that, since there is no such variable.", "Sure! Here you go:"],
)
def test_an_answer_without_code_gives_none(answer: str) -> None:
    assert extract_code(answer, "python", "x = 1").code is None


def test_sentences_are_the_answer_where_sentences_are_edited() -> None:
    said = "The sum of all numbers is given."

    assert extract_code(said, "markdown", "x").code == said
    assert extract_code(said, "python", "Gives you back the sum of it.").code == said


def test_fences_inside_a_text_stay_in_it() -> None:
    inner = "Run:\n\n```sh\nls\n```\n\nDone."

    assert extract_code(f"````markdown\n{inner}\n````", "markdown", "x").code == inner
    assert extract_code(f"```markdown\n{inner}\n```", "markdown", "x").code == inner
    assert fence_for(inner) == "````"


def test_an_empty_block_is_an_answer_and_says_to_delete() -> None:
    assert extract_code("```python\n```", "python", "x = 1").code == ""


def fit(marked: str, code: str) -> str:
    """Fit code to what stands between « and », and give the whole document."""
    before, _, rest = marked.partition("«")
    text, _, after = rest.partition("»")
    document = Document("file:///work/a.py", "python", 1, split_lines(before + text + after))
    starts = position_at(before, len(before), types.PositionEncodingKind.Utf32)
    ends = position_at(before + text, len(before + text), types.PositionEncodingKind.Utf32)
    selection = select(
        document, Place(starts.line, starts.character), Place(ends.line, ends.character)
    )
    return before + fitted(code, selection) + after


INDENTED = "class A:\n«    def f(self):\n        x = 1\n        return 1\n»\n    def g(self): ...\n"


@pytest.mark.parametrize(
    "code",
    [
        "    def f(self):\n        x = 1\n        return 2",
        "def f(self):\n    x = 1\n    return 2\n",
        "def f(self):\n        x = 1\n        return 2\n\n\n",
        "\n\n        def f(self):\n            x = 1\n            return 2",
        "\tdef f(self):\n\t\tx = 1\n\t\treturn 2",
        "def f(self):\n  x = 1\n  return 2",
    ],
    ids=["as-is", "dedented", "first-stripped", "deeper", "tabs", "two-blanks"],
)
def test_code_is_indented_as_the_selection_is(code: str) -> None:
    expected = INDENTED.replace("«", "").replace("»", "").replace("return 1", "return 2")
    assert fit(INDENTED, code) == expected


def test_a_line_indented_less_than_the_first_stays_less_indented() -> None:
    marked = "if a:\n    if b:\n«        c()\n    else:\n        d()\n»e()\n"
    assert fit(marked, "    c(1)\nelse:\n    d()") == (
        "if a:\n    if b:\n        c(1)\n    else:\n        d()\ne()\n"
    )


def test_tabs_of_the_file_win_over_blanks_of_the_model() -> None:
    marked = "func f() {\n«\tif a {\n\t\tb()\n\t}\n»}\n"

    fixed = fit(marked, "if a {\n    c()\n}\n")

    assert fixed == "func f() {\n\tif a {\n\t\tc()\n\t}\n}\n"


def test_a_selection_that_begins_within_its_indentation_fits_too() -> None:
    assert fit("if x:\n    «a = 1\n    b = 2»\n", "a = 3\nb = 2") == "if x:\n    a = 3\n    b = 2\n"


def test_a_selection_within_a_line_stays_within_it() -> None:
    assert fit("    x = «foo(1)» + 2\n", "bar(1)\n") == "    x = bar(1) + 2\n"
    assert fit("    x = «f(1)»\n", "f(\n    1,\n)") == "    x = f(\n        1,\n    )\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_are_those_of_the_file(end: str) -> None:
    fixed = fit(f"a = 1{end}«b = 2{end}c = 3{end}»d = 4{end}", "b = 5\nb = 6\nc = 3\n")

    assert fixed == f"a = 1{end}b = 5{end}b = 6{end}c = 3{end}d = 4{end}"


def test_lines_keep_their_own_ends_where_a_file_mixes_them() -> None:
    fixed = fit("«a = 1\r\nb = 2\nc = 3\r\n»", "a = 1\nb = 7\nc = 3\n")

    assert fixed == "a = 1\r\nb = 7\r\nc = 3\r\n"


def test_the_last_newline_is_that_of_the_selection() -> None:
    assert fit("«a»\nb\n", "c\n\n") == "c\nb\n"
    assert fit("«a\n»b\n", "c") == "c\nb\n"
    assert fit("«a\n\n»b\n", "c") == "c\n\nb\n"
    assert fit("«\n\na\n»b\n", "c") == "\n\nc\nb\n"
    assert fit("«a\n»b\n", "\n") == "b\n"


@pytest.mark.parametrize(
    ("marked", "code", "expected"),
    [
        ("def f():\n    «»\n", "a = 1\nreturn a", "def f():\n    a = 1\n    return a\n"),
        ("def f():\n    «»\n", "    a = 1\n    b()", "def f():\n    a = 1\n    b()\n"),
        ("«»def f(): ...\n", "import os", "import os\ndef f(): ...\n"),
        ("if x:\n    «»return 1\n", "y = 2", "if x:\n    y = 2\n    return 1\n"),
        ("x = f(«»)\n", "1, 2", "x = f(1, 2)\n"),
        ("«»", "a = 1\nb = 2\n", "a = 1\nb = 2"),
    ],
    ids=["blank", "blank-indented", "before", "before-indented", "inside", "empty"],
)
def test_an_insertion_fits_its_place(marked: str, code: str, expected: str) -> None:
    assert fit(marked, code) == expected


@settings(max_examples=300)
@given(text=ANY_TEXT, data=st.data())
def test_an_answer_that_repeats_the_selection_changes_nothing(
    text: str, data: st.DataObject
) -> None:
    document = Document("file:///a", "python", 1, split_lines(text))
    first = data.draw(st.integers(0, len(document.lines) - 1))
    last = data.draw(st.integers(first, len(document.lines) - 1))
    selection = select(document, Place(first, 0), Place(last, 0))
    lines = selection.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # Blanks alone on a line are not kept, and a text of nothing else says to delete it.
    if selection.text.strip(" \t\r\n") and all(line.strip() or not line for line in lines):
        assert fitted("\n".join(lines), selection) == selection.text


EDIT = st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["", "x", "yz\n", "😀"]))


@settings(max_examples=400)
@given(
    text=st.text(st.sampled_from("ab\n 😀"), max_size=40),
    start=st.integers(0, 40),
    length=st.integers(0, 10),
    edits=st.lists(EDIT, max_size=6),
)
def test_a_mark_covers_the_same_text_or_is_lost(
    text: str, start: int, length: int, edits: list[tuple[int, int, str]]
) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    marks, marked = Marks(), text[start:end]
    with marks.holding("u", start, end) as mark:
        for first, second, inserted in edits:
            low, high = sorted((min(first, len(text)), min(second, len(text))))
            is_apart = high < mark.start or low > mark.end
            was_lost = mark.is_lost
            marks.edited("u", low, high, len(inserted))
            text = text[:low] + inserted + text[high:]
            assert mark.is_lost == was_lost or not is_apart
            if not mark.is_lost:
                assert text[mark.start : mark.end] == marked

    assert "u" not in marks
