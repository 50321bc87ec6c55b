"""Writing to the terminal: the one place of the command line that does."""

import json
import sys
from typing import Any


def say(text: str = "") -> None:
    """Write a line to standard output."""
    sys.stdout.write(f"{text}\n")


def say_json(value: Any) -> None:
    """Write a value to standard output as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def fail(message: str, status: int = 1) -> int:
    """Write one line to standard error and give the exit status."""
    sys.stderr.write(f"foretype: {message}\n")
    return status
