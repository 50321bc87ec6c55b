"""Edits in the form that the client at hand understands, and how they are applied."""

from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.documents import Document
from lsp_server.edits.differences import Replacement
from lsp_server.server import ForetypeServer

_LABEL = "Foretype"


def workspace_edit(
    ls: ForetypeServer, document: Document, replacements: Sequence[Replacement]
) -> types.WorkspaceEdit:
    """Change an open document; with its version, where the client checks it."""
    encoding = ls.documents.encoding
    edits = [
        types.TextEdit(document.span(each.start, each.end, encoding), each.text)
        for each in replacements
    ]
    if not _client(ls).document_changes:
        return types.WorkspaceEdit(changes={document.uri: edits} if edits else {})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    changes = [types.TextDocumentEdit(identifier, edits)] if edits else []
    return types.WorkspaceEdit(document_changes=changes)


def new_file(uri: str, text: str) -> types.WorkspaceEdit:
    """Create a file that does not exist yet."""
    options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri, None)
    start = types.Position(0, 0)
    content = types.TextDocumentEdit(identifier, [types.TextEdit(types.Range(start, start), text)])
    return types.WorkspaceEdit(document_changes=[types.CreateFile(uri, options=options), content])


def can_create_files(ls: ForetypeServer) -> bool:
    """Tell whether the client creates files as part of an edit."""
    return types.ResourceOperationKind.Create in (_client(ls).resource_operations or ())


async def apply_edit(ls: ForetypeServer, edit: types.WorkspaceEdit) -> bool:
    """Have the client make an edit; false when it cannot or will not."""
    workspace = ls.client_capabilities.workspace
    if workspace is None or not workspace.apply_edit or not (edit.changes or edit.document_changes):
        return False
    params = types.ApplyWorkspaceEditParams(edit=edit, label=_LABEL)
    try:
        return (await ls.workspace_apply_edit_async(params)).applied
    except JsonRpcException:
        return False


def _client(ls: ForetypeServer) -> types.WorkspaceEditClientCapabilities:
    workspace = ls.client_capabilities.workspace
    found = workspace.workspace_edit if workspace else None
    return found or types.WorkspaceEditClientCapabilities()
