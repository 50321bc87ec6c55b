"""Keeps a server's complaint from quoting the request it is about."""

import html
import json
from collections.abc import Callable, Iterable

_SHORTEST = 12
_GAP = "..."
# A sentence shows 300 characters; searching for more would take time for nothing.
_MOST_CHARS = 1000
# Each piece of 12 characters holds a whole one of the sixes into which a text can be divided.
_SIX = _SHORTEST // 2

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    html.escape,
)


def without_echoes(text: str, kept_back: Iterable[str]) -> str:
    """Return foreign text as one printable line, without longer pieces of what is kept back.

    Pieces of 12 and more characters are left out, also as JSON, Python or HTML spell them, and
    with other white space.
    """
    text = text[:_MOST_CHARS]
    spelled = {spell(kept) for kept in kept_back for spell in _SPELLINGS}
    # Twice, because a piece can be 12 characters long with its white space and shorter without.
    return _cut(one_line(_cut(text, spelled)), {one_line(kept) for kept in spelled})


def one_line(text: str) -> str:
    """Return text with what cannot be printed, and longer white space, as single spaces."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def _cut(text: str, kept_back: set[str]) -> str:
    # Requests can be long. What counts is around the sixes that occur in the text.
    whole = "\0".join(kept_back)
    sixes = {text[at : at + _SIX] for at in range(len(text))}
    near = {
        whole[max(0, at - _SIX) : at + _SHORTEST]
        for at in range(0, len(whole), _SIX)
        if whole[at : at + _SIX] in sixes
    }
    hay = "\0".join(near)

    pieces: list[str] = []
    shown_from = index = 0
    while index + _SHORTEST <= len(text):
        if text[index : index + _SHORTEST] not in hay:
            index += 1
            continue
        pieces += [text[shown_from:index], _GAP]
        index += _SHORTEST
        # The run goes on as long as each 12 characters of it are in there.
        while index < len(text) and text[index - _SHORTEST + 1 : index + 1] in hay:
            index += 1
        shown_from = index
    return "".join(pieces) + text[shown_from:]
