"""Cuts a generated text to the line or block that is wanted at the cursor."""

from dataclasses import dataclass

from lsp_server.completion.blocks import block_head, is_one_line
from lsp_server.completion.membership import Statement, Verdict, is_begun
from lsp_server.completion.scanner import Opens, Scan, scan
from lsp_server.completion.situation import Situation


@dataclass(frozen=True, slots=True)
class Cut:
    """The wanted part of a generated text; `ended` once nothing that follows can change it."""

    text: str
    ended: bool


def cut(generated: str, situation: Situation) -> Cut:
    """Keep one line, or the block that the cursor or the first generated line opens."""
    lines = generated.split("\n")
    if is_one_line(situation):
        return Cut(lines[0], ended=len(lines) > 1)
    return _Cutter(lines, situation).cut()


def _indent_of_statement(situation: Situation) -> int:
    """Columns of the line that the cursor's statement begins on: its brackets tell."""
    closed = situation.opens[situation.here.lowest :]
    return min([situation.indent, *(entry.indent for entry in closed)])


class _Cutter:
    """Reads generated lines for as long as they belong to what was begun."""

    def __init__(self, lines: list[str], situation: Situation) -> None:
        self.lines = lines
        self.situation = situation
        head = block_head(situation) if situation.is_blank_line else None
        self.base = head.depth if head else situation.here.lowest
        self.untouched = len(situation.here.opens)
        """How many of the brackets open at the cursor the text has not closed yet."""
        self.statement = Statement(
            situation,
            parent=head.indent if head else _indent_of_statement(situation),
            is_indented_block=head is not None and not head.is_bracketed,
        )
        self.kept = 1

    def cut(self) -> Cut:
        """Give the lines that belong together."""
        typed = len(self.situation.line_prefix)
        situation = self.situation
        first = situation.line_prefix + self.lines[0]
        read = self.read(first, situation.opens, situation.above.margin)
        stop = self.column_of_stop(read, 0)
        if stop is not None:
            return self.stopped_at(0, stop - typed)
        self.base = min(self.base, read.lowest)
        for index in range(1, len(self.lines)):
            line = self.lines[index]
            is_inside = len(read.opens) > self.base or self.statement.is_continued
            verdict = Verdict.KEEP if is_inside else self.statement.judge(line)
            if verdict is Verdict.FINISHED:
                return self.up_to(ended=True)
            if verdict is Verdict.END:
                return self.up_to(ended=index < len(self.lines) - 1 or is_begun(line))
            read = self.read(line, read.opens, read.margin)
            stop = self.column_of_stop(read, index)
            if stop is not None:
                return self.stopped_at(index, stop)
            self.statement.passes_over = verdict is Verdict.SKIP or (
                is_inside and self.statement.passes_over
            )
            if line.strip() and not self.statement.passes_over:
                self.kept = index + 1
        return self.up_to(ended=False)

    def read(self, line: str, opens: Opens, margin: int) -> Scan:
        """Read a line on from what is open."""
        read = scan(line, opens, self.situation.language_id, margin)
        self.statement.take(line[: read.code_end].strip())
        return read

    def column_of_stop(self, read: Scan, index: int) -> int | None:
        """Find where a line closes what the document closes below, or what was not begun here."""
        situation = self.situation
        typed = 0 if index else len(situation.line_prefix)
        for depth, column in read.closed:
            if column < typed or depth >= self.untouched:
                continue
            if depth in situation.closed_below:
                return column
            is_ours = depth >= self.base or depth in situation.closed_right
            if index and not is_ours:
                return column
            self.untouched = max(depth, 0)
        return None

    def up_to(self, *, ended: bool) -> Cut:
        return Cut("\n".join(self.lines[: self.kept]), ended)

    def stopped_at(self, index: int, column: int) -> Cut:
        """Cut inside a line, before what closes a bracket that the document closes itself."""
        before = self.lines[index][:column].rstrip()
        kept = self.lines[: index if index and not before else index + 1]
        if before or not index:
            kept[-1] = before
        return Cut("\n".join(kept), ended=index < len(self.lines) - 1)
