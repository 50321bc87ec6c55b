"""`didChangeStatus`: busy, in trouble, or off for the document at hand.

Sent only to clients that have shown themselves to be made for Copilot's language server; others
would warn of a notification that they do not know.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lsp_server.inline_completion import SUBJECT, is_wanted
from lsp_server.server import ForetypeServer

_OFF = "No model is configured for completions."
_OFF_HERE = "Foretype is off for this document."


@dataclass(frozen=True, slots=True)
class _State:
    kind: str
    message: str = ""
    busy: bool = False


class Standing:
    """Keeps the client's picture of how completions fare."""

    def __init__(self, ls: ForetypeServer) -> None:
        self._ls = ls
        self._is_heard = False
        self._running = 0
        self._uri = ""
        self._told: _State | None = None

    def expect_listener(self) -> None:
        """Note that the client will know these notifications, once it is greeted."""
        self._is_heard = True

    def listen(self) -> None:
        """Note that the client knows these notifications."""
        self._is_heard = True
        self.tell()

    @contextmanager
    def busy_with(self, uri: str) -> Iterator[None]:
        """Show that a completion is being worked out while the context lasts."""
        self._uri = uri
        self._running += 1
        self.tell()
        try:
            yield
        finally:
            self._running -= 1
            self.tell()

    def focused(self, uri: str) -> None:
        """Note which document the user is in."""
        self._uri = uri
        self.tell()

    def tell(self) -> None:
        """Send how things stand, if that is another state than the last one."""
        if not self._is_heard or (state := self._state()) == self._told:
            return
        self._told = state
        self._notify(
            "didChangeStatus", {"busy": state.busy, "kind": state.kind, "message": state.message}
        )
        # The same for clients of before 2024.
        status = "InProgress" if state.busy and state.kind == "Normal" else state.kind
        self._notify("statusNotification", {"status": status, "message": state.message})

    def _state(self) -> _State:
        is_busy, session = self._running > 0, self._ls.session.now
        if session is None:
            return _State("Normal", busy=is_busy)
        if session.failure is not None:
            return _State("Error", str(session.failure), is_busy)
        if (message := self._ls.troubles.message_of(SUBJECT)) is not None:
            return _State("Error", message, is_busy)
        if session.configuration.default_models.code_completion is None:
            return _State("Inactive", _OFF)
        document = self._ls.documents.get(self._uri)
        if document is not None and not is_wanted(session, document):
            return _State("Inactive", _OFF_HERE)
        return _State("Normal", busy=is_busy)

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._ls.protocol.notify(method, params)
