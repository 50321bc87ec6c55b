"""Cuts JSONC text into tokens, and reads the value of one token."""

import json
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

# Every repetition is possessive: no text can make the scanner go back over what it has read.
_TOKEN = re.compile(
    r"""
    (?P<skip>(?:\s|\ufeff)++|//[^\r\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)
  | (?P<open_comment>/\*)
  | (?P<mark>[{}\[\]:,])
  | (?P<string>"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"? | '[^'\\\r\n]*+(?:\\.[^'\\\r\n]*+)*+'?)
  | (?P<scalar>[^\s{}\[\]:,"'/\ufeff]++|/)
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_LONGEST_NUMBER = 1000


class Token(NamedTuple):
    """One piece of a text; a string keeps its quotes."""

    kind: Literal["mark", "string", "scalar", "open_comment", "end"]
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Give the tokens of a text without its comments and blanks, and an endless row of ends."""
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:  # the scalar takes what nothing else does
            raise AssertionError(text[offset : offset + 1])
        start, offset = offset, match.end()
        match match.lastgroup:
            case "mark":
                yield Token("mark", match.group(), start)
            case "string":
                yield Token("string", match.group(), start)
            case "scalar":
                yield Token("scalar", match.group(), start)
            case "open_comment":
                offset = len(text)
                yield Token("open_comment", "/*", start)
    while True:
        yield Token("end", "", len(text))


def token_end(text: str, offset: int) -> int:
    """Give the end of the token that begins at an offset."""
    match = _TOKEN.match(text, offset)
    return match.end() if match is not None else len(text)


def is_in_comment(text: str, offset: int) -> bool:
    """Tell whether what is typed at an offset becomes part of a comment."""
    start = 0
    while start < offset:
        match = _TOKEN.match(text, start)
        if match is None or match.lastgroup == "open_comment":
            return match is not None
        if match.end() >= offset:
            is_line = match.group().startswith("//")
            return is_line or (match.group().startswith("/*") and offset < match.end())
        start = match.end()
    return False


def decode_string(text: str) -> tuple[str, str | None]:
    """Give the value of a string token, and what is wrong with it."""
    quote, inner = text[0], text[1:]
    is_closed = inner.endswith(quote) and not _ends_in_escape(inner)
    content = inner[:-1] if is_closed else inner
    if not is_closed:
        return content, "This string is not closed; end it with a double quote."
    if quote == '"' and "\\" not in content and content.isprintable():
        return content, None
    if quote == "'":
        return content, "This string is in single quotes; JSON strings need double quotes."
    try:
        decoded = json.loads(text)
    except json.JSONDecodeError as fault:
        if "control character" in fault.msg:
            return content, "This string holds a control character; write a tab as \\t."
        return content, "This string has a bad escape; write a backslash as \\\\."
    return str(decoded), None


def decode_scalar(text: str) -> tuple[object, str | None]:
    """Give the value of a token without quotes, and what is wrong with it."""
    if text in _WORDS:
        return _WORDS[text], None
    if _NUMBER.fullmatch(text):
        if len(text) > _LONGEST_NUMBER:
            return None, "This number is too long."
        is_whole = text.lstrip("-").isdigit()
        return int(text) if is_whole else float(text), None
    if text.lower() in _WORDS:
        return _WORDS[text.lower()], f"Write {text.lower()} in lower case."
    return None, "This is no JSON value; put text in double quotes."


def _ends_in_escape(inner: str) -> bool:
    before = inner[:-1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
