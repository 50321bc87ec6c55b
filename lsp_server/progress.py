"""What runs under which progress token, so that it can be cancelled by the token."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class RunningTokens:
    """How to end what runs under each token."""

    def __init__(self) -> None:
        self._ends: dict[str | int, list[Callable[[], object]]] = {}

    @contextmanager
    def holding(self, token: str | int | None) -> Iterator[None]:
        """Make the current task the one that `window/workDoneProgress/cancel` of the token ends."""
        task = asyncio.current_task()
        if token is None or task is None:
            yield
            return
        with self.ended_by(token, task.cancel):
            yield

    @contextmanager
    def ended_by(self, token: str | int, end: Callable[[], object]) -> Iterator[None]:
        """Call `end` when the token is cancelled while the context lasts."""
        # Nothing keeps a client from using one token for all it asks.
        ends = self._ends.setdefault(token, [])
        ends.append(end)
        try:
            yield
        finally:
            ends.remove(end)
            if not ends:
                del self._ends[token]

    def cancel(self, token: str | int) -> None:
        """End all that runs under a token; an unknown token is ignored."""
        for end in tuple(self._ends.get(token, ())):
            end()
