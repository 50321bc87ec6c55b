"""Notices that a file has changed, whoever changed it.

Editors watch the files of a workspace at best; the configuration lies elsewhere. One look at the
file's size and times a second costs next to nothing and works in every editor.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from config.files import fingerprint

_INTERVAL_S = 1.0


class FileWatch:
    """Watches one file at a time, which need not exist yet."""

    def __init__(self, on_change: Callable[[], None], interval_s: float = _INTERVAL_S) -> None:
        self._on_change = on_change
        self._interval_s = interval_s
        self._path: Path | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def path(self) -> Path | None:
        """The file that is watched."""
        return self._path

    def watch(self, path: Path | None) -> None:
        """Watch this file from now on, and no other."""
        if path == self._path:
            return
        self.close()
        self._path = path
        if path is not None:
            self._watching = asyncio.create_task(self._look(path))

    def close(self) -> None:
        """Watch nothing any more."""
        if self._watching is not None:
            self._watching.cancel()
        self._path = self._watching = None

    async def _look(self, path: Path) -> None:
        seen = await asyncio.to_thread(fingerprint, path)
        while True:
            await asyncio.sleep(self._interval_s)
            now = await asyncio.to_thread(fingerprint, path)
            if now != seen:
                seen = now
                self._on_change()
