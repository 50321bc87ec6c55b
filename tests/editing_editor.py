"""An editor that holds a document, applies what the server asks for, and tells it of each edit."""

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from lsp_server.documents import Document, Place, split_lines
from tests.lsp_client import Client

Adjust = Callable[[types.ClientCapabilities], object]


def checks_versions(capabilities: types.ClientCapabilities) -> None:
    """A client that takes versioned edits."""
    edits = edit_capabilities(capabilities)
    edits.document_changes = True


def edit_capabilities(
    capabilities: types.ClientCapabilities,
) -> types.WorkspaceEditClientCapabilities:
    assert capabilities.workspace is not None
    assert capabilities.workspace.workspace_edit is not None
    return capabilities.workspace.workspace_edit


class Buffer:
    """One open document of a client; « and » in the first text mark what is selected."""

    def __init__(self, client: Client, uri: str, marked: str, language_id: str = "python") -> None:
        before, _, rest = marked.partition("«")
        selected, _, after = rest.partition("»")
        self.client, self.uri = client, uri
        text = before + selected + after
        self.document = Document(uri, language_id, 1, split_lines(text))
        encoding = client.initialized_with.capabilities.position_encoding
        self.encoding = types.PositionEncodingKind(encoding or "utf-16")
        start = len(before)
        self.range = self.document.span(start, start + len(selected), self.encoding)
        self.applied: list[types.WorkspaceEdit] = []
        self.created: dict[str, str] = {}
        self.will_apply = True
        client.open(uri, text, language_id)

        def apply_edit(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            if self.will_apply:
                self.apply(params.edit)
            return types.ApplyWorkspaceEditResult(applied=self.will_apply)

        client.feature(types.WORKSPACE_APPLY_EDIT)(apply_edit)

    @property
    def text(self) -> str:
        return self.document.text

    def edit(self, old: str, new: str) -> None:
        """Replace a piece of the text by hand, and tell the server."""
        start = self.text.index(old)
        span = self.document.span(start, start + len(old), self.encoding)
        self._change([types.TextEdit(span, new)])

    def insert(self, line: int, text: str) -> None:
        """Put text at the beginning of a line, and tell the server."""
        offset = self.document.offset(Place(line, 0))
        self._change([types.TextEdit(self.document.span(offset, offset, self.encoding), text)])

    def replace_all(self, text: str) -> None:
        """Send the whole text anew, as some clients do with every change."""
        self.document.lines = split_lines(text)
        self.document.version += 1
        self._tell([types.TextDocumentContentChangeWholeDocument(text)])

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Do what a workspace edit says, as strictly as LSP has it."""
        self.applied.append(edit)
        for uri, edits in (edit.changes or {}).items():
            assert uri == self.uri
            self._change(list(edits))
        for change in edit.document_changes or ():
            if isinstance(change, types.CreateFile):
                self.created[change.uri] = ""
            elif isinstance(change, types.TextDocumentEdit):
                self._apply_to_document(change)

    def _apply_to_document(self, change: types.TextDocumentEdit) -> None:
        edits: list[Any] = list(change.edits)
        if change.text_document.uri in self.created:
            self.created[change.text_document.uri] = "".join(edit.new_text for edit in edits)
            return
        assert change.text_document.uri == self.uri
        assert change.text_document.version == self.document.version
        self._change(edits)

    def _change(self, edits: list[types.TextEdit]) -> None:
        changes = [
            types.TextDocumentContentChangePartial(edit.range, edit.new_text)
            for edit in reversed(edits)
        ]
        for change in changes:
            self.document.edit(change, self.encoding)
        self.document.version += 1
        self._tell(list(changes))

    def _tell(self, changes: list[types.TextDocumentContentChangeEvent]) -> None:
        identifier = types.VersionedTextDocumentIdentifier(self.document.version, self.uri)
        params = types.DidChangeTextDocumentParams(identifier, changes)
        self.client.text_document_did_change(params)

    def argument(self, instruction: str, **more: Any) -> dict[str, Any]:
        """The argument of `foretype.edit` for what is selected."""
        span = {
            "start": {"line": self.range.start.line, "character": self.range.start.character},
            "end": {"line": self.range.end.line, "character": self.range.end.character},
        }
        return {"uri": self.uri, "range": span, "instruction": instruction, **more}
