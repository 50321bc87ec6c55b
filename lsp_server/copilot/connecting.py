"""The messages of Copilot's language server, and the handler of each."""

import logging
from typing import Any

from lsprotocol import types

from lsp_server.boundary import InvalidArgumentError
from lsp_server.copilot import account, feedback
from lsp_server.copilot.legacy import completions
from lsp_server.copilot.messages import DidFocus, OfDoc, OfIds, OfItem, Place, Settings
from lsp_server.copilot.panel import Panel
from lsp_server.copilot.standing import Standing
from lsp_server.inline_completion import inline_completion
from lsp_server.lifecycle import Lifecycle
from lsp_server.server import ForetypeServer

logger = logging.getLogger(__name__)


class CopilotClients:
    """Answers what clients made for Copilot's language server ask beside LSP's own requests."""

    def __init__(self, server: ForetypeServer, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle
        self._standing = Standing(server)
        self._panel = Panel(server)
        server.session.on_swap = self._standing.tell
        self._connect_account(server)
        self._connect_completions(server)
        self._connect_feedback(server)

    def greet(self, initialization_options: object) -> object:
        """Take note of the kind of client, and give the options that are meant for us."""
        if account.introduces_itself(initialization_options):
            self._standing.expect_listener()
        return account.without_introduction(initialization_options)

    async def take_settings(self, settings: object) -> None:
        """Use the model that the user has chosen in the client's own list."""
        said = Settings.read(settings)
        chosen = said.github.copilot.selected_completion_model if said else ""
        if chosen:
            try:
                await self._lifecycle.select("codeCompletion", chosen)
            except InvalidArgumentError:
                logger.warning("the client has chosen a model that is not configured")

    async def inline_completion(
        self, ls: ForetypeServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList | None:
        """Answer LSP's own request, and show that it is being answered."""
        with self._standing.busy_with(params.text_document.uri):
            return await inline_completion(ls, params)

    def close(self) -> None:
        """Stop what still runs."""
        self._panel.close()

    def _connect_account(self, server: ForetypeServer) -> None:
        @server.feature("setEditorInfo")
        def editor_info(ls: ForetypeServer, params: Any) -> str:
            self._standing.listen()
            return "OK"

        @server.feature("checkStatus")
        def check_status(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            self._standing.listen()
            return account.CHECKED

        def sign_in(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            self._standing.listen()
            return account.SIGNED_IN

        for method in ("signIn", "signInInitiate"):
            server.feature(method)(sign_in)

        def still_signed_in(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            return account.CHECKED

        for method in ("signInConfirm", "signOut"):
            server.feature(method)(still_signed_in)

        @server.feature("getVersion")
        def version(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            return account.VERSION

        @server.feature("copilot/models")
        async def models(ls: ForetypeServer, params: Any) -> list[dict[str, Any]]:
            async with ls.session.use() as session:
                return account.models(session.configuration)

    def _connect_completions(self, server: ForetypeServer) -> None:
        @server.feature("getCompletions")
        async def first(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            asked = OfDoc.model_validate(params)
            with self._standing.busy_with(asked.doc.uri):
                return await completions(ls, asked, is_explicit=False)

        @server.feature("getCompletionsCycling")
        async def several(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            asked = OfDoc.model_validate(params)
            with self._standing.busy_with(asked.doc.uri):
                return await completions(ls, asked, is_explicit=True)

        @server.feature("getPanelCompletions")
        async def panel(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            return await self._panel.fill(OfDoc.model_validate(params))

        @server.feature("textDocument/copilotPanelCompletion")
        async def panel_items(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            return await self._panel.stream(Place.model_validate(params))

        @server.feature("textDocument/copilotInlineEdit")
        def inline_edit(ls: ForetypeServer, params: Any) -> dict[str, Any]:
            return {"edits": []}

    def _connect_feedback(self, server: ForetypeServer) -> None:
        @server.feature("textDocument/didFocus")
        def focused(ls: ForetypeServer, params: Any) -> None:
            told = DidFocus.read(params)
            uri = told.text_document.uri if told else ""
            if ls.documents.get(uri) is not None:
                ls.nearby.used(uri)
            self._standing.focused(uri)

        @server.feature("textDocument/didShowCompletion")
        def shown(ls: ForetypeServer, params: Any) -> None:
            if (told := OfItem.read(params)) is not None:
                feedback.shown(ls, told.offer_id)

        @server.feature("textDocument/didPartiallyAcceptCompletion")
        def accepted_partly(ls: ForetypeServer, params: Any) -> None:
            if (told := OfItem.read(params)) is not None:
                feedback.accepted_partly(ls, told)

        @server.feature("notifyShown")
        def notify_shown(ls: ForetypeServer, params: Any) -> str:
            feedback.shown(ls, OfIds.model_validate(params).uuid)
            return "OK"

        @server.feature("notifyAccepted")
        def notify_accepted(ls: ForetypeServer, params: Any) -> str:
            feedback.accepted(ls, OfIds.model_validate(params))
            return "OK"

        @server.feature("notifyRejected")
        def notify_rejected(ls: ForetypeServer, params: Any) -> str:
            feedback.rejected(ls, OfIds.model_validate(params))
            return "OK"
