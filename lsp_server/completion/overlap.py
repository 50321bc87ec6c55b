"""How much of the text right of the cursor a suggestion brings again and so replaces."""

import re
from typing import Literal

from lsp_server.completion.blocks import is_markup
from lsp_server.completion.situation import Situation

Form = Literal["code", "types", "markup"]
"""What angle brackets are: operators, around types, or around tags."""

_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_CLOSES.values())
_QUOTES = frozenset("\"'`")
_EMPTY = frozenset(["()", "[]", "{}"])
_WORD = re.compile(r"\w+|\S")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
# The same on one line, and neither a lifetime nor the apostrophe of a word.
_STRING_OF_LINE = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|(?<!\w)'(?:\\.|[^'\\\n])*'(?!\w)")
_MEMBER = re.compile(r"(?:\.|->|::)\w*$")
# What is longer is not compared word by word.
_LONGEST_REWRITTEN = 500
_ARROW = re.compile(r"[-=]>")
# Tags and arrows are pieces in markup, everything else is one character.
_TYPES = re.compile(r"[-=]>|.", re.DOTALL)
_MARKUP = re.compile(r"</[\w:.-]*\s*>|<[A-Za-z][\w:.-]*|/>|=>|.", re.DOTALL)


def replaced_after_cursor(text: str, situation: Situation) -> int:
    """Characters right of the cursor that `text` stands for.

    What closes a bracket, string or tag counts only when the suggestion does not open it itself:
    `render(|)` with `getView(id)` keeps the outer bracket, `print(|)` with `name);` replaces it.
    """
    rest = situation.line_suffix.rstrip()
    if not rest:
        return 0
    quote = situation.here.unfinished or _open_quote(situation.line_prefix, rest)
    form = _form_at(situation, rest)
    if (
        quote
        and text.endswith(rest)
        and _pieces_unmatched(text, form) == _pieces_unmatched(rest, form)
    ):
        return len(rest)  # code in a string: `f"{|}"`
    counts = []
    for written in (text, text.split("\n", 1)[0].rstrip()):
        unmatched = _unmatched(written, quote, form)
        counts.append(_written_again(written, unmatched, rest, form))
        counts.append(_ended_with(written, rest, [piece for piece, _ in unmatched], form))
        counts.append(_written_anew(written, rest, quote, form))
    if not situation.here.is_text and not quote:
        counts.append(_rewritten(text.split("\n", 1)[0].rstrip(), situation, form))
    if any(entry.form == "template" for entry in situation.here.opens):
        counts.append(_written_anew(text, rest, "`", form))
    return max(counts)


def as_rest_is_set(text: str, situation: Situation) -> str:
    """Give a text that brings the rest of the line again with that as it stands, blanks and all."""
    rest = situation.line_suffix.rstrip()
    missing = "".join(rest.split())
    before = text
    while missing and before and before[-1] in (missing[-1], " ", "\t"):
        missing = missing.removesuffix(before[-1])
        before = before[:-1]
    if missing or not rest:
        return text
    if rest[0].isspace() and not before.endswith("\n"):
        before = before.rstrip()
    set_alike = before + rest
    return set_alike if replaced_after_cursor(set_alike, situation) == len(rest) else text


def _written_anew(text: str, rest: str, quote: str, form: Form) -> int:
    """Count what a text stands for that goes on as the rest does, closing the same, in other words.

    `max(|, key=len)` with `a, default=0)` replaces the argument, with `a)` it does not.
    """
    count = begin = 0
    if max(len(text), len(rest)) > _LONGEST_REWRITTEN:
        return 0
    own, other = _unmatched(text, quote, form), _unmatched(rest, quote, form)
    for (piece, end), (closer, end_there) in zip(own, other, strict=False):
        written = text[begin : end - len(piece)]
        if piece != closer or not _goes_on_as(written, rest[count : end_there - len(closer)]):
            break
        count, begin = end_there, end
    if count and len(own) == len(other) and (tail := text[begin:].strip()):
        left = rest[count:].lstrip()
        if left.startswith(tail):
            count = len(rest) - len(left) + len(tail)
        elif _goes_on_as(tail, left):
            count = len(rest)
    return count if _net(text) == _net(rest[:count]) else 0


def _rewritten(line: str, situation: Situation, form: Form) -> int:
    """Count the rest of the line, with the mark at its end or without, if a text has it in order.

    `push(1);` has `();` and so has `push(1)`: it ends alike, and leaves the same brackets open.
    What a call gives may be called, unless it is a method: `await ▮()` with `promisify(f)`.
    """
    rest = situation.line_suffix.rstrip()
    words = _WORD.findall(line)
    may_be_called = line.endswith(")") and not _MEMBER.search(situation.line_prefix)
    for wanted in (rest, rest.rstrip(";:, ")):
        missing = _WORD.findall(wanted)
        if words[-1:] != missing[-1:] or len(words) <= len(missing):
            continue
        following = iter(words)
        is_alike = _pieces_unmatched(line, form) == _pieces_unmatched(wanted, form)
        if not is_alike or _net(line) != _net(wanted) or (may_be_called and missing[0] == "("):
            continue
        if all(word in following for word in missing):
            return len(wanted)
    return 0


