"""Parameters read as clients write them, where strict types would refuse or change them.

lsprotocol's converter turns a null text into "None" and refuses a whole `initialize` for one
unknown enum value. What decides about the text that is sent, or whether there is a server at all,
is read here by hand; everything else goes through the converter.
"""

from collections.abc import Callable
from typing import Any, get_args

import attrs
from cattrs import Converter
from lsprotocol import types
from pydantic.alias_generators import to_camel
from pygls.uris import to_fs_path

_LARGEST = 2**31 - 1


def read_params(method: str, params: Any, converter: Converter) -> Any:
    """Give the parameters of a method as LSP's own type; those of a custom method as they are.

    Raises any exception for parameters that cannot be read.
    """
    if method == types.INITIALIZE:
        return _initialize(params, converter)
    if (reader := _READERS.get(method)) is not None:
        return reader(params)
    kind: Any = types.METHOD_TO_TYPES[method][2] if method in types.METHOD_TO_TYPES else None
    if kind is None:
        return params
    return converter.structure({} if params is None else params, kind)


def uri_of(params: Any, document_key: str) -> str | None:
    """The URI of the document that parameters speak of, if that much can be read."""
    document = params.get(document_key) if isinstance(params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    return uri if isinstance(uri, str) else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return int(min(max(value, 0), _LARGEST))


def _version(item: dict[str, Any]) -> int:
    # Null or missing in some clients; no text depends on it.
    value = item.get("version")
    return _number(value) if isinstance(value, int) else 0


def _position(value: Any) -> types.Position:
    return types.Position(_number(value["line"]), _number(value["character"]))


def _range(value: Any) -> types.Range:
    if isinstance(value, list):  # vscode.Range's own form in JSON
        start, end = value
        return types.Range(_position(start), _position(end))
    return types.Range(_position(value["start"]), _position(value["end"]))


def _did_open(params: Any) -> types.DidOpenTextDocumentParams:
    return types.DidOpenTextDocumentParams(_item(params["textDocument"]))


def _item(item: Any) -> types.TextDocumentItem:
    language = item.get("languageId")
    return types.TextDocumentItem(
        uri=_text(item["uri"]),
        language_id=language if isinstance(language, str) else "",
        version=_version(item),
        text=_text(item["text"]),
    )


def _did_change(params: Any) -> types.DidChangeTextDocumentParams:
    return types.DidChangeTextDocumentParams(
        _versioned(params["textDocument"]), [_change(each) for each in params["contentChanges"]]
    )


def _versioned(item: Any) -> types.VersionedTextDocumentIdentifier:
    return types.VersionedTextDocumentIdentifier(version=_version(item), uri=_text(item["uri"]))


def _change(change: Any) -> types.TextDocumentContentChangeEvent:
    # `rangeLength` says nothing that the range does not, and is wrong in some clients.
    text = _text(change["text"])
    if change.get("range") is None:
        return types.TextDocumentContentChangeWholeDocument(text)
    return types.TextDocumentContentChangePartial(_range(change["range"]), text)


def _did_close(params: Any) -> types.DidCloseTextDocumentParams:
    return types.DidCloseTextDocumentParams(_identifier(params["textDocument"]))


def _identifier(item: Any) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(_text(item["uri"]))


def _notebook_did_open(params: Any) -> types.DidOpenNotebookDocumentParams:
    notebook = params["notebookDocument"]
    kind = notebook.get("notebookType")
    return types.DidOpenNotebookDocumentParams(
        types.NotebookDocument(
            uri=_text(notebook["uri"]),
            notebook_type=kind if isinstance(kind, str) else "",
            version=_version(notebook),
            cells=[_cell(cell) for cell in notebook["cells"]],
        ),
        [_item(item) for item in params["cellTextDocuments"]],
    )


def _cell(cell: Any) -> types.NotebookCell:
    # What a later version of LSP may add is no code.
    is_code = cell.get("kind") == types.NotebookCellKind.Code.value
    kind = types.NotebookCellKind.Code if is_code else types.NotebookCellKind.Markup
    return types.NotebookCell(kind=kind, document=_text(cell["document"]))


def _notebook_did_change(params: Any) -> types.DidChangeNotebookDocumentParams:
    notebook = params["notebookDocument"]
    cells = params["change"].get("cells") or {}
    structure = cells.get("structure")
    contents = [
        types.NotebookDocumentCellContentChanges(
            _versioned(each["document"]), [_change(change) for change in each["changes"]]
        )
        for each in cells.get("textContent") or ()
    ]
    changes = types.NotebookDocumentCellChanges(
        structure=None if structure is None else _structure(structure), text_content=contents
    )
    return types.DidChangeNotebookDocumentParams(
        types.VersionedNotebookDocumentIdentifier(_version(notebook), _text(notebook["uri"])),
        types.NotebookDocumentChangeEvent(cells=changes),
    )


def _structure(structure: Any) -> types.NotebookDocumentCellChangeStructure:
    array = structure["array"]
    return types.NotebookDocumentCellChangeStructure(
        types.NotebookCellArrayChange(
            _number(array["start"]),
            _number(array["deleteCount"]),
            [_cell(cell) for cell in array.get("cells") or ()],
        ),
        did_open=[_item(item) for item in structure.get("didOpen") or ()],
        did_close=[_identifier(item) for item in structure.get("didClose") or ()],
    )


def _notebook_did_close(params: Any) -> types.DidCloseNotebookDocumentParams:
    return types.DidCloseNotebookDocumentParams(
        types.NotebookDocumentIdentifier(_text(params["notebookDocument"]["uri"])),
        [_identifier(item) for item in params.get("cellTextDocuments") or ()],
    )


def _inline_completion(params: Any) -> types.InlineCompletionParams:
    token = params.get("workDoneToken")
    return types.InlineCompletionParams(
        context=_context(params.get("context")),
        text_document=types.TextDocumentIdentifier(_text(params["textDocument"]["uri"])),
        position=_position(params["position"]),
        work_done_token=token if isinstance(token, str | int) else None,
    )


def _context(value: Any) -> types.InlineCompletionContext:
    context = value if isinstance(value, dict) else {}
    kinds = types.InlineCompletionTriggerKind
    # vscode-languageclient 9 sends VS Code's own numbers, in which 0 is an explicit request.
    is_automatic = context.get("triggerKind") == kinds.Automatic.value
    selected = context.get("selectedCompletionInfo")
    return types.InlineCompletionContext(
        kinds.Automatic if is_automatic else kinds.Invoked,
        None
        if selected is None
        else types.SelectedCompletionInfo(_range(selected["range"]), _text(selected["text"])),
    )


def _did_change_configuration(params: Any) -> types.DidChangeConfigurationParams:
    settings = params.get("settings") if isinstance(params, dict) else None
    return types.DidChangeConfigurationParams(settings=settings)


_READERS: dict[str, Callable[[Any], Any]] = {
    types.TEXT_DOCUMENT_DID_OPEN: _did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: _did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: _did_close,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: _notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: _notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: _notebook_did_close,
    types.TEXT_DOCUMENT_INLINE_COMPLETION: _inline_completion,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: _did_change_configuration,
    types.INITIALIZED: lambda _: types.InitializedParams(),
}


def _initialize(params: Any, converter: Converter) -> types.InitializeParams:
    given = params if isinstance(params, dict) else {}
    given = {**given, "capabilities": given.get("capabilities") or {}}
    if not _is_location(given.get("rootUri")):
        given["rootUri"] = None
    try:
        return converter.structure(given, types.InitializeParams)
    except Exception:  # noqa: BLE001 - cattrs raises whatever its hooks raise
        kept = {"capabilities": {}, **_salvage(given, types.InitializeParams, converter)}
        return converter.structure(kept, types.InitializeParams)


def _is_location(uri: object) -> bool:
    """Tell whether pygls can make a path of a root; it refuses the whole `initialize` otherwise."""
    if not isinstance(uri, str):
        return uri is None
    try:
        to_fs_path(uri)
    except ValueError:
        return False
    return True


def _salvage(given: dict[str, Any], kind: type[Any], converter: Converter) -> dict[str, Any]:
    """Keep of an LSP object every field that can be read, down to the smallest."""
    kept = {}
    for field in attrs.fields(kind):
        name = to_camel(field.name)
        value = _readable(given.get(name), field.type, converter)
        if value is not None:
            kept[name] = value
    return kept


def _readable(value: Any, kind: Any, converter: Converter) -> Any:
    """Give what can be read of a value, or None."""
    if value is None or _can_be_read(value, kind, converter):
        return value
    nested = next((k for k in (kind, *get_args(kind)) if attrs.has(k)), None)
    if nested is None or not isinstance(value, dict):
        return None
    part = _salvage(value, nested, converter)
    return part if _can_be_read(part, nested, converter) else None


def _can_be_read(value: Any, kind: Any, converter: Converter) -> bool:
    try:
        converter.structure(value, kind)
    except Exception:  # noqa: BLE001 - cattrs raises whatever its hooks raise
        return False
    return True
