"""Tells each distinct trouble once, not once per keystroke."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Standing:
    kind: str
    message: str = ""
    told: set[str] = field(default_factory=set)
    successes: int = 0


class Troubles:
    """Remembers what the user has been told; a trouble that is over may be told again."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._standing: dict[str, _Standing] = {}

    def report(self, subject: str, kind: str, message: str) -> None:
        """Show a message, unless this kind of trouble with the subject has been told already."""
        standing = self._standing.setdefault(subject, _Standing(kind))
        standing.kind, standing.message, standing.successes = kind, message, 0
        if kind not in standing.told:
            standing.told.add(kind)
            logger.warning("%s: %s", subject, message)
            self._show(message)

    def note_success(self, subject: str, *, enough: int = 1) -> None:
        """Note that the subject works; its troubles are over after `enough` successes in a row."""
        standing = self._standing.get(subject)
        if standing is not None:
            standing.successes += 1
            if standing.successes >= enough:
                del self._standing[subject]

    def message_of(self, subject: str) -> str | None:
        """What is wrong with the subject at the moment, in a sentence."""
        standing = self._standing.get(subject)
        return standing.message if standing is not None and standing.successes == 0 else None

    def current(self) -> dict[str, str]:
        """The kind of trouble each subject is in."""
        return {
            subject: standing.kind
            for subject, standing in self._standing.items()
            if standing.successes == 0
        }
