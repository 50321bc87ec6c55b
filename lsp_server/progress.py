"""Which task streams under which progress token, so that a token can be cancelled."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class RunningTokens:
    """The tasks that stream under a client's token."""

    def __init__(self) -> None:
        self._tasks: dict[str | int, asyncio.Task[Any]] = {}

    @contextmanager
    def holding(self, token: str | int | None) -> Iterator[None]:
        """Make the current task the one that `window/workDoneProgress/cancel` of the token ends."""
        task = asyncio.current_task()
        if token is None or task is None:
            yield
            return
        self._tasks[token] = task
        try:
            yield
        finally:
            if self._tasks.get(token) is task:
                del self._tasks[token]

    def cancel(self, token: str | int) -> None:
        """End the task of a token; an unknown token is ignored."""
        if (task := self._tasks.get(token)) is not None:
            task.cancel()
