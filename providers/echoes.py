"""Keeps a server's complaint from quoting the request it is about."""

import html
import json
from collections.abc import Callable, Iterable

_SHORTEST = 12
_GAP = "..."
# A sentence shows 300 characters; searching for more would take time for nothing.
_MOST_CHARS = 1000

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
    spelled = {spell(kept) for kept in kept_back for spell in _SPELLINGS}
    # Twice, because a piece can be 12 characters long with its white space and shorter without.
    line = one_line(without_pieces(text, spelled, _SHORTEST, _GAP))
    return without_pieces(line, {one_line(kept) for kept in spelled}, _SHORTEST, _GAP)


def one_line(text: str) -> str:
    """Return text with what cannot be printed, and longer white space, as single spaces."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def without_pieces(text: str, kept_back: set[str], shortest: int, gap: str) -> str:
    """Return the beginning of a text without the pieces, of a length, of what is kept back."""
    text = text[:_MOST_CHARS]
    # Requests can be long. Each piece of them holds a whole one of the halves into which they can
    # be divided, so what counts is around the halves that occur in the text.
    half = shortest // 2
    whole = "\0".join(kept_back)
    halves = {text[at : at + half] for at in range(len(text))}
    near = {
        whole[max(0, at - half) : at + shortest]
        for at in range(0, len(whole), half)
        if whole[at : at + half] in halves
    }
    hay = "\0".join(near)

    pieces: list[str] = []
    shown_from = index = 0
    while index + shortest <= len(text):
        if text[index : index + shortest] not in hay:
            index += 1
            continue
        pieces += [text[shown_from:index], gap]
        index += shortest
        # The run goes on as long as the last characters of it, so many each time, are in there.
        while index < len(text) and text[index - shortest + 1 : index + 1] in hay:
            index += 1
        shown_from = index
    return "".join(pieces) + text[shown_from:]
