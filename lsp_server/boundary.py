"""Turns any failure of a handler into one LSP error with one sentence."""

import logging

from lsprotocol import types
from pydantic import ValidationError
from pygls.exceptions import JsonRpcException

from lsp_server.bugs import describe_bug
from providers.errors import ErrorKind, ProviderError

logger = logging.getLogger(__name__)

# Where pydantic would name a class of ours, or what JSON calls otherwise.
_WORDING = {
    "model_type": "this must be an object",
    "tuple_type": "this must be a list",
    "string_type": "this must be a text",
    "bool_type": "this must be true or false",
    "int_type": "this must be a whole number",
    "float_type": "this must be a number",
}


class CutShortError(Exception):
    """A model server failed after part of its answer had been shown."""

    def __init__(self, cause: ProviderError, partial: str) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.partial = partial


class UnusableAnswerError(Exception):
    """A model has answered, but nothing can be done with it; the message says why."""

    def __init__(self, sentence: str, partial: str, kind: ErrorKind = "bad_request") -> None:
        super().__init__(sentence)
        self.partial = partial
        self.kind = kind


class InvalidArgumentError(Exception):
    """A request's argument breaks the contract; the message says how to write it."""


def to_response_error(error: BaseException, request: str) -> types.ResponseError:
    """Describe `error` to the client: no traceback, no path, no secret."""
    if isinstance(error, CutShortError):
        data = {"kind": error.cause.kind, "partial": error.partial}
        return _failed(str(error), data)
    if isinstance(error, UnusableAnswerError):
        kept = {"partial": error.partial} if error.partial else {}
        return _failed(str(error), {"kind": error.kind, **kept})
    if isinstance(error, ProviderError):
        return _failed(str(error), {"kind": error.kind})
    if isinstance(error, InvalidArgumentError):
        return _invalid(str(error))
    if isinstance(error, ValidationError):
        return _invalid(describe_invalid(error))
    if isinstance(error, JsonRpcException):
        return types.ResponseError(code=error.code, message=_without_traceback(error))
    logger.error("%s failed: %s", request, describe_bug(error))
    return types.ResponseError(
        code=types.ErrorCodes.InternalError,
        message=f"Foretype failed to answer {request} ({type(error).__name__}); see its log.",
    )


def describe_invalid(error: ValidationError) -> str:
    """Say in one sentence what is wrong with an argument, without repeating its content."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    what = _WORDING.get(first["type"], first["msg"])
    return f"Invalid argument: {where}: {what}." if where else f"Invalid argument: {what}."


def _invalid(message: str) -> types.ResponseError:
    data = {"kind": "bad_request"}
    return types.ResponseError(code=types.ErrorCodes.InvalidParams, message=message, data=data)


def _failed(message: str, data: dict[str, str]) -> types.ResponseError:
    return types.ResponseError(code=types.LSPErrorCodes.RequestFailed, message=message, data=data)


def _without_traceback(error: JsonRpcException) -> str:
    return error.message.splitlines()[0] if error.message else type(error).__name__
