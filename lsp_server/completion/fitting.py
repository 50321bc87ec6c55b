"""Sets a text between what stands left and right of the cursor."""

import re
from dataclasses import dataclass

from lsp_server.completion.blocks import opens_block
from lsp_server.completion.overlap import replaced_after_cursor
from lsp_server.completion.scanner import scan
from lsp_server.completion.situation import Situation

_CLOSERS = re.compile(r"[)\]};,:\s]*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert at the cursor, and how many characters right of the cursor it replaces."""

    text: str
    replaces: int


def fit(text: str, situation: Situation) -> Suggestion | None:
    """Give the suggestion that `text` makes there, or None when nothing would be seen of it."""
    text = _head_alone(text, situation)
    replaces = replaced_after_cursor(text, situation)
    rest = situation.line_suffix.rstrip()
    if "\n" in text and replaces < len(rest):
        # What stands right of the cursor would end up behind the last line.
        if _is_whole(text, rest[replaces:], situation):
            rest_after = rest[replaces:]
            text += _break_before(rest_after, text, situation) + rest_after
            return Suggestion(text, len(rest))
        text = text.split("\n", 1)[0].rstrip()
        replaces = replaced_after_cursor(text, situation)
    if not text.strip() or text == rest[:replaces]:
        return None
    return Suggestion(text, replaces)


def _head_alone(text: str, situation: Situation) -> str:
    """Drop the body that a text gives to a head, when the document has one already."""
    lines = text.split("\n")
    if len(lines) == 1 or situation.is_blank_line:
        return text
    below, rest = situation.next_line, situation.line_suffix.rstrip()
    if below.strip() == "{" and situation.width(below) == situation.indent:
        braces = (number for number, line in enumerate(lines) if number and line.strip() == "{")
        return "\n".join(lines[: next(braces, None)])
    is_deeper = situation.width(below) > situation.indent
    if not is_deeper or not opens_block(rest, situation.language_id):
        return text
    for number in range(1, len(lines)):
        head = "\n".join(lines[:number])
        if replaced_after_cursor(head, situation) == len(rest):
            return head
    return text


def _is_whole(text: str, rest: str, situation: Situation) -> bool:
    """Tell whether only brackets of the document's are left to close, by the rest of the line."""
    if not _CLOSERS.fullmatch(rest):
        return False
    opens, margin = situation.opens, situation.above.margin
    for line in (situation.line_prefix + text).split("\n"):
        read = scan(line, opens, situation.language_id, margin)
        opens, margin = read.opens, read.margin
    return opens == situation.here.opens


def _break_before(rest: str, text: str, situation: Situation) -> str:
    """Give the line end between a text and the closing brackets after it, if it begins with one."""
    if not text.lstrip(" \t").startswith("\n") or rest[0] not in ")]}":
        return ""
    typed = situation.line_prefix
    return "\n" + typed[: len(typed) - len(typed.lstrip(" \t"))]
