"""How much of the text right of the cursor a suggestion brings again and so replaces."""

_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_CLOSES.values())


def replaced_after_cursor(text: str, line_suffix: str) -> int:
    """Characters right of the cursor that the first line of `text` stands for.

    A closing bracket counts only when the suggestion does not open it itself: `render(|)` with
    `getView(id)` keeps the outer bracket, `print(|)` with `name);` replaces it.
    """
    first = text.split("\n", 1)[0].rstrip()
    rest = line_suffix.rstrip()
    if not rest:
        return 0
    unmatched = _unmatched_closers(first)
    closers = [character for character in rest if character in _CLOSES]
    if first.endswith(rest) and unmatched[: len(closers)] == closers:
        return len(rest)
    count = 0
    for closer, character in zip(unmatched, rest, strict=False):
        if closer != character:
            break
        count += 1
    return count


def _unmatched_closers(text: str) -> list[str]:
    stack: list[str] = []
    unmatched: list[str] = []
    for character in text:
        if character in _OPENERS:
            stack.append(character)
        elif character in _CLOSES:
            if stack and stack[-1] == _CLOSES[character]:
                stack.pop()
            else:
                unmatched.append(character)
    return unmatched
