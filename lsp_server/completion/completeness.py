"""Whether what a model has written so far is enough, asked for every piece that arrives."""

from lsp_server.completion.cleaning import TokenWatch, clean, clean_and_place, is_undecided
from lsp_server.completion.cutting import Cutter, cut
from lsp_server.completion.embedded import innermost
from lsp_server.completion.membership import what_decides
from lsp_server.completion.placing import Placing
from lsp_server.completion.repeats import WINDOW, is_repeating
from lsp_server.completion.situation import Situation
from lsp_server.completion.wrapping import (
    after_end_of_thought,
    begins_thought,
    is_fence_closed,
    is_fence_end,
    is_fenced,
)

# After so many lines with anything on them nothing that comes changes how the text begins, unless
# it is undecided: words before a fence, the fence, and an echo may be taken away.
_LINES_OF_BEGINNING = 3
# A line whose first word is longer is judged when it is whole.
_LONGEST_BEGINNING = 256


class Completeness:
    """Follows a stream and tells when nothing more of it will be used.

    Only whole lines and the first word of the line being written decide, and each line is read
    about twice, so a piece costs the same however much came before it.
    """

    def __init__(self, situation: Situation) -> None:
        self.situation = innermost(situation)
        self.is_reached = False
        self._tokens = TokenWatch()
        self._growing = ""
        self._decisive = ""
        self._is_anew = True
        self._beginning = ""
        self._lines_of_beginning = 0
        self._is_thinking = False
        self._lines: _Lines | None = None

    def add(self, piece: str) -> bool:
        """Take what was written next; tell whether that is enough."""
        if not self.is_reached:
            self.is_reached = self._add(piece)
        return self.is_reached

    def _add(self, piece: str) -> bool:
        if self._tokens.add(piece):
            return True
        self._growing += piece
        if "\n" in piece:
            *whole, self._growing = self._growing.split("\n")
            if any(self._take(line.replace("\r", "\n")) for line in map(_without_return, whole)):
                return True
            self._decisive, self._is_anew = "", True
        return self._look()

    def _take(self, lines: str) -> bool:
        """Take a whole line, or several that only carriage returns divide."""
        return any(self._take_line(line) for line in lines.split("\n"))

    def _take_line(self, line: str) -> bool:
        if self._lines is not None:
            return self._lines.take(line)
        if not self._lines_of_beginning and begins_thought(line):
            self._is_thinking = True
        if self._is_thinking:
            rest = after_end_of_thought(line)
            if rest is None:
                return False
            self._is_thinking, line = False, rest
        self._beginning += f"{line}\n"
        self._lines_of_beginning += bool(line.strip())
        if not self._lines_of_beginning:
            return False
        if _is_complete(self._beginning, self.situation):
            return True
        if self._lines_of_beginning >= _LINES_OF_BEGINNING:
            text, placing = clean_and_place(self._beginning, self.situation)
            if text.strip() and not is_undecided(self._beginning, self.situation):
                is_in_fence = is_fenced(self._beginning, self.situation)
                self._lines = _Lines(self.situation, placing, is_in_fence=is_in_fence)
                return any(self._lines.take_placed(line) for line in text.split("\n")[:-1])
        return False

    def _look(self) -> bool:
        """Judge the line that is being written, if more is known of it than before."""
        decisive = self._decisive
        if not decisive or is_fence_end(decisive):
            decisive = _decisive(self._growing)
        if decisive == self._decisive and not self._is_anew:
            return False
        self._decisive, self._is_anew = decisive, False
        if self._lines is not None:
            return self._lines.would_end_with(decisive)
        if self._is_thinking or not (self._lines_of_beginning or decisive):
            return False
        return _is_complete(self._beginning + decisive, self.situation)


class _Lines:
    """The whole lines of a text whose beginning is settled."""

    def __init__(self, situation: Situation, placing: Placing, *, is_in_fence: bool) -> None:
        self.situation = situation
        self.placing = placing
        self.is_in_fence = is_in_fence
        self.cutter = Cutter(situation)
        self.lines: list[str] = []
        self.telling: list[int] = []
        """The numbers of the lines with anything on them."""
        self.settled = 0
        """So many lines were looked through for repeats already,"""
        self.start = 0
        """and those from this one on may yet be the beginning of some."""

    def take(self, line: str) -> bool:
        """Take a whole line; tell whether the text is complete."""
        if self.is_in_fence and is_fence_end(line):
            return True
        return self.take_placed(self.placing.take(line))

    def take_placed(self, line: str) -> bool:
        """Take one that stands where it belongs already."""
        if self.cutter.take(line, is_last=False):
            return True
        self.lines.append(line)
        if line.strip():
            self.telling.append(len(self.lines) - 1)
        if self.cutter.kept < len(self.lines):
            return False
        if self._is_repeating(self.cutter):
            return True
        self.settled = len(self.lines)
        self.start = self.telling[-WINDOW] if len(self.telling) >= WINDOW else 0
        return False

    def would_end_with(self, growing: str) -> bool:
        """Tell whether the text is complete if the next line begins so."""
        if self.is_in_fence and is_fence_end(growing):
            return True
        growing = self.placing.take_last(growing)
        ahead = self.cutter.copy()
        if ahead.take(growing, is_last=True) and ahead.ended:
            return True
        if not growing:
            return False
        self.lines.append(growing)
        is_repeating = self._is_repeating(ahead)
        self.lines.pop()
        return is_repeating

    def _is_repeating(self, cutter: Cutter) -> bool:
        kept = cutter.kept_of(self.lines, self.start)
        return cutter.kept > 1 and is_repeating(kept, self.situation, self.start, self.settled)


def _is_complete(text: str, situation: Situation) -> bool:
    """Tell it of a text that has hardly begun, by reading all of it."""
    if is_fence_closed(text, situation):
        return True
    if is_undecided(text, situation):
        return False
    text = clean(text, situation)
    if not text.strip():
        return False
    wanted = cut(text, situation)
    if wanted.ended:
        return True
    return "\n" in wanted.text and is_repeating(wanted.text.split("\n"), situation)


def _decisive(growing: str) -> str:
    """Give as much of a line being written as decides anything."""
    growing = growing[:_LONGEST_BEGINNING]
    if is_fence_end(growing):
        # With all of its backticks, which need not have come yet.
        return growing[: len(growing) - len(growing.lstrip(" \t`~"))]
    return what_decides(growing)


def _without_return(line: str) -> str:
    return line.removesuffix("\r")
