"""Reading JSON that a server sent, without trusting its shape or size."""

import json
import re
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str) -> Any:
    """Return the one JSON value in `text`; `ValueError` when there is none."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json_values(text: str) -> list[Any]:
    """Return all JSON values in `text`, one after another; `ValueError` when one is broken."""
    values: list[Any] = []
    position = _after_space(text, 0)
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        values.append(value)
        position = _after_space(text, position)
    return values


def as_object(value: object) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_string(value: object) -> str:
    """Return `value` if it is a string, as it came: it may hold half a surrogate pair."""
    return value if isinstance(value, str) else ""


def as_text(value: object) -> str:
    """Return `value` if it is a string that can be encoded, else what can be kept of it."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    # JSON may hold half a surrogate pair, which neither sockets nor editors take.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_count(value: object) -> int:
    """Return `value` if it is a positive whole number, else 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return max(0, value)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
