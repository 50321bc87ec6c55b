"""Finds out what someone is about to write at a place of a text, finished or not."""

import re
from dataclasses import dataclass
from typing import Literal

from config.json_places import ParsedText, Syntax
from config.json_tokens import is_in_comment

_WORD = re.compile(r"[\w.:/@+-]*")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A key or a value at a place; `start` and `end` enclose what is there of it already.

    `path` leads to the object or list around, and `name` is the key or index in it, which for a
    new key is blank.
    """

    path: tuple[str, ...]
    around: Syntax
    slot: Literal["key", "value"]
    name: str
    start: int
    end: int
    has_colon: bool = False


def locate(parsed: ParsedText, offset: int) -> Cursor | None:
    """Give what is written at an offset; None where nothing can be, as in a comment."""
    root = parsed.syntax
    if is_in_comment(parsed.text, offset):
        return None
    if not root.opener:
        is_at_root = root.start <= offset <= root.end or not parsed.text.strip()
        start, end = _typed(parsed.text, root, offset)
        return Cursor((), root, "key", "", start, end) if is_at_root else None
    if not _is_inside(root, offset) and not (root.is_cut_off and offset <= root.start):
        return None
    path: tuple[str, ...] = ()
    around = root
    while True:
        member = _member_at(around, offset)
        if member is None:
            return _new(path, around, offset)
        if member.opener and _is_inside(member, offset):
            path, around = (*path, member.name), member
            continue
        return _within(parsed.text, path, around, member, offset)


def _member_at(around: Syntax, offset: int) -> Syntax | None:
    for member in around.members:
        begin = member.start if member.key is None else member.key[0] + 1
        if offset < begin:
            return None
        end = member.end
        if member.key is not None and member.colon_end is None:
            end = member.key[1]
        if offset <= end:
            return member
    return None


def _new(path: tuple[str, ...], around: Syntax, offset: int) -> Cursor:
    if around.opener == "{":
        return Cursor(path, around, "key", "", offset, offset)
    index = sum(member.end <= offset for member in around.members)
    return Cursor(path, around, "value", str(index), offset, offset)


def _within(
    text: str, path: tuple[str, ...], around: Syntax, member: Syntax, offset: int
) -> Cursor | None:
    if member.key is not None and offset <= member.key[1]:
        start, end = _typed(text, Syntax(*member.key), offset)
        has_colon = member.colon_end is not None
        return Cursor(path, around, "key", member.name, start, end, has_colon)
    if member.colon_end is not None and offset < member.colon_end:
        return None
    if member.start == member.end:
        return Cursor(path, around, "value", member.name, offset, offset)
    if member.opener or offset < member.start:
        return None
    start, end = _typed(text, member, offset)
    return Cursor(path, around, "value", member.name, start, end)


def _is_inside(syntax: Syntax, offset: int) -> bool:
    is_before_end = offset <= syntax.end if syntax.is_cut_off else offset < syntax.end
    return syntax.start < offset and is_before_end


def _typed(text: str, syntax: Syntax, offset: int) -> tuple[int, int]:
    """Give the stretch of a string or bare word; one that is not closed ends with its word."""
    start, end = syntax.start, syntax.end
    if start == end or not start <= offset <= end:
        return offset, offset
    is_string = text[start] in "\"'"
    is_closed = end - start > 1 and text[end - 1] == text[start]
    if is_string and not is_closed:
        match = _WORD.match(text, max(offset, start + 1), end)
        return start, match.end() if match is not None else offset
    return start, end
