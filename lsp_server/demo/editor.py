"""The demonstration's editor: drives a real `foretype serve` process over LSP, as editors do."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from lsp_server import __version__

_LANGUAGE = "python"
_CHAT_TOKEN = "demo-chat"  # noqa: S105 - a progress token, no secret
_STOP_TIMEOUT_S = 5.0


class DemoEditor:
    """One connection to a language server, with one document open."""

    def __init__(self, client: LanguageClient) -> None:
        self._client = client
        self._on_delta: Callable[[str], None] = lambda _: None
        self.messages: list[str] = []
        # pygls marks its handlers, which a bound method does not allow.
        client.feature(types.PROGRESS)(lambda params: self._progressed(params))
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self._shown(params))

    def _progressed(self, params: types.ProgressParams) -> None:
        value = params.value
        if params.token == _CHAT_TOKEN and isinstance(value, dict) and value["type"] == "delta":
            self._on_delta(value["content"])

    def _shown(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params.message)

    async def initialize(self, settings: dict[str, Any]) -> None:
        """Shake hands and hand over the settings."""
        capabilities = types.ClientCapabilities(
            text_document=types.TextDocumentClientCapabilities(
                inline_completion=types.InlineCompletionClientCapabilities()
            )
        )
        await self._client.initialize_async(
            types.InitializeParams(
                capabilities=capabilities,
                process_id=os.getpid(),
                initialization_options=settings,
                client_info=types.ClientInfo("foretype demo", __version__),
            )
        )
        self._client.initialized(types.InitializedParams())

    async def ghost_text(self, uri: str, before: str, after: str) -> str:
        """Open a document with the cursor between two texts; give what is offered there."""
        item = types.TextDocumentItem(uri, _LANGUAGE, 1, before + after)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        answer = await self._client.text_document_inline_completion_async(
            types.InlineCompletionParams(
                text_document=types.TextDocumentIdentifier(uri),
                position=types.Position(line, column),
                context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked),
            )
        )
        self._client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )
        items = answer.items if isinstance(answer, types.InlineCompletionList) else answer or []
        return str(items[0].insert_text) if items else ""

    async def chat(self, question: str, on_delta: Callable[[str], None]) -> dict[str, Any]:
        """Ask one question; each piece of the answer is handed on as it arrives."""
        self._on_delta = on_delta
        argument = {"messages": [{"role": "user", "content": question}], "token": _CHAT_TOKEN}
        answer = await self._client.workspace_execute_command_async(
            types.ExecuteCommandParams(command="foretype.chat", arguments=[argument])
        )
        return dict(answer or {})

    async def leave(self) -> None:
        """Say goodbye."""
        with suppress(JsonRpcException, RuntimeError, TimeoutError):
            await asyncio.wait_for(self._client.shutdown_async(None), _STOP_TIMEOUT_S)
        self._client.exit(None)


@asynccontextmanager
async def connected_editor(settings: dict[str, Any], log: Path) -> AsyncIterator[DemoEditor]:
    """Start `foretype serve` and talk to it while the context lasts."""
    client = LanguageClient("foretype-demo", __version__)
    editor = DemoEditor(client)
    command = [sys.executable, "-P", "-m", "lsp_server", "serve", "--log-file", str(log)]
    await client.start_io(*command, start_new_session=True)
    try:
        await editor.initialize(settings)
        yield editor
    finally:
        await editor.leave()
        with suppress(TimeoutError):
            stopped = client.stop()  # type: ignore[no-untyped-call] # pygls 2.1
            await asyncio.wait_for(stopped, _STOP_TIMEOUT_S)
