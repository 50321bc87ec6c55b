"""Cuts a generated text to the line or block that is wanted at the cursor."""

from copy import copy
from dataclasses import dataclass

from lsp_server.completion.blocks import (
    block_head,
    end_of_tag,
    is_argument,
    is_in_list,
    is_one_line,
)
from lsp_server.completion.branches import Follow, follow, may_branch
from lsp_server.completion.closings import Closings
from lsp_server.completion.membership import Statement, Verdict, is_begun
from lsp_server.completion.reading import begin_of_head
from lsp_server.completion.scanner import Scan, scan
from lsp_server.completion.situation import Situation


@dataclass(frozen=True, slots=True)
class Cut:
    """The wanted part of a generated text; `ended` once nothing that follows can change it."""

    text: str
    ended: bool


def cut(generated: str, situation: Situation) -> Cut:
    """Keep one line, or the block that the cursor or the first generated line opens."""
    lines = generated.split("\n")
    if is_one_line(situation) and not is_argument(situation):
        is_below = Closings(situation, has_block=False).take(lines[0], is_judged=True)
        return Cut("" if is_below else lines[0], ended=len(lines) > 1)
    cutter = Cutter(situation)
    for index, line in enumerate(lines):
        if cutter.take(line, is_last=index == len(lines) - 1):
            break
    return Cut("\n".join(cutter.kept_of(lines)), cutter.ended)


def _indent_of_statement(situation: Situation) -> int:
    """Columns of the line that the cursor's statement begins on: its brackets or its tag tell."""
    number = end_of_tag(situation)
    if number is not None:
        return situation.width(situation.lines_above[number])
    closed = situation.opens[situation.here.lowest :]
    lines = [*situation.lines_above, situation.line_prefix]
    head = lines[begin_of_head(lines, len(lines) - 1, situation.language_id)]
    return min([situation.width(head), *(entry.indent for entry in closed)])


