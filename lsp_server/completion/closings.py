"""Whether a word that closes a block, such as `end`, is one that the document has already."""

from collections.abc import Iterable

from lsp_server.completion.keywords import Keywords, keywords_of
from lsp_server.completion.scanner import NO_MARGIN, Opens, scan, width_of
from lsp_server.completion.situation import Situation

# Lines on each side of the cursor that are read for what a closing word belongs to.
_LINES = 300


class Closings:
    """Follows the blocks that a text begins on the level of its first line, and ends with words."""

    def __init__(self, situation: Situation, *, has_block: bool) -> None:
        self.situation = situation
        self.keywords = keywords_of(situation.language_id)
        self.has_block = has_block
        """Whether the cursor's line is the first of a block."""
        self.level = -1
        self.opened = 0

    def take(self, line: str, *, is_judged: bool) -> bool:
        """Take the next line; tell whether it closes what the document closes below.

        Behind the first line, only those of a block are told: others end with their statement.
        """
        situation = self.situation
        is_first = self.level < 0
        if is_first:
            line = situation.line_prefix + line
            self.level = situation.width(line)
        if situation.width(line) != self.level:
            return False
        code = _code(line, situation)
        if self.keywords.ends(code):
            if self.opened:
                self.opened -= 1
            elif is_judged and situation.is_blank_line and (is_first or self.has_block):
                return _is_below(self.level, situation)
        self.opened += self.keywords.begins(code)
        return False


def _is_below(level: int, situation: Situation) -> bool:
    """Tell whether what closes a block on a level can only be what stands below the cursor.

    That is so where no block from above on that level is open, and one around it ends below.
    """
    keywords = keywords_of(situation.language_id)
    above = _read(situation.lines_above[-_LINES:], situation)
    rest = situation.suffix[len(situation.line_suffix) + 1 :]
    below = _read(rest.split("\n", _LINES)[:_LINES], situation)
    opened, outer = _count(reversed(above), level, keywords, is_above=True)
    # A block may have its level from a word inside a line: `x = if a`.
    opened += not outer[level - 1 : level].strip() and keywords.begins_at_once(outer[level:])
    closed, outer = _count(below, level, keywords, is_above=False)
    if opened:
        # Blocks that are not indented: what is far from the cursor need not have been read.
        is_next = below[:1] and width_of(below[0]) == level and keywords.ends(below[0].strip())
        return opened <= closed and bool(is_next)
    return closed > 0 or keywords.parts(outer.strip())


def _count(
    lines: Iterable[str], level: int, keywords: Keywords, *, is_above: bool
) -> tuple[int, str]:
    """Count the blocks on a level that begin above, or end below, and reach over the cursor.

    `lines` are read away from it; that with less indentation which ends the level comes as well.
    """
    count = inner = 0
    for line in lines:
        width = width_of(line)
        if width > level:
            continue
        if width < level:
            return count, line
        code = line.strip()
        reaches, ends = keywords.begins(code), keywords.ends(code)
        if not is_above:
            reaches, ends = ends, reaches
        count += reaches and not inner
        inner += ends - (reaches and inner > 0)
    return count, ""


def _read(lines: Iterable[str], situation: Situation) -> list[str]:
    """Give the lines with code on them, without comments and tabs; strings may be left out."""
    found = []
    opens: Opens = ()
    margin, is_text = NO_MARGIN, False
    for line in lines:
        read = scan(line, opens, situation.language_id, margin)
        opens, margin, end = read.opens, read.margin, read.code_end
        if not is_text and line[:end].strip():
            found.append(line[:end].rstrip().expandtabs(8))
        is_text = read.is_text
    return found


def _code(line: str, situation: Situation) -> str:
    """Give a line without its comment, and blanks around it."""
    return line[: scan(line, (), situation.language_id).code_end].strip()
