"""Shows as `window/workDoneProgress` that a model writes something that appears all at once.

While it is slow to begin, `waiting` shows what is waited for; this goes on from there.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.server import ForetypeServer

_AFTER_S = 1.0
_REPORT_EVERY_S = 0.5


@contextmanager
def showing_work(ls: ForetypeServer, title: str) -> Iterator[Callable[[int], None]]:
    """Show the current task's work; what is given hears how many characters are written.

    Cancelling the progress cancels the task.
    """
    work = _Work(ls, title)
    try:
        yield work.note
    finally:
        work.end()


class _Work:
    """One progress in the client, from a second after the first note to the end."""

    def __init__(self, ls: ForetypeServer, title: str) -> None:
        self._ls = ls
        self._title = title
        self._token = str(uuid4())
        self._worker = asyncio.current_task()
        self._shower: asyncio.Task[None] | None = None
        self._characters = 0
        self._has_begun = False

    def note(self, characters: int) -> None:
        self._characters = characters
        window = self._ls.client_capabilities.window
        if self._shower is None and window is not None and window.work_done_progress:
            self._shower = asyncio.get_running_loop().create_task(self._show())

    def end(self) -> None:
        if self._shower is not None:
            self._shower.cancel()
        if self._has_begun:
            self._send(types.WorkDoneProgressEnd())

    async def _show(self) -> None:
        await asyncio.sleep(_AFTER_S)
        while self._ls.waits.are_shown:  # noqa: ASYNC110 - it is looked at seldom
            await asyncio.sleep(_REPORT_EVERY_S)
        try:
            await self._ls.window_work_done_progress_create_async(
                types.WorkDoneProgressCreateParams(self._token)
            )
        except JsonRpcException:
            return  # the client wants none
        self._has_begun = True
        with self._ls.tokens.ended_by(self._token, self._cancel):
            self._send(
                types.WorkDoneProgressBegin("Foretype", cancellable=True, message=self._text())
            )
            while True:
                await asyncio.sleep(_REPORT_EVERY_S)
                self._send(types.WorkDoneProgressReport(message=self._text()))

    def _text(self) -> str:
        count = self._characters
        return f"{self._title} ({count} characters)" if count else self._title

    def _cancel(self) -> None:
        if self._worker is not None:
            self._worker.cancel()

    def _send(
        self,
        value: types.WorkDoneProgressBegin
        | types.WorkDoneProgressReport
        | types.WorkDoneProgressEnd,
    ) -> None:
        self._ls.progress(types.ProgressParams(self._token, value))
