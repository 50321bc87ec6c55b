"""Tabs or blanks: an answer with blanks is brought to the tabs of its file."""

from functools import lru_cache

from lsp_server.completion.situation import Situation
from lsp_server.completion.units import indentation_of, lines_around

_UNITS = frozenset([2, 3, 4, 8])
# What nobody takes for two levels at once.
_SMALL = 4


class Blanks:
    """Indents the lines of an answer with tabs, one by one, where all lines around have tabs.

    The first line with blanks tells how many of them make a level.
    """

    def __init__(self, indentation: str, situation: Situation) -> None:
        """Begin with what the first line is indented by, which may stand for the cursor's."""
        self.levels = indentation_of(situation.line_prefix).count("\t")
        self.is_needed = self.levels > 0 and _has_tabs_alone(situation)
        self.unit = 0
        """How many blanks make a tab; 0 while nothing has told it."""
        self.indentation = self.take(indentation + ".", is_deeper=False)[:-1]

    def take(self, line: str, *, is_deeper: bool) -> str:
        """Give a line with the blanks of the file; deeper than the cursor may be the first."""
        indentation = indentation_of(line)
        rest, width = line[len(indentation) :], len(indentation)
        if self.is_needed and "\t" in indentation:
            self.is_needed = False
        elif self.is_needed and width > 1 and not self.unit:
            self._learn(width, is_deeper=is_deeper)
            # Where blanks and tabs make levels by turns, a block ends with blanks.
            self.is_needed = self.unit in _UNITS and not rest.startswith(("}", ")", "]"))
        if not self.is_needed or not self.unit:
            return line
        return "\t" * (width // self.unit) + " " * (width % self.unit) + rest

    def _learn(self, width: int, *, is_deeper: bool) -> None:
        levels = self.levels + is_deeper
        is_one = is_deeper and width <= _SMALL
        self.unit = width if is_one else width // levels if width % levels == 0 else 0


# Asked for with every piece of a stream.
@lru_cache(maxsize=8)
def _has_tabs_alone(situation: Situation) -> bool:
    found = {line[0] for line in lines_around(situation) if line.startswith(("\t", "  "))}
    return found == {"\t"}
