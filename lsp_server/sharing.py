"""Which open files may be shown to a model beside the one being edited."""

import asyncio
import logging
import time
from dataclasses import dataclass

from config.options import InlineCompletionOptions
from lsp_server.exclusion import is_excluded
from lsp_server.git_ignore import is_git_ignored
from lsp_server.uris import path_of

logger = logging.getLogger(__name__)

# After so long it is looked again: a file may have become ignored.
_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user's settings say about it."""

    excluded_files: tuple[str, ...]
    git_ignored_files: bool

    @classmethod
    def of(cls, options: InlineCompletionOptions) -> "Rules":
        """Take them out of the settings."""
        return cls(options.excluded_files, options.git_ignored_files)


@dataclass(frozen=True, slots=True)
class _Verdict:
    rules: Rules
    is_allowed: bool
    found_at: float


class Sharing:
    """Finds out in threads, and remembers; what is not known yet is not shown."""

    def __init__(self) -> None:
        self._verdicts: dict[str, _Verdict] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def allows(self, uri: str, rules: Rules) -> bool:
        """Tell at once whether a file is known to be fit for showing."""
        known = self._verdicts.get(uri)
        if known is not None and known.rules != rules:
            known = None
        is_stale = known is None or time.monotonic() - known.found_at > _FRESH_S
        if is_stale and uri not in self._running:
            self._running[uri] = asyncio.create_task(self._find_out(uri, rules))
        return known is not None and known.is_allowed

    def forget(self, uri: str) -> None:
        """Drop what is known of a file."""
        self._verdicts.pop(uri, None)
        if (task := self._running.pop(uri, None)) is not None:
            task.cancel()

    async def _find_out(self, uri: str, rules: Rules) -> None:
        is_allowed = False
        try:
            is_allowed = await asyncio.to_thread(may_be_shown, uri, rules)
        except (OSError, ValueError) as error:  # no name that a file can have
            logger.warning("A file cannot be looked at (%s)", type(error).__name__)
        self._verdicts[uri] = _Verdict(rules, is_allowed, time.monotonic())
        self._running.pop(uri, None)


def may_be_shown(uri: str, rules: Rules) -> bool:
    """Look at the disk to tell whether a file may be shown; what is no file may not."""
    path = path_of(uri)
    if path is None or is_excluded(uri, rules.excluded_files):
        return False
    return rules.git_ignored_files or is_git_ignored(path) is False
