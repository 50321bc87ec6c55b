"""What two sequences have in common at their ends."""

from collections.abc import Sequence


def common_ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Count the items both begin with, and those both end with beside them."""
    head = _common(one, other, range(min(len(one), len(other))))
    tail = _common(one, other, range(-1, head - min(len(one), len(other)) - 1, -1))
    return head, tail


def _common(one: Sequence[str], other: Sequence[str], indices: range) -> int:
    for count, index in enumerate(indices):
        if one[index] != other[index]:
            return count
    return len(indices)
