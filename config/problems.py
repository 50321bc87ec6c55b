"""What is wrong with a document, where, and what to write instead."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Literal

Severity = Literal["error", "warning"]

# These are about a key rather than about its value.
_KEY_CODES = frozenset({"unknown-key", "duplicate-key"})
_MOST_SUGGESTIONS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `pointer` is an RFC 6901 pointer into the file, line and column count from 1.

    `replacement` is the text that was probably meant instead of the key or value that stands there.
    """

    code: str
    severity: Severity
    pointer: str
    message: str
    line: int | None = None
    column: int | None = None
    replacement: str | None = None

    @property
    def is_about_key(self) -> bool:
        """Whether the key at the pointer is meant, rather than its value."""
        return self.code in _KEY_CODES


def error(code: str, pointer: str, message: str, replacement: str | None = None) -> Problem:
    """Make a problem that keeps the document from being used."""
    return Problem(code, "error", pointer, message, replacement=replacement)


def warning(code: str, pointer: str, message: str, replacement: str | None = None) -> Problem:
    """Make a problem that the user should know of, while the document stays usable."""
    return Problem(code, "warning", pointer, message, replacement=replacement)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether any problem keeps the document from being used."""
    return any(problem.severity == "error" for problem in problems)


def nearest(text: str, known: Iterable[str], found: Sized) -> str | None:
    """Give the known name that `text` probably stands for, if there is one.

    The matcher is slow, and whoever has found many problems already has another one: then None.
    """
    if len(found) > _MOST_SUGGESTIONS:
        return None
    # Nobody mistypes a hundred letters.
    by_folded = {name.lower(): name for name in islice(known, 200)}
    matches = get_close_matches(text[:100].lower(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str | None) -> str:
    """Give `; did you mean ...?` as the end of a message, or a full stop when there is no name."""
    return "." if name is None else f"; did you mean {shown(name)}?"


def shown(text: str) -> str:
    """Quote a text of the document for a message: printable, and not longer than a line."""
    short = text if len(text) <= 80 else text[:77] + "..."
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short) + '"'
