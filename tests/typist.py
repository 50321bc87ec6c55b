"""A user at a keyboard: keeps an editor's text and cursor, and tells the server of each edit."""

import asyncio
from typing import Any

from lsprotocol import types

from tests.lsp_client import Client


class Typist:
    """Edits one document of a client; `|` in the first text is the cursor."""

    def __init__(self, client: Client, uri: str, marked: str, language_id: str = "python") -> None:
        before, _, after = marked.partition("|")
        self.client, self.uri = client, uri
        self.text, self.offset, self.version = before + after, len(before), 1
        item = types.TextDocumentItem(uri, language_id, 1, self.text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    @property
    def position(self) -> types.Position:
        return self._position(self.offset)

    @property
    def marked(self) -> str:
        return f"{self.text[: self.offset]}|{self.text[self.offset :]}"

    def type(self, text: str, *, closing: str = "") -> None:
        """Insert text at the cursor; `closing` is what the editor puts behind it by itself."""
        self.replace(self.offset, self.offset, text + closing, len(text))

    def delete(self, count: int = 1) -> None:
        """Press backspace."""
        self.replace(self.offset - count, self.offset, "", 0)

    def replace(self, start: int, end: int, text: str, moved: int) -> None:
        """Replace a range, and put the cursor `moved` characters behind its start."""
        span = types.Range(self._position(start), self._position(end))
        self.text = self.text[:start] + text + self.text[end:]
        self.offset = start + moved
        self.version += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, self.uri),
                [types.TextDocumentContentChangePartial(span, text)],
            )
        )

    def ask(self, *, automatic: bool = True) -> "asyncio.Future[Any]":
        """Ask for inline completion at the cursor."""
        at = self.position
        return self.client.ask(self.uri, at.line, at.character, automatic=automatic)  # type: ignore[no-any-return]

    async def shown(self, *, automatic: bool = True) -> str | None:
        """Ask, and give what the first item would put behind the cursor; None for no item."""
        answer = await asyncio.wait_for(self.ask(automatic=automatic), 30)
        if answer is None or not answer.items:
            return None
        item = answer.items[0]
        covered = self.text[self._offset(item.range.start) : self.offset]
        assert item.insert_text.startswith(covered)
        return str(item.insert_text[len(covered) :])

    def accept(self, item: types.InlineCompletionItem) -> None:
        """Put an item into the document, as an editor does."""
        assert isinstance(item.insert_text, str)
        assert item.range is not None
        start, end = self._offset(item.range.start), self._offset(item.range.end)
        self.replace(start, end, item.insert_text, len(item.insert_text))

    def _position(self, offset: int) -> types.Position:
        before = self.text[:offset]
        line_start = before.rfind("\n") + 1
        units = len(before[line_start:].encode("utf-16-le")) // 2
        return types.Position(before.count("\n"), units)

    def _offset(self, position: types.Position) -> int:
        lines = self.text.split("\n")
        line = lines[position.line].encode("utf-16-le")
        inside = len(line[: position.character * 2].decode("utf-16-le"))
        return sum(len(above) + 1 for above in lines[: position.line]) + inside
