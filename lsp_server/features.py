"""The closed list of what the server answers, and the handler of each."""

from typing import Any

from lsprotocol import types

from config.redaction import redacted
from lsp_server.chat import chat
from lsp_server.configuration import Invocation
from lsp_server.inline_completion import inline_completion
from lsp_server.lifecycle import Lifecycle
from lsp_server.server import ForetypeServer
from lsp_server.status import status


def build_server(invocation: Invocation) -> ForetypeServer:
    """Give a server that is ready to be started, with its configuration still to be loaded."""
    server = ForetypeServer()
    _connect_lifecycle(server, Lifecycle(server, invocation))
    _connect_documents(server)
    _connect_requests(server)
    _connect_commands(server)
    return server


def _connect_lifecycle(server: ForetypeServer, lifecycle: Lifecycle) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(ls: ForetypeServer, params: types.InitializeParams) -> None:
        ls.documents.encoding = types.PositionEncodingKind(ls.workspace.position_encoding)
        lifecycle.take_initial(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: ForetypeServer, params: types.InitializedParams) -> None:
        await lifecycle.reload()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def changed(ls: ForetypeServer, params: types.DidChangeConfigurationParams) -> None:
        await lifecycle.reload()

    @server.feature(types.SHUTDOWN)
    async def shutdown(ls: ForetypeServer, params: None) -> None:
        await lifecycle.close()


def _connect_documents(server: ForetypeServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: ForetypeServer, params: types.DidOpenTextDocumentParams) -> None:
        ls.documents.open(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: ForetypeServer, params: types.DidChangeTextDocumentParams) -> None:
        ls.documents.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: ForetypeServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.latest.cancel(params.text_document.uri)
        ls.documents.close(params.text_document.uri)


def _connect_requests(server: ForetypeServer) -> None:
    # An options object that is not empty: lsp-mode reads `{}` as nil.
    options = types.InlineCompletionOptions(work_done_progress=False)
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, options)(inline_completion)

    @server.feature("foretype/chat")
    async def chat_request(ls: ForetypeServer, params: Any) -> dict[str, Any]:
        return await chat(ls, params)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancelled(ls: ForetypeServer, params: types.WorkDoneProgressCancelParams) -> None:
        ls.tokens.cancel(params.token)


def _connect_commands(server: ForetypeServer) -> None:
    @server.command("foretype.chat")
    async def chat_command(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        return await chat(ls, argument)

    @server.command("foretype.accept")
    async def accept(ls: ForetypeServer, argument: Any) -> None:
        ls.counters.accept(str(argument))

    @server.command("foretype.status")
    async def status_command(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        return await status(ls)

    @server.command("foretype.models")
    async def models(ls: ForetypeServer, argument: Any) -> dict[str, Any]:
        async with ls.session.use() as session:
            return redacted(session.configuration)
