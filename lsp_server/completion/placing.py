"""Puts the lines of an answer where they belong: some models write theirs from column 0."""

import re
from copy import copy

from lsp_server.completion.blanks import Blanks
from lsp_server.completion.blocks import opens_block
from lsp_server.completion.languages import comment_start, language_of
from lsp_server.completion.membership import begins_branch, begins_closer
from lsp_server.completion.scanner import Scan, scan
from lsp_server.completion.situation import Situation

# How a line ends that has its sequel on the next one, outside of brackets.
_CONTINUED = ("\\", "&&", "||", "|", " :")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
# What may stand on the level of the line that opens the block it is in,
_BRANCH = re.compile(r"(?:case|default|when)\b|- ")
# and what may stand anywhere in brackets.
_ANYWHERE = re.compile(r"#|[\w ]+:$")
# A block that is over on the line that begins it, or whose lines need not be indented.
_IS_FLAT = re.compile(r"\bend|^\s*def\b.*[^=!<>]=\s|\bin$|^\s*aug", re.IGNORECASE)
_DOCSTRINGS = ('"""', "'''")
# Languages in which a block is never left without a word.
_ENDED_BY_WORDS = frozenset(
    ["ruby", "crystal", "lua", "elixir", "julia", "viml", "vim", "shellscript", "sh", "bash", "zsh"]
)


class Placing:
    """Indents the lines below an answer's first one, in their order, as the cursor's line is.

    Most answers go on from the cursor, and their lines are right as they are. Whether one is
    written from further left is told by the first line with anything on it below the first one.
    """

    def __init__(
        self, indentation: str, first: str, situation: Situation, *, is_apart: bool
    ) -> None:
        """Begin below a first line; apart from the document are a fence and what echoes it."""
        line = situation.line_prefix
        self.situation = situation
        self.language = language_of(situation.language_id)
        self.is_apart = is_apart
        self.blanks = Blanks(indentation, situation)
        self.indentation = indentation = self.blanks.indentation
        self.read = scan(line + first, situation.opens, situation.language_id)
        code = line + first
        # Elsewhere comments cannot be told from the text that they begin with.
        code = code[: self.read.code_end].rstrip() if self.language.brackets else code.rstrip()
        if self.read.is_text:
            self.blanks.is_needed = False
        self.is_docstring = _is_in_text(self.read) and code.lstrip().startswith(_DOCSTRINGS)
        self.opens = self._opens_block(code)
        cursor = line[: len(line) - len(line.lstrip())]
        self.missing = cursor.removesuffix(indentation) if cursor.endswith(indentation) else ""
        """What every line lacks if the answer was written from further left."""
        self.shift = None if self.missing and self._begins_here() else ""
        self.has_gap = False

    def _opens_block(self, code: str) -> bool:
        if code.endswith(_CONTINUED) or _is_in_text(self.read):
            return False
        if self.language.shape == "words" and _IS_FLAT.search(code):
            return False
        is_open = len(self.read.opens) > len(self.situation.here.opens)
        return is_open or opens_block(_TEXT.sub("''", code), self.situation.language_id)

    def _begins_here(self) -> bool:
        """Tell whether the statement begins on the cursor's line and does not end further out."""
        situation, read = self.situation, self.read
        closed = situation.opens[situation.here.lowest :]
        is_first = all(entry.indent >= situation.indent for entry in closed)
        is_first = is_first and situation.above.margin >= situation.indent
        is_inside = read.lowest >= min(situation.here.lowest, len(situation.here.opens))
        is_text = _is_in_text(read) and not self.is_docstring
        is_sequel = situation.previous_line.rstrip().endswith(_CONTINUED)
        return is_first and is_inside and not is_text and not is_sequel

    def take(self, line: str) -> str:
        """Give the next line as it is to stand in the document."""
        if not line.strip():
            self.has_gap = True
            return line
        if not self.shift and self.shift is not None and not self.blanks.is_needed:
            return line
        if not _is_in_text(self.read) or self.read.opens[-1].closer in _DOCSTRINGS:
            line = self._placed(line)
        self.read = scan(line, self.read.opens, self.situation.language_id, self.read.margin)
        return line

    def _placed(self, line: str) -> str:
        line = self.blanks.take(line, is_deeper=self.opens or bool(self.shift))
        if self.shift is None:
            self.shift = self.missing if self._is_shifted(line) else ""
        return self.shift + line

    def take_last(self, line: str) -> str:
        """Give a line that may still be growing, so that nothing is settled by it."""
        other = copy(self)
        other.blanks = copy(self.blanks)
        return other.take(line)

    def _is_shifted(self, line: str) -> bool:
        """Tell by the second line with anything on it whether all are too far left."""
        bare, level = line.strip(), self.situation.width(line)
        begin, cursor = self.situation.width(self.indentation), self.situation.indent
        if level > cursor or (self.language.shape == "braces" and _ANYWHERE.match(bare)):
            return False
        if begins_branch(bare, self.situation.language_id):
            return False
        if begins_closer(bare, self.situation.language_id) or _BRANCH.match(bare):
            return self.opens and level == begin
        if self.opens and level > begin:
            # Some leave out a level: only below the outermost one it cannot be that.
            is_flat = self.language.has_tags or self._head_indent() > begin
            return not self.language.has_items and (level < cursor or not is_flat)
        return self._may_not_leave(bare, level)

    def _head_indent(self) -> int:
        number = self.situation.head_number
        return 0 if number is None else self.situation.width(self.situation.lines_above[number])

    def _may_not_leave(self, bare: str, level: int) -> bool:
        """Tell whether a line that is not deeper cannot have left the block."""
        situation = self.situation
        block = situation.here.opens[-1] if situation.here.opens else None
        is_code = not self.language.has_tags
        if is_code and block and level <= block.indent < situation.indent:
            is_remark = comment_start(self.language).match(bare)
            return self.is_apart or (block.closer == "}" and not is_remark)
        if not self.is_apart or level != situation.width(self.indentation):
            return False
        if level == situation.indent or self.language.ended_by:
            return False
        if self.is_docstring or situation.language_id in _ENDED_BY_WORDS:
            return True
        return not self.has_gap and situation.language_id != "makefile"


def _is_in_text(read: Scan) -> bool:
    return read.is_text and read.opens[-1].form != "comment"
