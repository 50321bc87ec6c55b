"""What is wrong with a document, where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `pointer` is an RFC 6901 pointer into the file, line and column count from 1."""

    code: str
    severity: Severity
    pointer: str
    message: str
    line: int | None = None
    column: int | None = None


def error(code: str, pointer: str, message: str) -> Problem:
    """Make a problem that keeps the document from being used."""
    return Problem(code, "error", pointer, message)


def warning(code: str, pointer: str, message: str) -> Problem:
    """Make a problem that the user should know of, while the document stays usable."""
    return Problem(code, "warning", pointer, message)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether any problem keeps the document from being used."""
    return any(problem.severity == "error" for problem in problems)


def suggestion(text: str, known: Iterable[str]) -> str:
    """Give `; did you mean ...?` for the nearest known name, else a full stop."""
    # Bounded, because the matcher is slow, and nobody mistypes a hundred letters.
    by_folded = {name.lower(): name for name in islice(known, 200)}
    nearest = get_close_matches(text[:100].lower(), by_folded, n=1)
    return f'; did you mean "{by_folded[nearest[0]]}"?' if nearest else "."


def shown(text: str) -> str:
    """Quote a text of the document for a message: printable, and not longer than a line."""
    short = text if len(text) <= 80 else text[:77] + "..."
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short) + '"'
