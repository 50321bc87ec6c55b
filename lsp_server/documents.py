"""The text of open documents, equal to the editor's after any sequence of edits.

Lines end at CR LF, LF and CR and nowhere else (LSP 3.17, "Text Documents"); pygls' own store also
splits at form feeds and U+2028, so positions below one go wrong there.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from io import StringIO
from itertools import accumulate
from typing import Protocol

from lsprotocol import types

from lsp_server.comparison import common_ends
from lsp_server.marks import Marks
from lsp_server.positions import index_from_units, units_of

_MOST_AT_ONCE = 32


def split_lines(text: str) -> list[str]:
    """Split into lines with their ends; the last line has none, and may be empty."""
    # The blank `newline` ends lines where LSP does, and leaves the ends as they are.
    lines = list(StringIO(text, newline=""))
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def without_line_end(line: str) -> str:
    """Give the line's content."""
    return line[: content_length(line)]


def content_length(line: str) -> int:
    """Count the characters of a line before its end."""
    return len(line) - (len(line[-2:]) - len(line[-2:].rstrip("\r\n")))


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor position in characters: line and column count from 0."""

    line: int
    column: int


class Neighbours(Protocol):
    """What stands around a document in a larger whole."""

    def above(self, uri: str, limit: int) -> str:
        """At most `limit` characters that come before the document."""
        ...

    def below(self, uri: str, limit: int) -> str:
        """At most `limit` characters that come after the document."""
        ...

    def notebook_of(self, uri: str) -> str | None:
        """The URI of the notebook that the document is a cell of, if it is one."""
        ...


@dataclass(slots=True)
class Document:
    """One open document; `lines` keep their line ends and are never empty."""

    uri: str
    language_id: str
    version: int
    lines: list[str] = field(default_factory=lambda: [""])
    neighbours: Neighbours | None = field(default=None, repr=False, compare=False)
    _starts: list[int] | None = field(default=None, init=False, repr=False, compare=False)
    """The offset of each line, from when one is asked for until the next edit."""
    _known: tuple[int, int] = field(default=(0, 0), init=False, repr=False, compare=False)
    """A line whose offset is known, and that offset: near the cursor, while somebody types."""

    def place(self, position: types.Position, encoding: types.PositionEncodingKind) -> Place:
        """Convert a position; one past the end of its line or of the document is clamped."""
        if position.line >= len(self.lines):
            return Place(len(self.lines) - 1, len(self.lines[-1]))
        line = self.lines[position.line]
        column = index_from_units(line, position.character, encoding)
        return Place(position.line, min(column, content_length(line)))

    def edit(
        self,
        change: types.TextDocumentContentChangeEvent,
        encoding: types.PositionEncodingKind,
    ) -> None:
        """Apply one content change, at a cost that grows with the change and not the document."""
        self._starts = None
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            self.lines = split_lines(change.text)
            self._known = (0, 0)
            return
        start = self.place(change.range.start, encoding)
        end = self.place(change.range.end, encoding)
        if (end.line, end.column) < (start.line, start.column):
            start, end = end, start
        first, after = start.line, self.lines[end.line][end.column :]
        # Only the new text can hold line ends beside that of `after`: a long line is not searched.
        new = split_lines(change.text)
        if change.text.endswith("\r") and after.startswith("\n"):
            new[-2] += "\n"
            after = after[1:]
        new[0] = self.lines[first][: start.column] + new[0]
        new[-1] += after
        if first and new[0].startswith("\n") and self.lines[first - 1].endswith("\r"):
            # The edit joined a CR and an LF into one line end.
            first -= 1
            new[0] = self.lines[first] + new[0]
        if end.line < len(self.lines) - 1 and new[-1] == "":
            new.pop()
        if first < self._known[0]:
            self.offset(Place(first, 0))
        self.lines[first : end.line + 1] = new

    def extent_of(
        self,
        change: types.TextDocumentContentChangeEvent,
        encoding: types.PositionEncodingKind,
    ) -> tuple[int, int, int]:
        """Where a change begins and ends in the text before it, and how much it puts there."""
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            old, new = self.text, change.text
            head, tail = common_ends(old, new)
            return head, len(old) - tail, len(new) - tail - head
        ends = (self.place(change.range.start, encoding), self.place(change.range.end, encoding))
        start, end = sorted(self.offset(place) for place in ends)
        return start, end, len(change.text)

    def offset(self, place: Place) -> int:
        """Characters from the beginning of the document to a place; cheap near the one before."""
        line, offset = self._known
        offset += sum(map(len, self.lines[line : place.line]))
        offset -= sum(map(len, self.lines[place.line : line]))
        self._known = (place.line, offset)
        return offset + place.column

    def span(self, start: int, end: int, encoding: types.PositionEncodingKind) -> types.Range:
        """The LSP range between two offsets."""
        return types.Range(self._position(start, encoding), self._position(end, encoding))

    def _position(self, offset: int, encoding: types.PositionEncodingKind) -> types.Position:
        starts = self._line_starts()
        number = max(0, bisect_right(starts, offset) - 1)
        before = self.lines[number][: max(0, offset - starts[number])]
        return types.Position(number, units_of(before, encoding))

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            lengths = map(len, self.lines)
            self._starts = list(accumulate(lengths, initial=0))[:-1]
        return self._starts

    def before(self, place: Place, limit: int) -> str:
        """At most `limit` characters before a place, the nearest ones, also of neighbours."""
        own = self.own_before(place, limit)
        if self.neighbours is None or len(own) == limit:
            return own
        return self.neighbours.above(self.uri, limit - len(own)) + own

    def after(self, place: Place, limit: int) -> str:
        """At most `limit` characters after a place, the nearest ones, also of neighbours."""
        own = self.own_after(place, limit)
        if self.neighbours is None or len(own) == limit:
            return own
        return own + self.neighbours.below(self.uri, limit - len(own))

    def own_before(self, place: Place, limit: int) -> str:
        """At most `limit` characters of this document before a place, the nearest ones."""
        pieces = [self.lines[place.line][max(0, place.column - limit) : place.column]]
        size, last, count = len(pieces[0]), place.line, 1
        while size < limit and last:
            # Ever more lines at once: most are short, and one by one would take long.
            first = max(0, last - count)
            pieces.append("".join(self.lines[first:last]))
            size += len(pieces[-1])
            last, count = first, min(2 * count, _MOST_AT_ONCE)
        text = "".join(reversed(pieces))
        return text[max(0, len(text) - limit) :]

    def own_after(self, place: Place, limit: int) -> str:
        """At most `limit` characters of this document after a place, the nearest ones."""
        pieces = [self.lines[place.line][place.column : place.column + limit]]
        size = len(pieces[0])
        for line in range(place.line + 1, len(self.lines)):
            if size >= limit:
                break
            pieces.append(self.lines[line])
            size += len(self.lines[line])
        return "".join(pieces)[:limit]

    def line_end_at(self, number: int) -> str:
        """The line end used around a line: its own, else that of the line above, else LF."""
        for line in (self.lines[number], self.lines[number - 1] if number else ""):
            if end := line[content_length(line) :]:
                return end
        return "\n"

    def text_in(self, span: types.Range, encoding: types.PositionEncodingKind) -> str:
        """The text of a range."""
        start, end = self.place(span.start, encoding), self.place(span.end, encoding)
        if start.line == end.line:
            return self.lines[start.line][start.column : end.column]
        middle = self.lines[start.line + 1 : end.line]
        first, last = self.lines[start.line][start.column :], self.lines[end.line][: end.column]
        return "".join([first, *middle, last])

    @property
    def names(self) -> tuple[str, ...]:
        """The URIs by which the document may be excluded: its own and its notebook's."""
        return (self.uri,) if self.notebook is None else (self.uri, self.notebook)

    @property
    def notebook(self) -> str | None:
        """The URI of the notebook that the document is a cell of, if it is one."""
        return self.neighbours.notebook_of(self.uri) if self.neighbours else None

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.lines)


