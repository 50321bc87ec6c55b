"""The smallest set of replacements that turns one text into another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lsp_server.comparison import common_ends
from lsp_server.documents import split_lines

# CR LF is one piece: no position lies inside it.
_PIECE = re.compile(r"\r\n|\w+|[^\S\r\n]+|[\s\S]")
# Above these, comparing costs more than a larger edit: pairs of lines, and of pieces in them.
_MOST_LINE_PAIRS, _MOST_PIECE_PAIRS = 4_000_000, 100_000
# Lines that have less in common are read more easily as replaced.
_LEAST_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Replacement:
    """Put `text` in place of what stands between two offsets."""

    start: int
    end: int
    text: str

    def moved(self, by: int) -> "Replacement":
        """The same replacement in a text that has `by` more characters before it."""
        return Replacement(self.start + by, self.end + by, self.text)


def differences(old: str, new: str) -> tuple[Replacement, ...]:
    """Give replacements, in order and apart from each other, that make `new` of `old`.

    Lines that both have are left alone, and within similar lines the words that both have.
    """
    old_lines, new_lines = split_lines(old), split_lines(new)
    found: list[Replacement] = []
    for start, removed, added in _hunks(old_lines, new_lines, _MOST_LINE_PAIRS):
        found += _within(start, "".join(removed), "".join(added))
    return tuple(found)


def _within(start: int, removed: str, added: str) -> Iterator[Replacement]:
    """Compare changed lines piece by piece, unless they are other lines altogether."""
    before, after = _PIECE.findall(removed), _PIECE.findall(added)
    hunks = list(_hunks(before, after, _MOST_PIECE_PAIRS))
    changed = sum(len("".join(piece)) for _, *both in hunks for piece in both)
    if removed and added and changed > (len(removed) + len(added)) * (1 - _LEAST_ALIKE):
        hunks = list(_hunks(before, after, 0))
    for offset, gone, come in hunks:
        yield Replacement(start + offset, start + offset + len("".join(gone)), "".join(come))


def _hunks(
    old: Sequence[str], new: Sequence[str], most_pairs: int
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """Yield the offset of each difference, what is gone there and what has come."""
    head, tail = common_ends(old, new)
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    offset = sum(map(len, old[:head]))
    if not old_middle and not new_middle:
        return
    if len(old_middle) * len(new_middle) > most_pairs:
        yield offset, old_middle, new_middle
        return
    matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield offset, old_middle[i1:i2], new_middle[j1:j2]
        offset += sum(map(len, old_middle[i1:i2]))
