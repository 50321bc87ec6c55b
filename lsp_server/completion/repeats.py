"""Cuts what the document already holds below the cursor, and what the model keeps repeating."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.completion.situation import Situation

_LONGEST_PERIOD = 8
_TOO_OFTEN = 3
_SHORTEST_PARTIAL = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a text; `is_final` when more text after it could not change that."""

    text: str
    is_final: bool


def without_suffix_repeat(text: str, situation: Situation) -> Kept:
    """Drop everything from the first line on that the document says again below the cursor.

    The lines after it must agree as well: `@property` stands above many methods.
    """
    wanted = situation.next_lines
    if not wanted:
        return Kept(text, is_final=False)
    lines = text.split("\n")
    opens_right = situation.line_suffix.rstrip().endswith(("{", "(", "["))
    if not _is_telling(wanted[:1]) and not opens_right:
        # A bracket: the cut has seen to those, but for what stands right of the cursor.
        return Kept(text, is_final=False)
    for index, line in enumerate(lines):
        if index == 0 and not situation.is_blank_line:
            continue
        level = situation.indent if index == 0 else situation.width(line)
        is_last = index == len(lines) - 1
        if level > situation.width(wanted[0]) or not _repeats(line, wanted[0], is_last):
            continue
        if agreed := _agreement(lines, index, wanted):
            return Kept("\n".join(lines[:index]), is_final=agreed == len(wanted) and not is_last)
    return Kept(text, is_final=False)


def _agreement(lines: list[str], index: int, wanted: Sequence[str]) -> int:
    """Count the finished lines from `index` on that are the wanted ones; 0 when one is another."""
    rows = [row for row in range(index, len(lines)) if lines[row].strip()]
    count = 0
    for row, line in zip(rows, wanted, strict=False):
        is_last = row == len(lines) - 1
        if not _repeats(lines[row], line, is_last):
            return 0
        count += not is_last
    return max(count, 1)


def _repeats(line: str, wanted: str, is_last: bool) -> bool:
    line, wanted = line.strip(), wanted.strip()
    if line == wanted:
        return True
    return is_last and len(line) >= _SHORTEST_PARTIAL and wanted.startswith(line)


def without_loop(text: str, situation: Situation) -> Kept:
    """Keep one turn of a loop: a line, or a group of up to eight, written three times in a row.

    The loop that is complete first counts, so that text which comes later changes nothing.
    """
    lines = (situation.line_prefix + text).rstrip("\n").split("\n")
    for end in range(_TOO_OFTEN, len(lines) + 1):
        for period in range(1, min(_LONGEST_PERIOD, end // _TOO_OFTEN) + 1):
            start = end - period * _TOO_OFTEN
            turn = lines[start : start + period]
            if _is_telling(turn) and all(
                lines[start + period * n : start + period * (n + 1)] == turn
                for n in range(1, _TOO_OFTEN)
            ):
                kept = "\n".join(lines[: start + period])
                return Kept(kept[len(situation.line_prefix) :], is_final=end < len(lines))
    return Kept(text, is_final=False)


def _is_telling(turn: Sequence[str]) -> bool:
    return any(character.isalnum() for line in turn for character in line)
