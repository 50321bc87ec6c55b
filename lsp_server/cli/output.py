"""The terminal: the one place of the command line that reads from it and writes to it."""

import errno
import json
import os
import sys
from typing import Any


def say(text: str = "", end: str = "\n") -> None:
    """Write to standard output; `OSError` when there is none."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "Standard output is closed")
    sys.stdout.write(f"{text}{end}")


def say_now(text: str) -> None:
    """Write a piece of a line and let it be seen at once."""
    say(text, end="")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """Write a value to standard output as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def fail(message: str, status: int = 1) -> int:
    """Write one line to standard error and give the exit status."""
    if sys.stderr is not None:
        sys.stderr.write(f"foretype: {message}\n")
    return status


def piped_text() -> str | None:
    """All of standard input, when it is not a terminal."""
    if sys.stdin is None or sys.stdin.closed or os.isatty(sys.stdin.fileno()):
        return None
    return read_all()


def read_all() -> str:
    """All of standard input as text, whatever its bytes are; nothing when it is closed."""
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8", "replace")


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 model`, `2 models`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
