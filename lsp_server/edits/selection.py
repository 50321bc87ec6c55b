"""What an edit is about: a range of a document as it was when the model was asked."""

from dataclasses import dataclass

from lsp_server.documents import Document, Place, split_lines
from lsp_server.edits.indentation import unit_of

_LINES_AROUND = 50
_CHARACTERS_AROUND = 20_000
_LINES_SAMPLED = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """A piece of a document and what stands around it; an empty one is a place to insert at."""

    name: str
    language_id: str
    text: str
    lead: str
    """What stands on the line before it."""
    rest: str
    """What stands on the line after it, without the line end."""
    before: str
    after: str
    line_end: str
    unit: str
    """One level of indentation in the document; blank when nothing is indented."""

    @property
    def begins_line(self) -> bool:
        """Whether nothing but indentation stands before it."""
        return not self.lead.strip()


def select(document: Document, start: Place, end: Place) -> Selection:
    """Take a piece of a document with up to fifty lines on either side."""
    before = document.before(start, _CHARACTERS_AROUND)
    after = document.after(end, _CHARACTERS_AROUND)
    after_lines = split_lines(after)
    sample_from = max(0, start.line - _LINES_SAMPLED // 2)
    return Selection(
        name=document.uri.rsplit("/", 1)[-1],
        language_id=document.language_id,
        text=document.text[document.offset(start) : document.offset(end)],
        lead=document.lines[start.line][: start.column],
        rest=document.lines[end.line][end.column :].rstrip("\r\n"),
        before="".join(split_lines(before)[-_LINES_AROUND - 1 :]),
        after="".join(after_lines[: _LINES_AROUND + 1]),
        line_end=document.line_end_at(start.line),
        unit=unit_of(document.lines[sample_from : sample_from + _LINES_SAMPLED]),
    )
