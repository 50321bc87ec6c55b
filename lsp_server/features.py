"""The closed list of what the server answers, and the handler of each."""

from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types

from config.redaction import redacted
from lsp_server.actions.listing import list_actions
from lsp_server.actions.offers import ACTION_KINDS, is_wanted
from lsp_server.actions.resolving import resolve_action
from lsp_server.actions.showing import chat_and_show
from lsp_server.chat.handler import chat
from lsp_server.completion_menu import menu_completion
from lsp_server.configuration import Invocation, as_json
from lsp_server.configuration_editing import ConfigurationEditing
from lsp_server.copilot.connecting import CopilotClients
from lsp_server.edits.command import edit
from lsp_server.keystrokes import accept, follow_edit
from lsp_server.lifecycle import Lifecycle
from lsp_server.notebooks import CellEvents
from lsp_server.selection import SelectArgument
from lsp_server.server import ForetypeServer
from lsp_server.status import default_models, status
from lsp_server.uris import path_of


def build_server(invocation: Invocation) -> ForetypeServer:
    """Give a server that is ready to be started, with its configuration still to be loaded."""
    server = ForetypeServer()
    lifecycle = Lifecycle(server, invocation)
    server.recover = lifecycle.recover
    editing = ConfigurationEditing(server, lifecycle)
    copilot = CopilotClients(server, lifecycle)
    _connect_lifecycle(server, lifecycle, copilot, editing)
    _connect_documents(server, editing)
    _connect_requests(server, copilot)
    _connect_editing(server, editing)
    _connect_commands(server)
    _connect_configuration_commands(server, lifecycle, editing)
    return server


def _connect_lifecycle(
    server: ForetypeServer,
    lifecycle: Lifecycle,
    copilot: CopilotClients,
    editing: ConfigurationEditing,
) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(ls: ForetypeServer, params: types.InitializeParams) -> None:
        ls.documents.encoding = types.PositionEncodingKind(ls.workspace.position_encoding)
        lifecycle.take_initial(copilot.greet(params.initialization_options))

    @server.feature(types.INITIALIZED)
    async def initialized(ls: ForetypeServer, params: types.InitializedParams) -> None:
        await lifecycle.reload()
        editing.checked_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def changed(ls: ForetypeServer, params: types.DidChangeConfigurationParams) -> None:
        lifecycle.take_pushed(params.settings)
        await lifecycle.reload()
        editing.checked_again()
        await copilot.take_settings(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(ls: ForetypeServer, params: types.DidChangeWatchedFilesParams) -> None:
        if lifecycle.watch.path in {path_of(change.uri) for change in params.changes}:
            await lifecycle.reload()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: ForetypeServer, params: types.DidSaveTextDocumentParams) -> None:
        if lifecycle.watch.path == path_of(params.text_document.uri):
            await lifecycle.reload()

    @server.feature(types.SHUTDOWN)
    async def shutdown(ls: ForetypeServer, params: None) -> None:
        copilot.close()
        await lifecycle.close()


def _connect_documents(server: ForetypeServer, editing: ConfigurationEditing) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: ForetypeServer, params: types.DidOpenTextDocumentParams) -> None:
        ls.documents.open(params.text_document)
        ls.nearby.used(params.text_document.uri)
        editing.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: ForetypeServer, params: types.DidChangeTextDocumentParams) -> None:
        ls.documents.change(params)
        ls.nearby.used(params.text_document.uri)
        follow_edit(ls, params)
        editing.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: ForetypeServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.latest.cancel(params.text_document.uri)
        ls.engine.forget(params.text_document.uri)
        ls.documents.close(params.text_document.uri)
        ls.nearby.closed(params.text_document.uri)
        editing.closed(params.text_document.uri)

    def apply(ls: ForetypeServer, events: CellEvents) -> None:
        for cell_closed in events.closed:
            closed(ls, cell_closed)
        for cell_opened in events.opened:
            opened(ls, cell_opened)
        for cell_changed in events.changed:
            changed(ls, cell_changed)

    _connect_notebooks(server, apply)


def _connect_notebooks(
    server: ForetypeServer, apply: Callable[[ForetypeServer, CellEvents], None]
) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(ls: ForetypeServer, params: types.DidOpenNotebookDocumentParams) -> None:
        apply(ls, ls.notebooks.open(params))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(ls: ForetypeServer, params: types.DidChangeNotebookDocumentParams) -> None:
        apply(ls, ls.notebooks.change(params))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(ls: ForetypeServer, params: types.DidCloseNotebookDocumentParams) -> None:
        apply(ls, ls.notebooks.close(params))


def _connect_requests(server: ForetypeServer, copilot: CopilotClients) -> None:
    # An options object that is not empty: lsp-mode reads `{}` as nil.
    options = types.InlineCompletionOptions(work_done_progress=False)

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, options)
    async def inline_completion(
        ls: ForetypeServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList | None:
        return await copilot.inline_completion(ls, params)

    @server.feature("foretype/chat")
    async def chat_request(ls: ForetypeServer, params: Any) -> dict[str, Any]:
        return await chat_and_show(ls, params, chat)

    @server.feature("foretype/edit")
    async def edit_request(ls: ForetypeServer, params: Any) -> dict[str, Any]:
        return await edit(ls, params)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancelled(ls: ForetypeServer, params: types.WorkDoneProgressCancelParams) -> None:
        ls.tokens.cancel(params.token)


def _connect_editing(server: ForetypeServer, editing: ConfigurationEditing) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(ls: ForetypeServer, params: types.HoverParams) -> types.Hover | None:
        return editing.hover(params)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"'])
    )
    async def completion(
        ls: ForetypeServer, params: types.CompletionParams
    ) -> types.CompletionList | None:
        return editing.completion(params) or await menu_completion(ls, params)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=ACTION_KINDS, resolve_provider=True),
    )
    async def actions(
        ls: ForetypeServer, params: types.CodeActionParams
    ) -> Sequence[types.CodeAction | types.Command]:
        if editing.document(params.text_document.uri) is None:
            return await list_actions(ls, params)
        is_asked = is_wanted(types.CodeActionKind.QuickFix.value, params.context.only)
        return editing.quick_fixes(params) if is_asked else []

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(ls: ForetypeServer, action: types.CodeAction) -> types.CodeAction:
        return await resolve_action(ls, action)


def _connect_configuration_commands(
    server: ForetypeServer, lifecycle: Lifecycle, editing: ConfigurationEditing
) -> None:
    @server.command("foretype.reload")
    async def reload(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        loaded = await lifecycle.reload()
        editing.checked_again()
        async with ls.session.use() as session:
            revision = session.configuration.revision
        return {"revision": revision, "problems": [as_json(p) for p in loaded.problems]}

    @server.command("foretype.selectModel")
    async def select_model(ls: ForetypeServer, argument: Any) -> dict[str, str | None]:
        chosen = SelectArgument.model_validate(argument)
        configuration = await lifecycle.select(chosen.feature, chosen.model_ref)
        return default_models(configuration.default_models)


def _connect_commands(server: ForetypeServer) -> None:
    @server.command("foretype.chat")
    async def chat_command(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        return await chat_and_show(ls, argument, chat)

    @server.command("foretype.edit")
    async def edit_command(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        return await edit(ls, argument)

    @server.command("foretype.accept")
    async def accepted(ls: ForetypeServer, argument: Any) -> None:
        accept(ls, str(argument))

    @server.command("foretype.status")
    async def status_command(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        return await status(ls)

    @server.command("foretype.models")
    async def models(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        async with ls.session.use() as session:
            return redacted(session.configuration)
