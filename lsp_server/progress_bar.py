"""One `window/workDoneProgress` for as long as something lasts."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from lsp_server.progress import RunningTokens

_REPORT_EVERY_S = 1.0


class ProgressBar:
    """Shows the newest text of what goes on; a client without progress is sent nothing.

    The user is offered to cancel it where there is something to be called then.
    """

    def __init__(
        self,
        ls: LanguageServer,
        tokens: RunningTokens,
        text: Callable[[], str],
        cancel: Callable[[], object] | None = None,
    ) -> None:
        self._ls = ls
        self._tokens = tokens
        self._text = text
        self._cancel = cancel
        self._token = str(uuid4())
        self._has_begun = False
        self._task: asyncio.Task[None] | None = None

    def start(self, after_s: float = 0.0, is_held: Callable[[], bool] = lambda: False) -> None:
        """Show it after a while, and not while it is held; unless it has been started already."""
        window = self._ls.client_capabilities.window
        if self._task is None and window is not None and window.work_done_progress:
            self._task = asyncio.get_running_loop().create_task(self._run(after_s, is_held))

    def end(self) -> None:
        """Take it away before anything else is sent."""
        if self._task is not None:
            self._task.cancel()
        if self._has_begun:
            self._send(types.WorkDoneProgressEnd())

    async def _run(self, after_s: float, is_held: Callable[[], bool]) -> None:
        await asyncio.sleep(after_s)
        while is_held():  # noqa: ASYNC110 - it is looked at seldom
            await asyncio.sleep(_REPORT_EVERY_S)
        try:
            await self._ls.window_work_done_progress_create_async(
                types.WorkDoneProgressCreateParams(self._token)
            )
        except JsonRpcException:
            return  # the client wants none
        self._has_begun = True
        with self._tokens.ended_by(self._token, self._cancel or _ignore):
            can_be = self._cancel is not None
            text = self._text()
            self._send(types.WorkDoneProgressBegin("Foretype", cancellable=can_be, message=text))
            while True:
                await asyncio.sleep(_REPORT_EVERY_S)
                self._send(types.WorkDoneProgressReport(message=self._text()))

    def _send(
        self,
        value: types.WorkDoneProgressBegin
        | types.WorkDoneProgressReport
        | types.WorkDoneProgressEnd,
    ) -> None:
        self._ls.progress(types.ProgressParams(self._token, value))


def _ignore() -> None:
    """A client may cancel all the same."""
