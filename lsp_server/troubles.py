"""Tells each distinct trouble once, not once per keystroke."""

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Troubles:
    """Remembers what the user has been told; a trouble that went away may be told again."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._current: dict[str, str] = {}

    def report(self, subject: str, kind: str, message: str) -> None:
        """Show a message unless the same kind of trouble with the same subject stands already."""
        if self._current.get(subject) == kind:
            return
        self._current[subject] = kind
        logger.warning("%s: %s", subject, message)
        self._show(message)

    def clear(self, subject: str) -> None:
        """Note that the subject works (again)."""
        self._current.pop(subject, None)

    def current(self) -> dict[str, str]:
        """The kind of trouble each subject is in."""
        return dict(self._current)
