"""`getCompletions`: ghost text as clients of before 2024 ask for it, in UTF-16 code units."""

from typing import Any

from lsprotocol import types

from lsp_server.copilot.messages import OfDoc, Point
from lsp_server.documents import Document
from lsp_server.inline_completion import Insertion, Offered, insertion_of, note_offer, offered
from lsp_server.positions import units_of
from lsp_server.server import ForetypeServer

UTF_16 = types.PositionEncodingKind.Utf16


async def completions(ls: ForetypeServer, asked: OfDoc, *, is_explicit: bool) -> dict[str, Any]:
    """Offer ghost text; there is none to offer also when it is off or in trouble."""
    uri, document = asked.doc.uri, ls.documents.get(asked.doc.uri)
    if document is None:
        return {"completions": []}
    with ls.latest.enter(uri):
        position = as_agreed(ls, document, asked.doc.position)
        found = await offered(ls, uri, position, None, is_explicit=is_explicit)
    return {"completions": [_completion(ls, asked, each) for each in found or []]}


def as_agreed(ls: ForetypeServer, document: Document, point: Point) -> types.Position:
    """Give a position in the encoding that was agreed upon for LSP's own messages."""
    place = document.place(point.as_lsp(), UTF_16)
    before = document.lines[place.line][: place.column]
    return types.Position(place.line, units_of(before, ls.documents.encoding))


def as_json(span: types.Range) -> dict[str, Any]:
    """Give a range in JSON."""
    return {"start": _point(span.start), "end": _point(span.end)}


def _point(position: types.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}


def _completion(ls: ForetypeServer, asked: OfDoc, offered: Offered) -> dict[str, Any]:
    # Clients count on the whole line, from its first character on.
    insertion = insertion_of(offered, UTF_16, begin=0)
    return {
        "uuid": note_offer(ls, offered, insertion),
        "text": insertion.text,
        "displayText": _displayed(offered, insertion),
        "range": as_json(insertion.range),
        "position": asked.doc.position.model_dump(),
        "docVersion": offered.document.version,
    }


def _displayed(offered: Offered, insertion: Insertion) -> str:
    """What is new of an insertion: all but the line before the cursor."""
    return insertion.text[offered.gap.start.column :]
