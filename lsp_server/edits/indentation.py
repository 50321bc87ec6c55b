"""Indentation of a model's lines, brought to the place they go to and to the file's own unit."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

_MOST_BLANKS = 8
_TAB_OF_UNKNOWN_WIDTH = 4


def indentation_of(line: str) -> str:
    """The blanks and tabs a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def unit_of(lines: Iterable[str]) -> str:
    """What one level of indentation is in these lines: a tab, some blanks, or nothing known."""
    indents = [indentation_of(line) for line in lines if line.strip()]
    tabs = sum(indent.startswith("\t") for indent in indents)
    blanks = sum(indent.startswith(" ") for indent in indents)
    if tabs > blanks:
        return "\t"
    steps = Counter(
        len(inner) - len(outer)
        for outer, inner in pairwise(indents)
        if 1 < len(inner) - len(outer) <= _MOST_BLANKS
    )
    if not steps:
        return ""
    most = max(steps.values())
    return " " * min(step for step, count in steps.items() if count == most)


def reindented(lines: Sequence[str], old: Sequence[str], base: str, unit: str) -> list[str]:
    """Indent a model's lines so that the first one is indented by `base`.

    Models give back code as it stood, without its common indentation, or without that of the
    first line alone; the reading that leaves the most lines of `old` as they are counts.
    """
    known = {line for line in old if line.strip()}
    readings: list[list[str]] = []
    for written in (_in_unit(lines, unit), list(lines)):
        first = indentation_of(written[0])
        readings.append(_shifted(written, first, base))
        readings.append(written)
        readings.append([base + written[0].lstrip(" \t"), *written[1:]])
        readings.append(_shifted(written, _common(written), _common(old)))
    return max(readings, key=lambda reading: sum(line in known for line in reading))


def _shifted(lines: Sequence[str], away: str, to: str) -> list[str]:
    """Put `to` where lines begin with `away`; a line indented less stays less indented."""
    shifted = []
    for line in lines:
        indent = indentation_of(line)
        if not line.strip():
            shifted.append("")
        elif indent.startswith(away):
            shifted.append(to + line[len(away) :])
        else:
            missing = len(away) - len(indent)
            shifted.append(to[: max(0, len(to) - missing)] + line[len(indent) :])
    return shifted


def _in_unit(lines: Sequence[str], unit: str) -> list[str]:
    """Write the levels of indentation of these lines in another unit, if theirs is known."""
    own = unit_of(lines) or (" " * _TAB_OF_UNKNOWN_WIDTH if unit == "\t" else "")
    if not unit or not own or own == unit:
        return list(lines)

    def change(found: re.Match[str]) -> str:
        return unit * (len(found[0]) // len(own))

    return [re.sub(rf"\A(?:{own})+", change, line) for line in lines]


def _common(lines: Sequence[str]) -> str:
    indents = [indentation_of(line) for line in lines if line.strip()]
    return min(indents, key=len, default="")
