"""Notebooks in a real server process: what a model is shown of a cell's neighbours."""

from collections.abc import Sequence
from typing import Any

import pytest
from lsprotocol import types

from lsp_server.documents import Documents, Place
from lsp_server.notebooks import Notebooks
from tests.fake_model_server import FakeModelServer, Request, chats, completes, routes
from tests.lsp_client import SERVE, Client, connected, make_client
from tests.test_lsp_server_requests import answered, error_of, settings_for
from tests.typist import Typist

NOTEBOOK = "file:///work/n.ipynb"
CODE, PROSE = types.NotebookCellKind.Code, types.NotebookCellKind.Markup
MODEL = routes({"/v1/completions": completes("42"), "/v1/chat/completions": chats("Fine.")})


def cell_uri(name: str) -> str:
    return f"vscode-notebook-cell:/work/n.ipynb#{name}"


def item(name: str, text: str, language_id: str = "python") -> types.TextDocumentItem:
    return types.TextDocumentItem(cell_uri(name), language_id, 1, text)


def cell(name: str, kind: types.NotebookCellKind = CODE) -> types.NotebookCell:
    return types.NotebookCell(kind=kind, document=cell_uri(name))


def opening(
    cells: Sequence[types.NotebookCell],
    items: Sequence[types.TextDocumentItem],
    uri: str = NOTEBOOK,
) -> types.DidOpenNotebookDocumentParams:
    notebook = types.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    return types.DidOpenNotebookDocumentParams(notebook, items)


def change(
    client: Client,
    *,
    array: types.NotebookCellArrayChange | None = None,
    opened: Sequence[types.TextDocumentItem] = (),
    closed: Sequence[str] = (),
    texts: Sequence[tuple[str, types.TextDocumentContentChangeEvent]] = (),
) -> None:
    structure = None
    if array is not None:
        gone = [types.TextDocumentIdentifier(cell_uri(name)) for name in closed]
        structure = types.NotebookDocumentCellChangeStructure(array, opened, gone)
    contents = [
        types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(2, cell_uri(name)), [text]
        )
        for name, text in texts
    ]
    cells = types.NotebookDocumentCellChanges(structure, text_content=contents)
    client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(
            types.VersionedNotebookDocumentIdentifier(2, NOTEBOOK),
            types.NotebookDocumentChangeEvent(cells=cells),
        )
    )


def closing(names: Sequence[str]) -> types.DidCloseNotebookDocumentParams:
    cells = [types.TextDocumentIdentifier(cell_uri(name)) for name in names]
    return types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(NOTEBOOK), cells)


def shown(request: Request) -> str:
    prompt = request.body["prompt"]
    assert isinstance(prompt, str)
    return prompt


def around(before: str, after: str) -> str:
    return f"<fim_prefix>{before}<fim_suffix>{after}<fim_middle>"


def open_five(client: Client) -> None:
    client.notebook_document_did_open(
        opening(
            [cell("a"), cell("text", PROSE), cell("b"), cell("sql"), cell("c")],
            [
                item("a", "import os"),
                item("text", "# Title", "markdown"),
                item("b", "x = "),
                item("sql", "select 1", "sql"),
                item("c", "print(x)\n"),
            ],
        )
    )


async def test_every_notebook_with_all_its_cells_is_announced() -> None:
    client = make_client()
    await client.start_io(*SERVE)
    sync = types.NotebookDocumentSyncClientCapabilities()
    notebooks = types.NotebookDocumentClientCapabilities(sync)
    capabilities = types.ClientCapabilities(notebook_document=notebooks)
    client.capabilities = capabilities
    answer = await client.initialize_async(types.InitializeParams(capabilities=capabilities))
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call] # pygls 2.1

    announced = answer.capabilities.notebook_document_sync
    assert announced is not None
    (selector,) = announced.notebook_selector
    assert isinstance(selector, types.NotebookDocumentFilterWithNotebook)
    assert selector.notebook == "*"
    assert selector.cells is None


async def test_a_cell_is_completed_between_the_code_of_its_language_above_and_below() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        open_five(c)
        answer = await answered(c.ask(cell_uri("b"), 0, 4))

        assert answer.items[0].insert_text == "42"
        assert shown(model.requests[-1]) == around("import os\nx = ", "\nprint(x)\n")


async def test_prose_is_shown_prose() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        c.notebook_document_did_open(
            opening(
                [cell("a", PROSE), cell("b"), cell("c", PROSE)],
                [item("a", "# A\n", "markdown"), item("b", "1"), item("c", "## ", "markdown")],
            )
        )
        await answered(c.ask(cell_uri("c"), 0, 3))

        assert shown(model.requests[-1]) == around("# A\n## ", "")


async def test_cells_that_are_moved_edited_added_and_removed_are_shown_as_they_are_now() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        open_five(c)
        whole = types.TextDocumentContentChangeWholeDocument
        span = types.Range(types.Position(0, 7), types.Position(0, 9))
        part = types.TextDocumentContentChangePartial(span, "sys")
        change(c, texts=[("a", part), ("c", whole("y = x\r\n"))])
        await answered(c.ask(cell_uri("b"), 0, 4))
        assert shown(model.requests[-1]) == around("import sys\nx = ", "\ny = x\n")

        # `a` goes, `c` comes to stand first, a new cell last.
        change(
            c,
            array=types.NotebookCellArrayChange(0, 5, [cell("c"), cell("b"), cell("new")]),
            opened=[item("new", "z = 1")],
            closed=["a", "text", "sql"],
        )
        await answered(c.ask(cell_uri("b"), 0, 4))
        assert shown(model.requests[-1]) == around("y = x\nx = ", "\nz = 1")
        assert await answered(c.ask(cell_uri("a"), 0, 0)) is None


