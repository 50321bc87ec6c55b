"""A language client for tests: a real `foretype serve` process, driven over stdio."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features

from tests.warm_start import foretype_command

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]


class Client(LanguageClient):
    """Adds what the tests say often."""

    streamed: dict[str | int, list[dict[str, Any]]]
    exit_status: int | None = None
    initialized_with: types.InitializeResult

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        self.exit_status = server.returncode

    def open(self, uri: str, text: str, language_id: str = "python") -> None:
        item = types.TextDocumentItem(uri, language_id, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def start(self, method: str, params: Any) -> "asyncio.Future[Any]":
        """Send a request; its future's `msg_id` attribute is what `cancel` takes."""
        before = set(self.protocol._request_futures)
        future = self.protocol.send_request(method, params)
        (msg_id,) = set(self.protocol._request_futures) - before
        wrapped = asyncio.wrap_future(future)
        wrapped.msg_id = msg_id  # type: ignore[attr-defined]
        return wrapped

    def send_raw(self, method: str, params: Any) -> "asyncio.Future[Any]":
        """Start a request whose parameters need not have LSP's form."""
        future: Future[Any] = Future()
        self.protocol._request_futures["raw"] = future
        self.protocol._result_types["raw"] = None
        message = {"jsonrpc": "2.0", "id": "raw", "method": method, "params": params}
        self.protocol._send_data(message)
        return asyncio.wrap_future(future)

    def cancel_progress(self, token: str | int) -> None:
        """Cancel from the progress that the editor shows."""
        self.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))

    def cancel(self, request: "asyncio.Future[Any]") -> None:
        self.cancel_request(types.CancelParams(request.msg_id))  # type: ignore[attr-defined]

    def configure(self, settings: dict[str, Any]) -> None:
        """Change the settings as an editor does: the server pulls them when it is told."""
        self.set_configuration({"foretype": settings})
        self.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))

    def ask(
        self,
        uri: str,
        line: int,
        character: int,
        *,
        automatic: bool = False,
        selected: types.SelectedCompletionInfo | None = None,
    ) -> Any:
        """Start an inline completion request."""
        kind = types.InlineCompletionTriggerKind
        kind_of_trigger = kind.Automatic if automatic else kind.Invoked
        return self.start(
            types.TEXT_DOCUMENT_INLINE_COMPLETION,
            types.InlineCompletionParams(
                text_document=types.TextDocumentIdentifier(uri),
                position=types.Position(line, character),
                context=types.InlineCompletionContext(kind_of_trigger, selected),
            ),
        )

    def command(self, name: str, *arguments: Any) -> "asyncio.Future[Any]":
        """Start a command."""
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments))
        return self.start(types.WORKSPACE_EXECUTE_COMMAND, params)


# Both take long to make, and are the same for all.
_converter = cache(default_converter)
_capabilities = cache(client_capabilities)


def make_client() -> Client:
    client = Client(converter_factory=_converter)
    register_lsp_features(client)
    client.streamed = {}
    # The stock handler refuses progress values that are not begin, report or end.
    del client.protocol.fm.features[types.PROGRESS]

    def collect(params: types.ProgressParams) -> None:
        assert isinstance(params.value, dict)
        client.streamed.setdefault(params.token, []).append(params.value)

    client.feature(types.PROGRESS)(collect)

    return client


@asynccontextmanager
async def connected(
    *arguments: str,
    settings: dict[str, Any] | None = None,
    editor: str = "neovim@v0.11.0",
    environment: dict[str, str] | None = None,
    command: list[str] | None = None,
    folder: Path | None = None,
    root: Path | None = None,
    hands_out_settings: bool = True,
    says_initialized: bool = True,
    shows_progress: bool = True,
    adjust: Callable[[types.ClientCapabilities], object] = lambda _: None,
) -> AsyncIterator[Client]:
    """Start the server as an editor would and shake hands; leave politely at the end."""
    client = make_client()
    environ = {**os.environ, **(environment or {})}
    serve = command or [*foretype_command(), "serve"]
    await client.start_io(*serve, *arguments, env=environ, cwd=folder)
    capabilities = deepcopy(_capabilities(editor))
    assert capabilities.text_document is not None
    capabilities.text_document.inline_completion = types.InlineCompletionClientCapabilities()
    assert capabilities.workspace is not None
    capabilities.workspace.configuration = hands_out_settings
    assert capabilities.window is not None
    capabilities.window.work_done_progress = shows_progress
    adjust(capabilities)
    try:
        client.capabilities = capabilities
        client.initialized_with = await client.initialize_async(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options=settings,
                process_id=os.getpid(),
                workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name)]
                if root
                else None,
            )
        )
        if says_initialized:
            client.initialized(types.InitializedParams())
        yield client
        await client.shutdown_session()
    finally:
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        stopped = client.stop()  # type: ignore[no-untyped-call] # pygls 2.1
        await asyncio.wait_for(stopped, 30)
