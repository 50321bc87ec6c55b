"""How many tokens a text takes, about: by kinds of characters, without any model's tokenizer.

Within a fifth of what the tokenizers of current models count, for prose and code alike.
"""

import re

_EAST_ASIAN = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_LATIN = r"A-Za-z\u00c0-\u024f"
# What a tokenizer cuts a text into before it looks for tokens. The character before a word, mostly
# a space, belongs to it.
_PIECES = re.compile(
    rf"""
      (?P<east_asian> [{_EAST_ASIAN}]+ )
    | (?P<latin>      [^\w\r\n]? [{_LATIN}]+ )
    | (?P<letters>    [^\w\r\n]? [^\W\d_{_LATIN}{_EAST_ASIAN}]+ )
    | (?P<digits>     \d+ )
    | (?P<marks>      [ ]? [!-/:-@\[-`{{-~]+ [\r\n]* )
    | (?P<space>      \s+ )
    | (?P<other>      . )
    """,
    re.VERBOSE | re.DOTALL,
)
# A longer text is judged by samples from all over it, so that its size costs no time.
_SAMPLES, _SAMPLE_CHARACTERS = 16, 1024


def estimate_tokens(text: str) -> int:
    """Give about how many tokens a text takes; 0 only for no text."""
    if len(text) <= _SAMPLES * _SAMPLE_CHARACTERS:
        return round(_count(text)) or min(1, len(text))
    last = len(text) - _SAMPLE_CHARACTERS
    starts = (last * number // (_SAMPLES - 1) for number in range(_SAMPLES))
    counted = sum(_count(text[start : start + _SAMPLE_CHARACTERS]) for start in starts)
    return round(counted * len(text) / (_SAMPLES * _SAMPLE_CHARACTERS))


def _count(text: str) -> float:
    return sum(_cost(match.lastgroup or "", match[0]) for match in _PIECES.finditer(text))


def _cost(kind: str, piece: str) -> float:
    length = len(piece)
    match kind:
        case "east_asian":
            return length * 0.95
        case "latin":
            # Short words are tokens; so are the usual long ones, but not their accents.
            return 1 + max(0, length - 7) / 5 + (0 if piece.isascii() else 0.8)
        case "letters":
            return length * 0.4
        case "digits":
            return -(-length // 3)
        case "marks":
            return 1 + max(0, length - 2) / 5
        case "space":
            return 1 + length // 64
        case _:
            return 2
