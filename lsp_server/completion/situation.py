"""What surrounds the cursor, in the form every later step reads."""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lsp_server.completion.reading import Above, closed_after, read_above
from lsp_server.completion.scanner import Opens, Scan, scan, width_of

# Lines below the cursor that are read to find what the document closes already.
_LINES_BELOW = 300


@dataclass(frozen=True)
class Situation:
    """The text before and after the cursor, clipped to a budget, with line ends as LF."""

    prefix: str
    suffix: str
    language_id: str
    closer: str = ""
    """What ends the code in another language that this is a part of, at the beginning of a line."""

    @classmethod
    def of(cls, prefix: str, suffix: str, language_id: str) -> "Situation":
        """Make one from a document's own text, whatever its line ends."""
        return cls(with_lf(prefix), with_lf(suffix), language_id)

    def width(self, line: str) -> int:
        """Columns of indentation of a line."""
        return width_of(line)

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
        number = self.previous_number
        return "" if number is None else self.lines_above[number]

    @cached_property
    def previous_number(self) -> int | None:
        """The index in `lines_above` of the nearest line with anything on it, or None."""
        above = self.lines_above
        return next((n for n in range(len(above) - 1, -1, -1) if above[n].strip()), None)

    @cached_property
    def lines_above(self) -> list[str]:
        """The lines above the cursor line, top first."""
        return self.prefix[: len(self.prefix) - len(self.line_prefix)].split("\n")[:-1]

    @cached_property
    def head_number(self) -> int | None:
        """The index in `lines_above` of the nearest line that is indented less, or None."""
        for index in range(len(self.lines_above) - 1, -1, -1):
            line = self.lines_above[index]
            if line.strip() and self.width(line) < self.indent:
                return index
        return None

    @cached_property
    def next_line(self) -> str:
        """The nearest line below with anything on it, or the empty string."""
        return self.next_lines[0] if self.next_lines else ""

    @cached_property
    def next_lines(self) -> tuple[str, ...]:
        """The nearest three lines below with anything on them."""
        below = self.suffix[len(self.line_suffix) :]
        return tuple(islice((line for line in below.split("\n") if line.strip()), 3))

    @cached_property
    def indent(self) -> int:
        """Columns of indentation of the cursor line."""
        return self.width(self.line_prefix)

    @cached_property
    def above(self) -> Above:
        """The lines above the cursor line, read."""
        return read_above(tuple(self.lines_above), self.language_id)

    @property
    def opens(self) -> Opens:
        """What is open where the cursor line begins."""
        return self.above.opens

    @cached_property
    def here(self) -> Scan:
        """The cursor line up to the cursor, read."""
        return scan(self.line_prefix, self.opens, self.language_id, self.above.margin)

    @cached_property
    def closed_right(self) -> frozenset[int]:
        """Depths of what is open at the cursor and closed to its right, on the same line."""
        return self._closed_after[0]

    @cached_property
    def closed_below(self) -> frozenset[int]:
        """Depths of what is open at the cursor and closed on the lines below."""
        return self._closed_after[1]

    @cached_property
    def _closed_after(self) -> tuple[frozenset[int], frozenset[int]]:
        rest = self.line_suffix
        if self.here.unfinished:
            rest = rest.partition(self.here.unfinished)[2]
        blanks = self.line_prefix[: len(self.line_prefix) - len(self.line_prefix.lstrip(" \t"))]
        # A comma stands for what is left of the cursor: the rest begins no line.
        rest = blanks + ("," if self.line_prefix.strip() else "") + rest
        below = self.suffix[len(self.line_suffix) + 1 :].split("\n", _LINES_BELOW)[:_LINES_BELOW]
        return closed_after(self.here.opens, rest, below, self.language_id)


def with_lf(text: str) -> str:
    """Give a text with all its line ends as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