def _goes_on_as(text: str, rest: str) -> bool:
    """Tell whether a text brings the first word or mark of `rest`, in no brackets of its own."""
    first = _WORD.search(rest)
    depth = 0
    for word in _WORD.findall(_STRING.sub("", text)):
        if first and word == first[0] and not depth:
            return True
        depth += (word in _OPENERS) - (word in _CLOSES)
    return first is None


def _net(text: str) -> int:
    return sum((character in _OPENERS) - (character in _CLOSES) for character in text)


def _form_at(situation: Situation, rest: str) -> Form:
    if is_markup(situation.language_id):
        return "markup"
    typed = _ARROW.sub("", situation.line_prefix)
    is_angle = rest.startswith(">") and typed.count("<") > typed.count(">")
    return "types" if is_angle else "code"


def _written_again(text: str, unmatched: list[tuple[str, int]], rest: str, form: Form) -> int:
    """Count what a text closes right of the cursor, and what it brings again behind that."""
    closed, used = _closed(_pieces(rest, form), [piece for piece, _ in unmatched])
    if not used:
        return _punctuation(text.split("\n", 1)[0], rest)
    tail = text[unmatched[used - 1][1] :]
    bare = rest[closed:].lstrip()
    begin = len(rest) - len(bare)
    first_line = tail.split("\n", 1)[0].rstrip()
    if bare[:2] in _EMPTY and tail.rstrip(";,").endswith(bare[1]):
        return begin + 2 + _punctuation(tail, bare[2:])
    if not (head := _head_again(first_line, bare)):
        return closed + _punctuation(first_line, rest[closed:])
    body, behind = tail[len(first_line) :], bare[head:]
    inside, _ = _closed(_pieces(behind, form), _pieces_unmatched(body, form))
    return begin + head + inside + (_punctuation(text, behind[inside:]) if body else 0)


def _head_again(text: str, rest: str) -> int:
    """Count the characters at the beginning of `rest` up to an opener that the text ends with."""
    lengths = range(min(len(rest), len(text)), 0, -1)
    fitting = (n for n in lengths if rest[n - 1] in _OPENERS and text.endswith(rest[:n]))
    return next(fitting, 0)


def _open_quote(typed: str, rest: str) -> str:
    """Give the quote right of the cursor that ends what one left of it began, or nothing."""
    return rest[0] if rest[0] in _QUOTES and typed.count(rest[0]) % 2 else ""


def _ended_with(text: str, rest: str, unmatched: list[str], form: Form) -> int:
    """Give how much of the beginning of `rest` stands at the end of `text` and is meant by it."""
    closing = [piece for piece in unmatched if piece not in _QUOTES]
    for length in range(min(len(rest), len(text)), 0, -1):
        part = rest[:length]
        if not text.endswith(part):
            continue
        closers = _pieces_unmatched(part, form)
        is_string = any(character in _QUOTES for character in part) and part[0] in _QUOTES
        is_meant = not is_string or part[0] in unmatched
        if closing[: len(closers)] == closers and is_meant:
            return length
    return 0


def _closed(rest: list[str], unmatched: list[str]) -> tuple[int, int]:
    """Count the characters at the beginning of `rest` that close what `unmatched` closes.

    And how many of `unmatched` these are.
    """
    count = passed = used = 0
    for piece in rest:
        passed += len(piece)
        if used < len(unmatched) and piece == unmatched[used]:
            count = passed
            used += 1
        elif not piece.isspace():
            break
    return count, used


def _punctuation(text: str, rest: str) -> int:
    """Count the characters at the beginning of `rest` that end a statement, as the text does."""
    mark = rest[:1]
    return 1 if mark and mark in ";,:" and text.endswith(mark) else 0


def _pieces_unmatched(text: str, form: Form) -> list[str]:
    return [piece for piece, _ in _unmatched(text, "", form)]


def _unmatched(text: str, quote: str, form: Form) -> list[tuple[str, int]]:
    """What closes brackets, tags, or the string that `quote` ends, from before the text.

    With where in the text each of it ends.
    """
    unmatched: list[tuple[str, int]] = []
    end = 0
    if quote and quote in text:
        end = text.index(quote) + len(quote)
        unmatched.append((quote, end))
    stack: list[str] = []
    code = text[:end] + _STRING_OF_LINE.sub(_hidden, text[end:])
    for piece in _pieces(code if not quote or end else "", form, end):
        end += len(piece)
        opener = _opener_of(piece, form)
        if piece in _OPENERS or (piece == "<" and form == "types"):
            stack.append(piece)
        elif len(piece) > 1 and piece[0] == "<" and piece[1] != "/":
            stack += [piece, "<"]
        elif not opener:
            continue
        elif (depth := _depth_of(opener, stack)) is not None:
            del stack[depth - (piece == "/>") :]
        else:
            unmatched.append((piece, end))
    return unmatched


def _hidden(string: re.Match[str]) -> str:
    """Give a string with nothing in it that could close anything."""
    return string[0][0] + "_" * (len(string[0]) - 2) + string[0][-1]


def _opener_of(piece: str, form: Form) -> str | None:
    if piece[-1] != ">" or form == "code":
        return _CLOSES.get(piece)
    return _tag_of(piece) if form == "markup" else "<" * (piece == ">")


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


def _pieces(text: str, form: Form, start: int = 0) -> list[str]:
    if form == "markup":
        return _MARKUP.findall(text, start)
    return _TYPES.findall(text, start) if form == "types" else [*text[start:]]
