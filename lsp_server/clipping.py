"""Cuts the text around a gap to a budget, at places that do not move with every keystroke."""

from lsp_server.completion.budget import Budget
from lsp_server.documents import Document, Place


def clipped(
    document: Document, start: Place, end: Place, typed: str, budget: Budget
) -> tuple[str, str]:
    """Give the text before a gap, with what was typed in it, and the text after it.

    The first begins at the same place of the document until the cursor has gone on for a while:
    at the beginning of a line where there is one, else within a line.
    """
    limit = max(0, budget.prefix_characters - len(typed))
    offset = document.offset(start)
    begin = _beginning(offset, limit, budget.step_characters)
    step = budget.step_characters
    # What a notebook's cells above may take beside the document moves by whole steps, too.
    above = 0 if begin else (limit - offset) // step * step
    before = document.before(start, offset - begin + above)
    if begin or len(before) == offset + above > offset:
        before = _from_a_line_on(before, step // 2)
    typed = typed[-budget.prefix_characters :]
    return before + typed, document.after(end, budget.suffix_characters)


def _beginning(offset: int, limit: int, step: int) -> int:
    """Give the first offset that is shown: it moves by whole steps."""
    if offset <= limit:
        return 0
    return min(offset, -(-(offset - limit) // step) * step)


def _from_a_line_on(text: str, within: int) -> str:
    line_end = text.find("\n", 0, within)
    return text[line_end + 1 :] if 0 <= line_end < len(text) - 1 else text
