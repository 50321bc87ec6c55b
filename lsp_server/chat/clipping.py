"""Shortens a text to a number of tokens: its beginning and its end stay, a mark stands between."""

from dataclasses import dataclass

from lsp_server.chat.tokens import estimate_tokens

# What a file is about mostly stands at its beginning.
_HEAD_SHARE = 0.6
# For the mark itself.
_MARK_TOKENS = 12
# An end of a line is looked for in so much of each piece.
_RAGGED_SHARE = 0.2
_MOST_TRIES = 12


@dataclass(frozen=True, slots=True)
class Clipped:
    """What is left of a text, and how many of its characters are not."""

    text: str
    left_out: int = 0


def clip(text: str, limit_tokens: int) -> Clipped:
    """Shorten a text that takes more than about `limit_tokens`, at ends of lines where it can."""
    tokens = estimate_tokens(text)
    if tokens <= limit_tokens:
        return Clipped(text)
    room = limit_tokens - _MARK_TOKENS
    keep = int(len(text) * room / tokens)
    for _ in range(_MOST_TRIES):
        if keep <= 0:
            break
        clipped = _without_middle(text, keep)
        tokens = estimate_tokens(clipped.text)
        if tokens <= limit_tokens:
            return clipped
        # Its beginning and its end take more than its average.
        keep = int(keep * min(0.9, limit_tokens / tokens))
    return Clipped(_mark(len(text)).strip(), len(text))


def _without_middle(text: str, keep: int) -> Clipped:
    head = text[: int(keep * _HEAD_SHARE)]
    tail = text[len(text) - (keep - len(head)) :]
    ragged = int(len(head) * _RAGGED_SHARE)
    if (end := head.rfind("\n", len(head) - ragged)) >= 0:
        head = head[: end + 1]
    if (start := tail.find("\n", 0, int(len(tail) * _RAGGED_SHARE))) >= 0:
        tail = tail[start + 1 :]
    left_out = len(text) - len(head) - len(tail)
    return Clipped(head + _mark(left_out) + tail, left_out)


def _mark(characters: int) -> str:
    return f"\n[... {characters} characters are left out here ...]\n"
