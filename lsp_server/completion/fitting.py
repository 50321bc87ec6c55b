"""Sets a text between what stands left and right of the cursor."""

import re
from dataclasses import dataclass

from lsp_server.completion.balance import before_closer, closes_its_own, is_balanced
from lsp_server.completion.blocks import is_before_closer, is_in_list, opens_block
from lsp_server.completion.overlap import as_rest_is_set, replaced_after_cursor
from lsp_server.completion.situation import Situation
from lsp_server.completion.terminators import without_terminator

_HEAD_OF_LOOP = re.compile(r"\bfor\s*\([^()]*$")
_CLOSERS = re.compile(r"[)\]};,:\s]*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert at the cursor, and how many characters right of the cursor it replaces."""

    text: str
    replaces: int


def fit(text: str, situation: Situation) -> Suggestion | None:
    """Give the suggestion that `text` makes there, or None when nothing would be seen of it.

    When all of it does not fit, its first line may, or what stands before a bracket that it
    closes and the rest of the line closes too.
    """
    text = _without_end_of_statement(_head_alone(text, situation), situation)
    text = as_rest_is_set(text, situation)
    first = text.split("\n", 1)[0].rstrip()
    for wanted in (text, first, before_closer(first, situation)):
        written = without_terminator(wanted, situation)
        replaces = replaced_after_cursor(written, situation)
        left = situation.line_suffix.rstrip()[replaces:]
        if "\n" in written and left:
            # What stands right of the cursor would end up behind the last line.
            if not _is_whole(written, replaces, situation):
                continue
            written += _break_before(left, written, situation) + left
            return Suggestion(written, replaces + len(left))
        if is_balanced(written, replaces, situation):
            return _if_seen(written, replaces, situation)
    return None


def _if_seen(text: str, replaces: int, situation: Situation) -> Suggestion | None:
    if not text.strip() or text == situation.line_suffix[:replaces]:
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


def _without_end_of_statement(text: str, situation: Situation) -> str:
    """Drop the semicolon of a text that leaves the brackets unclosed which end on its line."""
    if not text.endswith(";") or not is_in_list(situation):
        return text
    if _HEAD_OF_LOOP.search(situation.line_prefix) or before_closer(text, situation) != text:
        return text
    return text.rstrip("; ")


def _is_whole(text: str, replaces: int, situation: Situation) -> bool:
    """Tell whether a text closes what it opens, so that the rest of the line may stand behind."""
    rest = situation.line_suffix.rstrip()
    if not closes_its_own(text, situation, rest[:replaces]):
        return False
    first = text.split("\n", 1)[0].rstrip()
    is_around = not first.strip() or is_before_closer(situation)
    if is_around and rest[0] in ")]}":
        return True
    is_closer = _CLOSERS.fullmatch(rest, replaces)
    return bool(is_closer) or not closes_its_own(first, situation)


def _break_before(rest: str, text: str, situation: Situation) -> str:
    """Give the line end between a text and the closing brackets after it, if it begins with one."""
    if not text.lstrip(" \t").startswith("\n") or rest[0] not in ")]}":
        return ""
    typed = situation.line_prefix
    return "\n" + typed[: len(typed) - len(typed.lstrip(" \t"))]
