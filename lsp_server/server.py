"""The language server object: what lives as long as the connection to one editor."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lsp_server import __version__
from lsp_server.completion.engine import Engine
from lsp_server.completion.latest import Latest
from lsp_server.completion.offers import Offers
from lsp_server.completion.pace import Pace
from lsp_server.counters import Counters
from lsp_server.documents import Documents
from lsp_server.nearby import Nearby
from lsp_server.notebooks import ALL_NOTEBOOKS, Notebooks
from lsp_server.pieces import PieceKind, Send
from lsp_server.progress import RunningTokens
from lsp_server.protocol import ForetypeProtocol, plain_converter
from lsp_server.session import CurrentSession
from lsp_server.troubles import Troubles
from lsp_server.waiting import Waits

logger = logging.getLogger(__name__)


async def _nothing_to_recover() -> None:
    """Stand in until a lifecycle is there to try again what failed."""


class ForetypeServer(LanguageServer):
    """Holds the documents, the session in force and the counters; handlers do the work."""

    protocol: ForetypeProtocol

    def __init__(self) -> None:
        super().__init__(
            "foretype",
            __version__,
            protocol_cls=ForetypeProtocol,
            converter_factory=plain_converter,
            notebook_document_sync=ALL_NOTEBOOKS,
        )
        self.documents = Documents()
        self.nearby = Nearby(self.documents, self._roots)
        self.notebooks = Notebooks(self.documents)
        self.session = CurrentSession()
        self.counters = Counters()
        self.latest = Latest()
        self.engine = Engine(Pace(), self.counters)
        self.offers = Offers()
        self.tokens = RunningTokens()
        self.waits = Waits(self, self.tokens)
        self.troubles = Troubles(self.warn)
        self.recover: Callable[[], Awaitable[None]] = _nothing_to_recover

    def _roots(self) -> list[str]:
        return [folder.uri for folder in self.workspace.folders.values()]

    def sender(self, token: str | int | None) -> Send:
        """Give what sends the pieces of an answer under a client's token; nothing without one."""

        def send(kind: PieceKind, content: str) -> None:
            if token is not None:
                # No `kind` or `title` in it: some clients take those for progress bars and break.
                value = {"type": kind, "content": content}
                self.progress(types.ProgressParams(token=token, value=value))

        return send

    def warn(self, message: str) -> None:
        """Show the user one warning."""
        kind = types.MessageType.Warning
        self.window_show_message(types.ShowMessageParams(type=kind, message=message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log a message that could not be handled; a pop-up per message would help nobody."""
        logger.error("A message could not be handled (%s)", type(error).__name__)
