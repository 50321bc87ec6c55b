"""Notebooks: which cells they have, in which order, and what a cell's neighbours say.

Every cell is a document of its own; to a model its notebook reads as one file would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from lsp_server.documents import Document, Documents, Place

# Every notebook, with all its cells.
ALL_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook(notebook="*")]
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's place in its notebook; its text is the document of that URI."""

    uri: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class CellEvents:
    """What a message about a notebook says of the documents that its cells are."""

    closed: Sequence[types.DidCloseTextDocumentParams] = ()
    opened: Sequence[types.DidOpenTextDocumentParams] = ()
    changed: Sequence[types.DidChangeTextDocumentParams] = ()


class Notebooks:
    """The open notebooks; a closed one is dropped."""

    def __init__(self, documents: Documents) -> None:
        documents.neighbours = self
        self._document = documents.get
        self._cells: dict[str, list[Cell]] = {}
        """By the notebook's URI."""
        self._notebook: dict[str, str] = {}
        """The notebook of each cell, both by URI."""

    def open(self, params: types.DidOpenNotebookDocumentParams) -> CellEvents:
        """Take over a notebook the editor has opened."""
        notebook = params.notebook_document
        gone = self._put(notebook.uri, [_cell(cell) for cell in notebook.cells])
        opened = [_opened(item) for item in params.cell_text_documents]
        return CellEvents(_closed(gone), opened)

    def change(self, params: types.DidChangeNotebookDocumentParams) -> CellEvents:
        """Put cells in and take cells out; those of an unknown notebook are ignored."""
        cells = params.change.cells or types.NotebookDocumentCellChanges()
        changed = [
            types.DidChangeTextDocumentParams(each.document, each.changes)
            for each in cells.text_content or ()
        ]
        if cells.structure is None:
            return CellEvents(changed=changed)
        gone = self._arrange(params.notebook_document.uri, cells.structure.array)
        gone += [item.uri for item in cells.structure.did_close or ()]
        opened = [_opened(item) for item in cells.structure.did_open or ()]
        return CellEvents(_closed(gone), opened, changed)

    def close(self, params: types.DidCloseNotebookDocumentParams) -> CellEvents:
        """Drop a notebook with all its cells."""
        uri = params.notebook_document.uri
        gone = self._put(uri, [])
        self._cells.pop(uri, None)
        return CellEvents(_closed([*gone, *(item.uri for item in params.cell_text_documents)]))

    def notebook_of(self, uri: str) -> str | None:
        """The URI of the notebook that a document is a cell of, if it is one."""
        return self._notebook.get(uri)

    def above(self, uri: str, limit: int) -> str:
        """At most `limit` characters of the cells above a cell, the nearest ones."""
        text = ""
        for cell in self._like(uri, is_above=True):
            if len(text) >= limit:
                break
            end = Place(len(cell.lines) - 1, len(cell.lines[-1]))
            text = cell.own_before(end, limit) + _line_end_after(cell) + text
        return text[max(0, len(text) - limit) :]

    def below(self, uri: str, limit: int) -> str:
        """At most `limit` characters of the cells below a cell, the nearest ones."""
        text, above = "", self._document(uri)
        for cell in self._like(uri, is_above=False):
            if above is None or len(text) >= limit:
                break
            text += _line_end_after(above) + cell.own_after(Place(0, 0), limit)
            above = cell
        return text[:limit]

    def _like(self, uri: str, *, is_above: bool) -> Iterator[Document]:
        """The cells on one side, from the nearest on, that hold the same language."""
        cells = self._cells.get(self._notebook.get(uri, ""), [])
        here = next((at for at, cell in enumerate(cells) if cell.uri == uri), None)
        itself = self._document(uri)
        if here is None or itself is None:
            return
        for cell in reversed(cells[:here]) if is_above else cells[here + 1 :]:
            document = self._document(cell.uri) if cell.is_code == cells[here].is_code else None
            if document is not None and document.language_id == itself.language_id:
                yield document

    def _arrange(self, uri: str, change: types.NotebookCellArrayChange) -> list[str]:
        """Change the list of cells and give those that are gone."""
        cells = self._cells.get(uri)
        if cells is None:
            return []
        added = [_cell(cell) for cell in change.cells or ()]
        kept = cells[change.start + change.delete_count :]
        return self._put(uri, [*cells[: change.start], *added, *kept])

    def _put(self, uri: str, cells: list[Cell]) -> list[str]:
        before = [cell.uri for cell in self._cells.get(uri, ())]
        for cell_uri in before:
            self._notebook.pop(cell_uri, None)
        self._cells[uri] = cells
        self._notebook.update((cell.uri, uri) for cell in cells)
        return [cell_uri for cell_uri in before if cell_uri not in self._notebook]


def _cell(cell: types.NotebookCell) -> Cell:
    return Cell(cell.document, cell.kind == types.NotebookCellKind.Code)


def _line_end_after(cell: Document) -> str:
    return "\n" if cell.lines[-1] else ""


def _opened(item: types.TextDocumentItem) -> types.DidOpenTextDocumentParams:
    return types.DidOpenTextDocumentParams(item)


def _closed(uris: Sequence[str]) -> list[types.DidCloseTextDocumentParams]:
    identifiers = map(types.TextDocumentIdentifier, dict.fromkeys(uris))
    return [types.DidCloseTextDocumentParams(identifier) for identifier in identifiers]
