"""Typing what is offered: how much of a text is left once some of it has been typed."""

_BLANKS = " \t"


def rest_after(text: str, typed: str) -> str | None:
    """Give what is left of `text` after `typed`, or None when the two do not agree.

    Blanks at the end of a finished line do not count, since editors strip them; nor does the
    indentation of the last typed line while nothing else stands on it, since editors put it there.
    """
    if text.startswith(typed):
        return text[len(typed) :]
    *whole, last = typed.split("\n")
    lines = text.split("\n")
    if len(whole) >= len(lines):
        return None
    if any(a.rstrip() != b.rstrip() for a, b in zip(whole, lines, strict=False)):
        return None
    current = lines[len(whole)]
    if not current.startswith(last):
        if not whole or last.strip(_BLANKS):
            return None
        current = last + current.lstrip(_BLANKS)
    return "\n".join([current[len(last) :], *lines[len(whole) + 1 :]])


def agrees(text: str, typed: str) -> bool:
    """Tell whether `typed` goes the way of `text`, which may be shorter as it is still written."""
    return (
        rest_after(text, typed) is not None or rest_after(typed, text.rstrip(_BLANKS)) is not None
    )
