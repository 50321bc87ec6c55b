"""The forms in which servers say what went wrong, and the kind of error each one means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from providers.errors import ErrorKind
from providers.wire_json import as_count, as_object, as_text, read_json

BODY_LIMIT_BYTES = 64 * 1024

# Where an error has its words, of itself or in what these hold.
# LiteLLM: {"detail": {"error": "..."}}. Cloudflare: {"errors": [{"message": "...", "code": 7003}]}.
_WORDS = ("message", "msg", "detail", "errors", "error_description")

_STATUS_KEYS = ("http_status_code", "code", "status", "statusCode", "status_code")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a server said about an error, before anybody decides what it means."""

    message: str
    type: str = ""
    status: int | None = None


def complaint_in(payload: object) -> Complaint | None:
    """Return the error inside a decoded body or event, or None when it holds none."""
    if isinstance(payload, list) and payload:
        payload = payload[0]  # Google wraps its error object in a list.
    if not isinstance(payload, dict):
        return None
    error = payload.get("error")
    if isinstance(error, dict) and error:
        return _from_object(error)
    if error:
        return _from_text(error, payload)
    if payload.get("object") == "error":
        # {"object": "error", "message": ..., "code": 404}: vLLM before 0.10.1, SGLang.
        return _from_object(payload)
    if any(key in payload for key in ("choices", "usage", "data", "models")):
        return None
    return _from_front_end(payload)


def complaint_from_body(text: str, status: int) -> Complaint:
    """Return what an error answer says, in whatever form: JSON, plain text or HTML."""
    try:
        payload = read_json(text)
    except ValueError:
        return Complaint(first_line(text), status=status)
    found = complaint_in(payload) or _unread(payload, text)
    return Complaint(found.message, found.type, status)


def complaint_from_text(text: str) -> Complaint:
    """Return what an `error` event or field says; its data may be JSON in any form, or text."""
    try:
        payload = read_json(text)
    except ValueError:
        return Complaint(first_line(text))
    return complaint_in(payload) or _unread(payload, text)


