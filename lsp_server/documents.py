"""The text of open documents, equal to the editor's after any sequence of edits.

Lines end at CR LF, LF and CR and nowhere else (LSP 3.17, "Text Documents"); pygls' own store also
splits at form feeds and U+2028, so positions below one go wrong there.
"""

import re
from dataclasses import dataclass, field

from lsprotocol import types

from lsp_server.positions import index_from_units, units_of

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """Split into lines with their ends; the last line has none, and may be empty."""
    lines = _LINE.findall(text)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def without_line_end(line: str) -> str:
    """Give the line's content."""
    return line.rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor position in characters: line and column count from 0."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """One open document; `lines` keep their line ends and are never empty."""

    uri: str
    language_id: str
    version: int
    lines: list[str] = field(default_factory=lambda: [""])

    def place(self, position: types.Position, encoding: types.PositionEncodingKind) -> Place:
        """Convert a position; one past the end of its line or of the document is clamped."""
        if position.line >= len(self.lines):
            return Place(len(self.lines) - 1, len(self.lines[-1]))
        content = without_line_end(self.lines[position.line])
        return Place(position.line, index_from_units(content, position.character, encoding))

    def edit(
        self,
        change: types.TextDocumentContentChangeEvent,
        encoding: types.PositionEncodingKind,
    ) -> None:
        """Apply one content change, at a cost that grows with the change and not the document."""
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            self.lines = split_lines(change.text)
            return
        start = self.place(change.range.start, encoding)
        end = self.place(change.range.end, encoding)
        if (end.line, end.column) < (start.line, start.column):
            start, end = end, start
        before = self.lines[start.line][: start.column]
        after = self.lines[end.line][end.column :]
        first, replacement = start.line, before + change.text + after
        if first and replacement.startswith("\n") and self.lines[first - 1].endswith("\r"):
            # The edit joined a CR and an LF into one line end.
            first -= 1
            replacement = self.lines[first] + replacement
        new = split_lines(replacement)
        if end.line < len(self.lines) - 1 and new[-1] == "":
            new.pop()
        self.lines[first : end.line + 1] = new

    def offset(self, place: Place) -> int:
        """Characters from the beginning of the document to a place."""
        return sum(len(line) for line in self.lines[: place.line]) + place.column

    def span(self, start: int, end: int, encoding: types.PositionEncodingKind) -> types.Range:
        """The LSP range between two offsets."""
        return types.Range(self._position(start, encoding), self._position(end, encoding))

    def _position(self, offset: int, encoding: types.PositionEncodingKind) -> types.Position:
        for number, line in enumerate(self.lines):
            if offset < len(line) or number == len(self.lines) - 1:
                return types.Position(number, units_of(line[:offset], encoding))
            offset -= len(line)
        return types.Position(0, 0)

    def before(self, place: Place, limit: int) -> str:
        """At most `limit` characters of text before a place, the nearest ones."""
        pieces = [self.lines[place.line][: place.column]]
        size = len(pieces[0])
        for line in range(place.line - 1, -1, -1):
            if size >= limit:
                break
            pieces.append(self.lines[line])
            size += len(self.lines[line])
        text = "".join(reversed(pieces))
        return text[max(0, len(text) - limit) :]

    def after(self, place: Place, limit: int) -> str:
        """At most `limit` characters of text after a place, the nearest ones."""
        pieces = [self.lines[place.line][place.column :]]
        size = len(pieces[0])
        for line in range(place.line + 1, len(self.lines)):
            if size >= limit:
                break
            pieces.append(self.lines[line])
            size += len(self.lines[line])
        return "".join(pieces)[:limit]

    def text_in(self, span: types.Range, encoding: types.PositionEncodingKind) -> str:
        """The text of a range."""
        start, end = self.place(span.start, encoding), self.place(span.end, encoding)
        if start.line == end.line:
            return self.lines[start.line][start.column : end.column]
        middle = self.lines[start.line + 1 : end.line]
        first, last = self.lines[start.line][start.column :], self.lines[end.line][: end.column]
        return "".join([first, *middle, last])

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.lines)


class Documents:
    """The open documents by URI; a closed one is dropped."""

    def __init__(self) -> None:
        self.encoding = types.PositionEncodingKind.Utf16
        self._open: dict[str, Document] = {}

    def get(self, uri: str) -> Document | None:
        """The open document of that URI, if there is one."""
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> None:
        """Take over a document the editor has opened."""
        self._open[item.uri] = Document(
            item.uri, item.language_id, item.version, split_lines(item.text)
        )

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply the editor's changes in order; changes to an unknown document are ignored."""
        document = self._open.get(params.text_document.uri)
        if document is None:
            return
        document.version = params.text_document.version
        for change in params.content_changes:
            document.edit(change, self.encoding)

    def close(self, uri: str) -> None:
        """Drop a document."""
        self._open.pop(uri, None)
