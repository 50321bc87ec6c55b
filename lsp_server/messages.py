"""One JSON-RPC message out of its bytes, checked at its top level only."""

import json
from typing import Any

from lsprotocol import types

MsgId = str | int
_VERSION = "2.0"
# LSP knows a method's message, answer, parameters and options; a notification has no answer.
_UNKNOWN = (None, object, None, None)


class MalformedError(Exception):
    """The bytes hold no message; `msg_id` is the id to answer under, None where there is none."""

    def __init__(self, code: int, sentence: str, msg_id: MsgId | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.msg_id = msg_id


def decode(body: bytes) -> dict[str, Any]:
    """Give the request, notification or response in `body`; what is inside is not looked at.

    Raises `MalformedError`, which is to be answered, for anything else.
    """
    try:
        data = json.loads(body)
    except RecursionError:
        sentence = "The message is nested too deeply."
        raise MalformedError(types.ErrorCodes.ParseError, sentence) from None
    except ValueError:
        sentence = "The message is not JSON."
        raise MalformedError(types.ErrorCodes.ParseError, sentence) from None
    if not isinstance(data, dict):
        raise _invalid("A message is one JSON object; LSP has no batches.")
    if is_notification(data.get("method")) and data.get("id") is None:
        # How JSON-RPC 1.0 marks a notification.
        data.pop("id", None)
    msg_id = data.get("id")
    if "id" in data and not _is_id(msg_id) and not _is_answer(data):
        raise _invalid("An id is a number or a string.")
    if data.get("jsonrpc") != _VERSION and not _is_answer(data):
        raise _invalid(f'A message has "jsonrpc": "{_VERSION}".', msg_id)
    if "method" in data and not isinstance(data["method"], str):
        raise _invalid("A method is a string.", msg_id)
    if "method" not in data and "id" not in data:
        raise _invalid("A message has a method or an id.")
    return data


def is_notification(method: object) -> bool:
    """Tell whether LSP knows a method as a notification, which is never answered."""
    return isinstance(method, str) and types.METHOD_TO_TYPES.get(method, _UNKNOWN)[1] is None


def no_request(msg_id: MsgId | None) -> MalformedError:
    """The error of a message that neither asks nor answers."""
    return _invalid("A request has a method.", msg_id)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _is_answer(data: dict[str, Any]) -> bool:
    # An answer is never answered, however it is spelt: two such programs would never stop.
    return "method" not in data and ("result" in data or "error" in data)


def _invalid(sentence: str, msg_id: MsgId | None = None) -> MalformedError:
    return MalformedError(types.ErrorCodes.InvalidRequest, sentence, msg_id)