# One that is not closed hides the rest; looking for its end again and again would take long.
_NO_WORDS = re.compile(
    r"<(script|style)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)

_OVERFLOW = re.compile(
    r"context (length|size|window)|exceed|max_new_tokens|too many tokens|n_ctx"
    r"|context_length|maximum context|prompt is too long",
    re.IGNORECASE,
)

# That the model is not known there. llama.cpp: "model 'x' not found". LM Studio: "Invalid model
# identifier", "No models loaded". LiteLLM: "Invalid model name passed in model=x". DeepSeek: "Model
# Not Exist". OpenRouter: "x is not a valid model ID". Bedrock: "The provided model identifier is
# invalid". llama-swap: "could not find real modelID for x". Mistral: "Invalid model: x".
# A server that has but one need not say the word; transformers serve (5.23): "Server is pinned to
# 'a/b'; requested 'c/d'." Other refusals speak of the model, too, but of what it does not take.
_UNKNOWN_MODEL = re.compile(
    r"\bmodels?([ _-]?(name|id|identifier|parameter))?:?( ['\"`]?[^\s'\"`,;]+['\"`]?)?,? "
    r"((was |is |does |could |can)?not (be )?(a valid|found|exist|available|loaded|known|served)"
    r"|(doesn't|didn't) exist|is (unknown|invalid|missing|required))"
    r"|\b(no|no such|invalid|unknown|unrecognized|not a valid|could not find|valid( downloaded)?)"
    r" (real )?models?([ _-]?(names?|ids?|identifiers?))?\b"
    r"|model_not_found|invalid_model"
    r"|\b(pinned|locked|dedicated) to\b|\b(only serves|serves only|serving only)\b",
    re.IGNORECASE,
)


# LM Studio answers any path with status 200: "Unexpected endpoint or method. (POST /completions)".
_UNKNOWN_PATH = re.compile(r"\bunexpected endpoint or method\b", re.IGNORECASE)


def kind_of(complaint: Complaint, status: int | None = None) -> ErrorKind:
    """Return the kind of error, by status and words; errors in a stream may have no status."""
    code = complaint.status or status or 0
    said = f"{complaint.type} {complaint.message}"
    if code in {401, 403}:
        return "auth"
    if code in {429, 503} or "overloaded" in complaint.type:
        return "overloaded"
    if code in {0, 200, 400, 413, 422} and _OVERFLOW.search(said):
        return "context_overflow"
    if code in {404, 405} or (code == 400 and _UNKNOWN_MODEL.search(said)):
        return "not_found_model"
    if code in {0, 200} and _UNKNOWN_PATH.search(said):
        return "not_found_model"
    if code in {408, 504}:
        return "timeout"
    if 400 <= code < 500 and code != 424:  # TGI: 424 means that generation failed
        return "bad_request"
    return _kind_by_type(complaint.type.lower())


def retry_after_s(value: str | None) -> float | None:
    """Return the seconds a Retry-After header asks for: a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None


def first_line(text: str) -> str:
    """Return the first line of words in plain text or HTML."""
    if "<" in text:
        text = _NO_WORDS.sub(" ", text[:BODY_LIMIT_BYTES])
        text = re.sub(r"<[^<>]*>", "\n", text)
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _from_object(error: dict[str, Any]) -> Complaint:
    inner = as_object(error.get("error"))
    if inner and not _words(error, _WORDS):
        return _from_object(inner)
    message = _words(error, (*_WORDS, "error")) or "the server gave no reason"
    return Complaint(message, _type_of(error), _status_of(error))


def _from_text(error: object, payload: dict[str, Any]) -> Complaint:
    # {"error": "Input validation error: ...", "error_type": "validation"}: TGI, proxies.
    # {"error": "invalid_token", "error_description": "expired"}: OAuth.
    # {"error": true, "message": "expired"}: gateways.
    is_flag = isinstance(error, bool | int)
    texts = dict.fromkeys(("" if is_flag else _words(error), _words(payload, _WORDS)))
    message = ": ".join(text for text in texts if text) or str(error)
    return Complaint(message, _type_of(payload), _status_of(payload))


def _from_front_end(payload: dict[str, Any]) -> Complaint | None:
    message = _words(payload, _WORDS)
    if not message:
        return None
    # FastAPI: {"detail": [{"loc": ["body", "model"], "msg": "field required"}]}
    is_validation = isinstance(payload.get("detail"), list)
    kind = "validation" if is_validation else _type_of(payload)
    return Complaint(message, kind, _status_of(payload))


def _unread(payload: object, text: str) -> Complaint:
    """Return what is shown of an error in none of the known forms: its beginning."""
    if isinstance(payload, str):
        return Complaint(as_text(payload))
    return Complaint(first_line(text) if payload else "")


def _words(value: object, keys: Sequence[str] = (), depth: int = 4) -> str:
    """Return the words of an error, which proxies wrap in further objects and lists."""
    if isinstance(value, list) and depth:
        texts = (_words(item, (), depth - 1) for item in value)
        return "; ".join(text for text in texts if text)
    if isinstance(value, dict) and depth:
        texts = (_words(value.get(key), (), depth - 1) for key in keys or (*_WORDS, "error"))
        return _located(value, next(filter(None, texts), ""))
    return as_text(value)


def _located(item: dict[str, Any], message: str) -> str:
    place = item.get("loc")
    where = ".".join(str(part) for part in place) if isinstance(place, list) else ""
    return f"{where}: {message}" if where and message else message


def _status_of(error: dict[str, Any]) -> int | None:
    # TGI since November 2024 names the status `http_status_code` inside its streams; others give
    # it as a string, since OpenAI's `code` is one.
    for key in _STATUS_KEYS:
        given = error.get(key)
        text = as_text(given)
        is_digits = text.isascii() and text.isdigit() and len(text) == 3
        status = int(text) if is_digits else as_count(given)
        if 400 <= status < 600:
            return status
    return None


def _type_of(error: dict[str, Any]) -> str:
    parts = [as_text(error.get(key)) for key in ("error_type", "type", "code")]
    return " ".join(part for part in parts if part)


def _kind_by_type(name: str) -> ErrorKind:
    if "auth" in name or "permission" in name:
        return "auth"
    if "rate_limit" in name or "unavailable" in name:
        return "overloaded"
    if "not_found" in name or "notfound" in name:
        return "not_found_model"
    if "validation" in name or "invalid_request" in name or "badrequest" in name:
        return "bad_request"
    if "incomplete" in name:
        return "incomplete"
    return "server"