class Cutter:
    """Takes generated lines one by one, for as long as they belong to what was begun.

    It holds none of the lines, so that it costs the same wherever a stream has come to.
    """

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        head = block_head(situation) if situation.is_blank_line else None
        self.is_whole = head is not None and head.is_whole
        self.is_argument = is_argument(situation)
        self.base = head.depth if head else situation.here.lowest
        self.is_in_list = is_in_list(situation)
        if self.is_argument:
            self.base = len(situation.here.opens)
        elif self.is_in_list:
            self.base = min(self.base, len(situation.here.opens) - 1)
        self.outer = head.outer if head else self.base
        """How many of the brackets were open before the head of the block."""
        self.untouched = len(situation.here.opens)
        """How many of the brackets open at the cursor the text has not closed yet."""
        self.statement = Statement(
            situation,
            parent=head.indent if head else _indent_of_statement(situation),
            is_indented_block=head is not None and not head.is_bracketed,
        )
        self.closings = Closings(situation, has_block=self.statement.is_indented_block)
        self.taken = 0
        self.kept = 1
        """How many of the lines belong."""
        self.ended = False
        """Whether nothing that follows can change that."""
        self._scanned: Scan | None = None
        self._left = -1
        """The depth of the block that was left, while a branch of it may follow; -1 for none."""
        self._is_announced = False
        """Whether the head of a branch was the latest line."""
        self._clipped: str | None = None

    def take(self, line: str, *, is_last: bool) -> bool:
        """Take the next line; tell whether the text is to be cut there.

        The last line of all may still be growing.
        """
        number, self.taken = self.taken, self.taken + 1
        closer = self.situation.closer
        if number and closer and line.lstrip().startswith(closer):
            self.ended = True
            return True
        if self.is_whole:
            self.kept = number + 1 if line.strip() else self.kept
            return False
        if self._left >= 0:
            return self._take_branch(line, self._read(line), number, is_last=is_last)
        return self._take(line, number, is_last=is_last)

    def _take(self, line: str, number: int, *, is_last: bool) -> bool:
        is_inside = self._is_inside()
        if self.closings.take(line, is_judged=not is_inside or not number):
            self.kept, self.ended = number and self.kept, not is_last
            return True
        if number and self._leaves_brackets(line):
            self.ended = self.is_argument or not is_last or is_begun(line)
            return True
        verdict = Verdict.KEEP if is_inside else self.statement.judge(line)
        if verdict in (Verdict.FINISHED, Verdict.END):
            self.ended = verdict is Verdict.FINISHED or not is_last or is_begun(line)
            return True
        read = self._read(line)
        stop = self._column_of_stop(read, number)
        if stop is not None:
            self._stop_at(line[:stop], number)
            if number and not line[:stop].strip() and may_branch(self.situation, read.closed[0][0]):
                self._left, self._is_announced = read.closed[0][0], False
                return self._take_branch(line, read, number, is_last=is_last)
            self.ended = not is_last
            return True
        if not number:
            self.base = self.base if self.is_argument else min(self.base, read.lowest)
            return False
        self.statement.passes_over = verdict is Verdict.SKIP or (
            is_inside and self.statement.passes_over
        )
        if line.strip() and not self.statement.passes_over:
            self.kept = number + 1
        return False

    def _take_branch(self, line: str, read: Scan, number: int, *, is_last: bool) -> bool:
        """Take the line that leaves a block, or one after it; cut there unless a branch follows."""
        found = follow(line[: read.code_end], read, self._left, is_announced=self._is_announced)
        if found is Follow.NONE:
            self.ended = not is_last or is_begun(line)
            return True
        if found is Follow.BRANCH:
            self._left, self.kept = -1, number + 1
        self._is_announced = found is Follow.HEAD
        return False

    def copy(self) -> "Cutter":
        """Give one that goes on from here by itself."""
        other = copy(self)
        other.statement = copy(self.statement)
        other.closings = copy(self.closings)
        return other

    def kept_of(self, lines: list[str], start: int = 0) -> list[str]:
        """Give what belongs of the lines taken, from line `start` on."""
        kept = lines[start : self.kept]
        if self._clipped is not None and kept:
            kept[-1] = self._clipped
        return kept

    def _is_inside(self) -> bool:
        """Tell whether the next line belongs whatever it is."""
        if self._scanned is None:
            return True
        return len(self._scanned.opens) > self.base or self.statement.is_continued

    def _leaves_brackets(self, line: str) -> bool:
        """Tell whether a line has no place in the brackets around the cursor that end beside it."""
        if self._scanned is None or self._scanned.opens != self.situation.here.opens:
            return self.is_argument and not self._is_inside()
        if self.is_argument:
            return True
        return self.is_in_list and not self.statement.goes_on_in_brackets(line)

    def _read(self, line: str) -> Scan:
        """Read a line on from what is open."""
        situation, before = self.situation, self._scanned
        if before is None:
            line = situation.line_prefix + line
            opens, margin = situation.opens, situation.above.margin
        else:
            opens, margin = before.opens, before.margin
        read = scan(line, opens, situation.language_id, margin)
        self.statement.take(line[: read.code_end].strip())
        self._scanned = read
        return read

    def _column_of_stop(self, read: Scan, number: int) -> int | None:
        """Find where a line closes what the document closes below, or what was not begun here."""
        situation = self.situation
        typed = 0 if number else len(situation.line_prefix)
        for depth, column in read.closed:
            if column < typed or depth >= self.untouched:
                continue
            if depth in situation.closed_below:
                return column - typed
            # What ends a block may close the call that the block is an argument of: `end)`.
            base = self.outer if self.statement.is_closed else self.base
            is_ours = depth >= base or depth in situation.closed_right
            if number and not is_ours:
                return column - typed
            self.untouched = max(depth, 0)
        return None

    def _stop_at(self, before: str, number: int) -> None:
        """Cut inside a line, before what closes a bracket that the document closes itself."""
        before = before.rstrip()
        if before.strip() == "|":
            before = ""  # half of the end of an array: `|]`
        self.kept = number if number and not before else number + 1
        if before or not number:
            self._clipped = before
