"""What surrounds the cursor, in the form every later step reads."""

from dataclasses import dataclass
from functools import cached_property


def indentation(line: str) -> str:
    """The blanks a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(blanks: str, tab: int = 4) -> int:
    """Columns that leading blanks take."""
    return len(blanks.expandtabs(tab))


@dataclass(frozen=True)
class Situation:
    """The text before and after the cursor, clipped to a budget, with line ends as LF."""

    prefix: str
    suffix: str
    language_id: str

    @classmethod
    def of(cls, prefix: str, suffix: str, language_id: str) -> "Situation":
        """Make one from a document's own text, whatever its line ends."""
        return cls(with_lf(prefix), with_lf(suffix), language_id)

    @cached_property
    def line_prefix(self) -> str:
        """The cursor line up to the cursor."""
        return self.prefix[self.prefix.rfind("\n") + 1 :]

    @cached_property
    def line_suffix(self) -> str:
        """The cursor line from the cursor on."""
        return self.suffix.partition("\n")[0]

    @cached_property
    def is_blank_line(self) -> bool:
        """Whether the cursor line holds nothing but blanks."""
        return not self.line_prefix.strip() and not self.line_suffix.strip()

    @cached_property
    def previous_line(self) -> str:
        """The nearest line above with anything on it, or the empty string."""
        return next((line for line in reversed(self._lines_above) if line.strip()), "")

    @cached_property
    def _lines_above(self) -> list[str]:
        return self.prefix[: len(self.prefix) - len(self.line_prefix)].split("\n")[:-1]

    @cached_property
    def head(self) -> tuple[str, str]:
        """The line whose block the cursor line is in, and the text between the two.

        That is the nearest line above that is indented less; both are empty where there is none.
        """
        for index in range(len(self._lines_above) - 1, -1, -1):
            line = self._lines_above[index]
            if line.strip() and width(indentation(line)) < self.indent:
                return line, "\n".join(self._lines_above[index + 1 :])
        return "", ""

    @cached_property
    def next_line(self) -> str:
        """The nearest line below with anything on it, or the empty string."""
        below = self.suffix[len(self.line_suffix) :]
        return next((line for line in below.split("\n") if line.strip()), "")

    @cached_property
    def indent(self) -> int:
        """Columns of indentation of the cursor line."""
        return width(indentation(self.line_prefix))


def with_lf(text: str) -> str:
    """Give a text with all its line ends as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
