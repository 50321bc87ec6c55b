"""The unit of indentation: a text that steps in by another one is brought to that of its file."""

from collections.abc import Sequence
from itertools import pairwise

from lsp_server.completion.blocks import opens_block
from lsp_server.completion.situation import Situation

# Lines around the cursor in which the file's unit is looked for.
_LINES_ABOVE, _LINES_BELOW = 200, 100
# A longer one was written by a program, and is slow to read.
_LONGEST_LINE = 300
_UNITS = frozenset(["\t", *(" " * width for width in (2, 3, 4, 8))])
# The first line after one that ends so may be aligned with anything, or stand half a step in.
_NO_BLOCKS = ("(", "[", ",", ">", "({", "[{", " where")


def in_unit_of_file(text: str, situation: Situation) -> str:
    """Give a text with its levels of indentation in the unit of the lines around it.

    Unchanged unless the file steps in by one unit and the text by another one throughout.
    """
    head, _, rest = text.partition("\n")
    if not rest:
        return text
    first = situation.line_prefix + head
    lines = rest.split("\n")
    own = _steps([first, *lines], situation.language_id)
    if len(own) != 1 or not own <= _UNITS:
        return text
    known = _steps(lines_around(situation), situation.language_id)
    if len(known) != 1 or not known <= _UNITS:
        return text
    base, (old,), (new,) = indentation_of(first), own, known
    return "\n".join([head, *(_changed(line, base, old, new) for line in lines)])


def lines_around(situation: Situation) -> list[str]:
    """Give the lines around the cursor; on a blank one, what it is indented by tells as well."""
    above = [*situation.lines_above[-_LINES_ABOVE:], situation.line_prefix + "."]
    return above + situation.suffix.split("\n", _LINES_BELOW + 1)[1 : _LINES_BELOW + 1]


def _steps(lines: Sequence[str], language_id: str) -> set[str]:
    """Find what the first lines of blocks are indented by, beyond the lines that begin them."""
    steps = set()
    for outer, inner in pairwise(line.rstrip() for line in lines if line.strip()):
        if len(outer) > _LONGEST_LINE:
            continue
        base, indentation = indentation_of(outer), indentation_of(inner)
        is_deeper = indentation.startswith(base) and indentation != base
        if is_deeper and not outer.endswith(_NO_BLOCKS) and opens_block(outer, language_id):
            steps.add(indentation[len(base) :])
    return steps


def _changed(line: str, base: str, old: str, new: str) -> str:
    indentation = indentation_of(line)
    if not indentation.startswith(base):
        return line
    levels, deeper = 0, indentation[len(base) :]
    while deeper.startswith(old):
        levels, deeper = levels + 1, deeper[len(old) :]
    return base + new * levels + deeper + line[len(indentation) :]


def indentation_of(line: str) -> str:
    """Give the tabs and blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]
