"""What is wrong with a document, where, and what to write instead."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `pointer` is an RFC 6901 JSON Pointer into the file; line and column count from 1."""

    code: str
    severity: Severity
    pointer: str
    message: str
    line: int | None = None
    column: int | None = None