async def test_typing_along_in_a_cell_asks_no_model_again() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        open_five(c)
        first = await answered(c.ask(cell_uri("b"), 0, 4, automatic=True))
        assert first.items[0].insert_text == "42"
        at = types.Position(0, 4)
        typed = types.TextDocumentContentChangePartial(types.Range(at, at), "4")
        change(c, texts=[("b", typed)])
        second = await answered(c.ask(cell_uri("b"), 0, 5, automatic=True))

        assert second.items[0].insert_text == "42"
        assert len(model.requests) == 1


async def test_the_nearest_cells_are_shown_within_the_models_budget() -> None:
    settings = settings_for("")
    window = {"maxInputTokens": 120, "maxOutputTokens": 100}
    settings["modelConfiguration"]["modelOverrides"][0]["contextWindow"] = window
    server = settings["modelConfiguration"]["providerOverrides"][0]["serverSideConfig"]
    async with FakeModelServer(MODEL) as model:
        server["endpoints"] = [{"url": model.url}]
        async with connected(settings=settings) as c:
            names = [f"cell{number}" for number in range(200)]
            c.notebook_document_did_open(
                opening([cell(n) for n in names], [item(n, f"{n} = {n}") for n in names])
            )
            await answered(c.ask(cell_uri("cell100"), 0, 0))

    prompt = shown(model.requests[-1])
    assert "cell99 = cell99\n<fim_suffix>cell100 = cell100" in prompt
    assert "cell80" not in prompt
    assert len(prompt) < 200


async def test_cells_are_attached_to_a_chat_and_gone_with_their_notebook() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        open_five(c)
        asked = {
            "messages": [{"role": "user", "content": "Why?"}],
            "context": [{"uri": cell_uri("sql")}],
        }
        await answered(c.command("foretype.chat", asked))
        assert "```sql\nselect 1\n```" in model.requests[-1].body["messages"][0]["content"]

        c.notebook_document_did_close(closing([]))
        refused = await error_of(c.command("foretype.chat", asked))
        assert "Open vscode-notebook-cell:" in refused.message


@pytest.mark.parametrize("uri", [NOTEBOOK, "notebook-42:cells?7"], ids=["file", "opaque"])
async def test_no_cell_of_an_excluded_notebook_is_sent(uri: str) -> None:
    settings = settings_for("http://127.0.0.1:1/v1")
    settings["inlineCompletion"]["excludedFiles"] = ["**/n.ipynb"]
    async with FakeModelServer(MODEL) as model:
        settings["modelConfiguration"]["providerOverrides"][0]["serverSideConfig"]["endpoints"] = [
            {"url": model.url}
        ]
        async with connected(settings=settings) as c:
            own = types.TextDocumentItem(uri, "python", 1, "x = ")
            cells = [types.NotebookCell(kind=CODE, document=uri)]
            c.notebook_document_did_open(opening(cells, [own]))
            asked: dict[str, Any] = {
                "messages": [{"role": "user", "content": "?"}],
                "context": [{"uri": uri}],
            }

            assert await answered(c.ask(uri, 0, 4)) is None
            assert "excluded" in (await error_of(c.command("foretype.chat", asked))).message
        assert model.requests == []


async def test_a_change_that_cannot_be_read_loses_its_notebook_and_nothing_else() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        open_five(c)
        c.open("file:///work/other.py", "y = ")
        broken = {"notebookDocument": {"uri": NOTEBOOK}, "change": {"cells": {"textContent": [1]}}}
        c.protocol._send_data(
            {"jsonrpc": "2.0", "method": "notebookDocument/didChange", "params": broken}
        )

        assert await answered(c.ask(cell_uri("b"), 0, 4)) is None
        assert (await answered(c.ask("file:///work/other.py", 0, 4))).items


async def test_a_user_types_through_a_suggestion_in_a_file_as_before() -> None:
    async with FakeModelServer(MODEL) as model, connected(settings=settings_for(model.url)) as c:
        user = Typist(c, "file:///work/file.py", "x = |")
        assert await user.shown() == "42"
        user.type("4")
        assert await user.shown() == "2"
        assert len(model.requests) == 1


def test_closed_notebooks_leave_nothing_behind() -> None:
    documents = Documents()
    notebooks = Notebooks(documents)
    events = notebooks.open(opening([cell("a"), cell("b")], [item("a", "1"), item("b", "2")]))
    for each in events.opened:
        documents.open(each.text_document)
    below = documents.get(cell_uri("b"))
    assert below is not None
    assert below.before(Place(0, 0), 10) == "1\n"

    gone = notebooks.close(closing(["b"])).closed

    assert [each.text_document.uri for each in gone] == [cell_uri("a"), cell_uri("b")]
    assert notebooks.notebook_of(cell_uri("a")) is None
    assert below.before(Place(0, 0), 10) == ""


def test_a_notebook_of_many_empty_cells_is_read_without_end() -> None:
    documents = Documents()
    notebooks = Notebooks(documents)
    names = [str(number) for number in range(5_000)]
    events = notebooks.open(opening([cell(n) for n in names], [item(n, "") for n in names]))
    for each in events.opened:
        documents.open(each.text_document)
    last = documents.get(cell_uri("4999"))

    assert last is not None
    assert last.before(Place(0, 0), 100) == ""
