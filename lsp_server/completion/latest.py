"""Newest wins: one running request for each document."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Latest:
    """Cancels the older request when a newer one of its kind for the same document begins.

    The client is answered for the older one through its cancelled task. Neovim 0.12 never cancels
    by itself while the user types.
    """

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], asyncio.Task[Any]] = {}

    @contextmanager
    def enter(self, uri: str, kind: str = "") -> Iterator[None]:
        """Make the current task the document's newest request of a kind while the context lasts."""
        key = (uri, kind)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - handlers run in tasks
        if (older := self._running.get(key)) is not None and older is not task:
            older.cancel()
        self._running[key] = task
        try:
            yield
        finally:
            if self._running.get(key) is task:
                del self._running[key]

    def cancel(self, uri: str) -> None:
        """Cancel the running requests of a document that was closed."""
        for key in [key for key in self._running if key[0] == uri]:
            self._running.pop(key).cancel()
