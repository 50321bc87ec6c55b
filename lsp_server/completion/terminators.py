"""Where a statement ends for a model that never saw that it goes on right of the cursor."""

import re

from lsp_server.completion.languages import language_of
from lsp_server.completion.overlap import replaced_after_cursor
from lsp_server.completion.situation import Situation

# With what the rest of a line goes on with an operand, and no statement or comment begins.
_GOES_ON = re.compile(
    r"[(\[{](?!\*)|::"
    r"|\s*(?:[-+*&](?=[\s=])|&&|->|!=|/(?![/*>])|<(?![/!])|\?(?!>)|:(?!:)|[|^>=.,]"
    r"|(?:and|or|in|is|as|of|instanceof|from|where|order\s+by|group\s+by)\b)",
    re.IGNORECASE,
)
_BEGINS_STATEMENT = re.compile(r"(?:^|[;{}])\s*$")
_ENTITY = re.compile(r"&#?\w+;$")
_WORD = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|\w+|[-+*/%&|^<>=!?:.]+|\S", re.DOTALL
)
_MEMBERS = frozenset([".", "?.", "!.", "->", "::"])


def without_terminator(text: str, situation: Situation) -> str:
    """Give as much of a text as may stand before the rest of the line, when it ends a statement.

    That is what it has before its own such rest: `a > 1` of `a > 1:` and of `a > 1 and c:`,
    where `and b:` follows.
    """
    rest = situation.line_suffix.rstrip()
    if not _ends_statement(text, rest) or not _is_in_code(situation):
        return text
    replaces = replaced_after_cursor(text, situation)
    left = rest[replaces:]
    if not _GOES_ON.match(left):
        return text
    first = _WORD.findall(left)[0]
    depth = 0
    for word in _WORD.finditer(text) if not replaces and first not in _MEMBERS else ():
        if word[0] == first and not depth:
            return text[: word.start()].rstrip()
        depth += (word[0] in "([{") - (word[0] in ")]}")
    return text[:-1].rstrip()


def _ends_statement(text: str, rest: str) -> bool:
    if "\n" in text or not rest:
        return False
    end = text[-1:]
    return (end == ";" and not _ENTITY.search(text)) or (end in (":", "{") and rest[-1] == end)


def _is_in_code(situation: Situation) -> bool:
    here = situation.here
    if here.is_text or here.unfinished or _BEGINS_STATEMENT.search(situation.line_prefix):
        return False
    return language_of(situation.language_id).shape != "prose"