class Documents:
    """The open documents by URI; a closed one is dropped."""

    def __init__(self) -> None:
        self.encoding = types.PositionEncodingKind.Utf16
        self.neighbours: Neighbours | None = None
        """What the documents opened from now on belong to."""
        self._open: dict[str, Document] = {}
        self.marks = Marks()

    def get(self, uri: str) -> Document | None:
        """The open document of that URI, if there is one."""
        return self._open.get(uri)

    def uris(self) -> tuple[str, ...]:
        """The URIs of all open documents."""
        return tuple(self._open)

    def open(self, item: types.TextDocumentItem) -> None:
        """Take over a document the editor has opened."""
        lines = split_lines(item.text)
        self.marks.lost(item.uri)
        self._open[item.uri] = Document(
            item.uri, item.language_id, item.version, lines, self.neighbours
        )

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply the editor's changes in order; changes to an unknown document are ignored."""
        document = self._open.get(params.text_document.uri)
        if document is None:
            return
        document.version = params.text_document.version
        for change in params.content_changes:
            if document.uri in self.marks:
                self.marks.edited(document.uri, *document.extent_of(change, self.encoding))
            document.edit(change, self.encoding)

    def close(self, uri: str) -> None:
        """Drop a document."""
        self.marks.lost(uri)
        self._open.pop(uri, None)
