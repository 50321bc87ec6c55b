"""Newest wins: one running request for each document."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Latest:
    """Cancels the older request when a newer one for the same document begins.

    The client is answered for the older one through its cancelled task. Neovim 0.12 never cancels
    by itself while the user types.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Any]] = {}

    @contextmanager
    def enter(self, uri: str) -> Iterator[None]:
        """Make the current task the document's newest request while the context lasts."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - handlers run in tasks
        if (older := self._running.get(uri)) is not None and older is not task:
            older.cancel()
        self._running[uri] = task
        try:
            yield
        finally:
            if self._running.get(uri) is task:
                del self._running[uri]

    def cancel(self, uri: str) -> None:
        """Cancel the running request of a document that was closed."""
        if (task := self._running.pop(uri, None)) is not None:
            task.cancel()
