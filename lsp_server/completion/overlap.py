"""How much of the text right of the cursor a suggestion brings again and so replaces."""

import re

from lsp_server.completion.blocks import is_markup
from lsp_server.completion.situation import Situation

_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_CLOSES.values())
_QUOTES = frozenset("\"'`")
# Tags and arrows are pieces in markup, everything else is one character.
_MARKUP = re.compile(r"</[\w:.-]*\s*>|<[A-Za-z][\w:.-]*|/>|=>|.", re.DOTALL)


def replaced_after_cursor(text: str, situation: Situation) -> int:
    """Characters right of the cursor that `text` stands for.

    What closes a bracket, string or tag counts only when the suggestion does not open it itself:
    `render(|)` with `getView(id)` keeps the outer bracket, `print(|)` with `name);` replaces it.
    """
    rest = situation.line_suffix.rstrip()
    if not rest:
        return 0
    markup = is_markup(situation.language_id)
    quote = situation.here.unfinished or _open_quote(situation.line_prefix, rest)
    first_line = text.split("\n", 1)[0].rstrip()
    closed = _closed(_pieces(rest, markup), _unmatched(first_line, quote, markup))
    closed += _punctuation(first_line, rest[closed:])
    endings = (
        _ended_with(written, rest, _unmatched(written, quote, markup), markup)
        for written in (text, first_line)
    )
    if (
        quote
        and text.endswith(rest)
        and _unmatched(text, "", markup) == _unmatched(rest, "", markup)
    ):
        return len(rest)  # code in a string: `f"{|}"`
    return max(closed, *endings)


def _open_quote(typed: str, rest: str) -> str:
    """Give the quote right of the cursor that ends what one left of it began, or nothing."""
    return rest[0] if rest[0] in _QUOTES and typed.count(rest[0]) % 2 else ""


def _ended_with(text: str, rest: str, unmatched: list[str], markup: bool) -> int:
    """Give how much of the beginning of `rest` stands at the end of `text` and is meant by it."""
    closing = [piece for piece in unmatched if piece not in _QUOTES]
    for length in range(min(len(rest), len(text)), 0, -1):
        part = rest[:length]
        if not text.endswith(part):
            continue
        closers = _unmatched(part, "", markup)
        is_string = any(character in _QUOTES for character in part) and part[0] in _QUOTES
        is_meant = not is_string or part[0] in unmatched
        if closing[: len(closers)] == closers and is_meant:
            return length
    return 0


def _closed(rest: list[str], unmatched: list[str]) -> int:
    """Count the characters at the beginning of `rest` that close what `unmatched` closes."""
    count = passed = 0
    wanted = iter(unmatched)
    closer = next(wanted, None)
    for piece in rest:
        passed += len(piece)
        if piece == closer:
            count = passed
            closer = next(wanted, None)
        elif not piece.isspace():
            break
    return count


def _punctuation(text: str, rest: str) -> int:
    """Count the characters at the beginning of `rest` that end a statement, as the text does."""
    mark = rest[:1]
    return 1 if mark and mark in ";,:" and text.endswith(mark) else 0


def _unmatched(text: str, quote: str, markup: bool) -> list[str]:
    """What closes brackets, tags, or the string that `quote` ends, from before the text."""
    unmatched: list[str] = []
    if quote:
        _, end, text = text.partition(quote)
        unmatched += end
    stack: list[str] = []
    for piece in _pieces(text, markup):
        opener = _tag_of(piece) if markup and piece[-1] == ">" else _CLOSES.get(piece)
        if piece in _OPENERS:
            stack.append(piece)
        elif len(piece) > 1 and piece[0] == "<" and piece[1] != "/":
            stack += [piece, "<"]
        elif not opener:
            continue
        elif (depth := _depth_of(opener, stack)) is not None:
            del stack[depth - (piece == "/>") :]
        else:
            unmatched.append(piece)
    return unmatched


def _depth_of(opener: str, stack: list[str]) -> int | None:
    """Find what is being closed; elements need no end tag, and `<` is not always of one."""
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth] == opener:
            return depth
        if stack[depth][0] != "<":
            break
    return None


def _tag_of(piece: str) -> str | None:
    """Give what a piece of markup that ends in `>` closes: an element, or the head of a tag."""
    if piece == "=>":
        return None
    return "<" + piece[2:-1].rstrip() if piece.startswith("</") else "<"


def _pieces(text: str, markup: bool) -> list[str]:
    return _MARKUP.findall(text) if markup else [*text]
