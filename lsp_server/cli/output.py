"""The terminal: the one place of the command line that reads from it and writes to it."""

import errno
import json
import os
import stat
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
    note(message)
    return status


def note(message: str) -> None:
    """Write one line to standard error."""
    if sys.stderr is not None:
        sys.stderr.write(f"foretype: {message}\n")


def has_watched_errors() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def piped_text() -> str | None:
    """All of standard input, when it is something that others write to: a pipe or a file."""
    if sys.stdin is None or sys.stdin.closed:
        return None
    mode = os.fstat(sys.stdin.fileno()).st_mode
    is_fed = stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
    return read_all() if is_fed else None


def read_all() -> str:
    """All of standard input as text, whatever its bytes are; nothing when it is closed."""
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8", "replace")


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 model`, `2 models`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
