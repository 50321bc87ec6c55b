"""Shows as `window/workDoneProgress` that a model is slow to begin, and what it is waited for.

A cold model, which may need minutes, looks different from a server that takes no connection.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pygls.lsp.server import LanguageServer

from config.rendered import Model
from lsp_server.progress import RunningTokens
from lsp_server.progress_bar import ProgressBar
from lsp_server.slow_starts import SlowStart
from providers.client import ModelClient
from providers.stages import Stage

# What a person asked for is shown early; what the editor asks unbidden, only when it is cold.
_EXPLICIT_AFTER_S = 1.0
_AUTOMATIC_AFTER_S = 3.0


class Waits:
    """The requests that have not begun to be answered; at most one progress for each model."""

    def __init__(self, ls: LanguageServer, tokens: RunningTokens) -> None:
        self._ls = ls
        self._tokens = tokens
        self._shown: dict[str, _Shared] = {}

    @property
    def are_shown(self) -> bool:
        """Whether the client shows that something is waited for."""
        return bool(self._shown)

    @contextmanager
    def watching(self, client: ModelClient, *, is_automatic: bool = False) -> Iterator[ModelClient]:
        """Give the same client, for one request that is shown while it is slow to begin.

        Cancelling the progress cancels the current task.
        """
        wait = _Wait(client.model)
        after_s = _AUTOMATIC_AFTER_S if is_automatic else _EXPLICIT_AFTER_S

        def watch(stage: Stage) -> None:
            if wait.is_over:
                return  # the stream outlives the request it was begun for
            if stage.phase == "begun":
                self._hide(wait)
            elif wait.start.take(stage):
                asyncio.get_running_loop().call_later(after_s, self._show, wait)

        try:
            yield client.watched_by(watch)
        finally:
            self._hide(wait)

    def _show(self, wait: "_Wait") -> None:
        if wait.is_over:
            return
        shared = self._shown.get(wait.key)
        if shared is None:
            shared = self._shown[wait.key] = _Shared(self._ls, self._tokens)
        shared.waits.append(wait)
        shared.bar.start()

    def _hide(self, wait: "_Wait") -> None:
        wait.is_over = True
        shared = self._shown.get(wait.key)
        if shared is None or wait not in shared.waits:
            return
        shared.waits.remove(wait)
        if not shared.waits:
            del self._shown[wait.key]
            shared.bar.end()


class _Wait:
    """One request that waits for the first word of its answer."""

    def __init__(self, model: Model) -> None:
        self.key = str(model.model_ref)
        self.task = asyncio.current_task()
        self.start = SlowStart(model)
        self.is_over = False

    def text(self) -> str:
        """What is waited for, and since when."""
        return f"{self.start.text()} ({self.start.elapsed_s:.0f} s)"


class _Shared:
    """One progress in the client, for all that wait for a model."""

    def __init__(self, ls: LanguageServer, tokens: RunningTokens) -> None:
        self.waits: list[_Wait] = []
        self.bar = ProgressBar(ls, tokens, lambda: self.waits[0].text(), self._cancel)

    def _cancel(self) -> None:
        for wait in self.waits:
            if wait.task is not None:
                wait.task.cancel()
