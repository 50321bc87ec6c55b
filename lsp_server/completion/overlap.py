"""How much of the text right of the cursor a suggestion brings again and so replaces."""

from lsp_server.completion.situation import Situation

_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_CLOSES.values())
_QUOTES = frozenset("\"'`")


def replaced_after_cursor(text: str, situation: Situation) -> int:
    """Characters right of the cursor that `text` stands for.

    A closing bracket counts only when the suggestion does not open it itself: `render(|)` with
    `getView(id)` keeps the outer bracket, `print(|)` with `name);` replaces it.
    """
    rest = situation.line_suffix.rstrip()
    if not rest:
        return 0
    quote = situation.here.unfinished or _open_quote(situation.line_prefix, rest)
    for written in (text, text.split("\n", 1)[0].rstrip()):
        unmatched = _unmatched(written, quote)
        if length := _ended_with(written, rest, unmatched):
            return length
    if quote and text.endswith(rest) and _unmatched(text, "") == _unmatched(rest, ""):
        # Code in a string: `f"{|}"`.
        return len(rest)
    count = 0
    for closer, character in zip(unmatched, rest, strict=False):
        if closer != character:
            break
        count += 1
    return count


def _open_quote(typed: str, rest: str) -> str:
    """Give the quote right of the cursor that ends what one left of it began."""
    return rest[0] if rest[0] in _QUOTES and typed.count(rest[0]) % 2 else ""


def _ended_with(text: str, rest: str, unmatched: list[str]) -> int:
    """Give how much of the beginning of `rest` stands at the end of `text` and is meant by it."""
    for length in range(len(rest), 0, -1):
        part = rest[:length]
        closers = _unmatched(part, "")
        quotes = [character for character in part if character in _QUOTES]
        is_meant = not quotes or part[0] not in _QUOTES or part[0] in unmatched
        brackets = [character for character in unmatched if character in _CLOSES]
        if text.endswith(part) and brackets[: len(closers)] == closers and is_meant:
            return length
    return 0


def _unmatched(text: str, quote: str) -> list[str]:
    """What closes brackets, or the string that `quote` began, from before the text."""
    stack: list[str] = []
    unmatched: list[str] = []
    for character in text:
        if quote:
            if character == quote:
                unmatched.append(character)
                quote = ""
        elif character in _OPENERS:
            stack.append(character)
        elif character in _CLOSES:
            if stack and stack[-1] == _CLOSES[character]:
                stack.pop()
            else:
                unmatched.append(character)
    return unmatched
