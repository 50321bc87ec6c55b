"""The gap in a document that a suggestion fills."""

import re
from dataclasses import dataclass

from lsprotocol import types

from lsp_server.documents import Document, Place

_WORD = re.compile(r"\w*\Z")


@dataclass(frozen=True, slots=True)
class Gap:
    """What a suggestion replaces before the cursor, and the text it has to begin with there."""

    start: Place
    end: Place
    typed: str

    def word_start(self, line: str) -> int:
        """The column where the word being typed begins, since editors filter by it.

        With an entry selected in the popup menu it is the place where that entry begins.
        """
        if self.typed or self.start != self.end:
            return self.start.column
        found = _WORD.search(line[: self.start.column])
        return found.start() if found else self.start.column


def gap_at(
    document: Document,
    position: types.Position,
    selected: types.SelectedCompletionInfo | None,
    encoding: types.PositionEncodingKind,
) -> Gap | None:
    """The cursor; with an entry selected in the popup menu, the text that entry is about.

    None when that entry does not go on from what is typed: clients would not show anything.
    """
    cursor = document.place(position, encoding)
    if selected is None:
        return Gap(cursor, cursor, "")
    start = document.place(selected.range.start, encoding)
    end = document.place(selected.range.end, encoding)
    typed = document.lines[cursor.line][start.column : cursor.column]
    is_on_line = start.line == end.line == cursor.line and start.column <= cursor.column
    if not is_on_line or not selected.text.startswith(typed) or "\n" in selected.text:
        return None
    return Gap(start, max(end, cursor, key=lambda place: place.column), selected.text)
