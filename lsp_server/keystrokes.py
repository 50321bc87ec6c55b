"""What the user's edits mean for ghost text that runs or is shown."""

from collections.abc import Callable, Sequence

from lsprotocol import types

from lsp_server.completion.situation import with_lf
from lsp_server.documents import Document, Place
from lsp_server.gaps import Gap
from lsp_server.server import ForetypeServer
from lsp_server.wishes import wanted_at
from providers.errors import ProviderError

# Enough to tell a place by, and to hold a suggestion that was inserted there.
_BEFORE, _AFTER = 400, 8_000


def follow_edit(ls: ForetypeServer, params: types.DidChangeTextDocumentParams) -> None:
    """Compare the document with what is being written and what was offered."""
    uri = params.text_document.uri
    document = ls.documents.get(uri)
    if document is None:
        return
    ls.engine.pace.note_edit()
    look = _look_into(document)
    ls.engine.edited(uri, look)
    _note_deletion(ls, document, params.content_changes)
    outcome = ls.offers.edited(uri, look)
    if outcome is None:
        return
    ls.engine.pace.note_outcome(is_right=not outcome.is_over)
    if outcome.is_over:
        ls.counters.counts.passed_over += 1
    elif outcome.characters:
        ls.counters.note_accepted(outcome.characters, is_whole=outcome.is_whole)
    if outcome.is_whole and outcome.end is not None:
        _after_accepting(ls, document, Place(*outcome.end))


def accept(ls: ForetypeServer, offer_id: str) -> None:
    """Count a suggestion that the client says is accepted, unless its edit has told already."""
    if characters := ls.offers.accept(offer_id):
        ls.counters.note_accepted(characters, is_whole=True)


def _look_into(document: Document) -> Callable[[int, int], tuple[str, str]]:
    def look(line: int, column: int) -> tuple[str, str]:
        if line >= len(document.lines) or column > len(document.lines[line]):
            return "", ""
        place = Place(line, column)
        return (
            with_lf(document.before(place, _BEFORE)),
            with_lf(document.after(place, _AFTER)),
        )

    return look


def _note_deletion(
    ls: ForetypeServer,
    document: Document,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> None:
    """Ask no model after a pure deletion: the user is taking something back."""
    last = None
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument) or change.text:
            return
        last = change.range.start
    if last is not None:
        place = document.place(last, ls.documents.encoding)
        ls.engine.keep_quiet(document.uri, document.version, place.line, place.column)


def _after_accepting(ls: ForetypeServer, document: Document, end: Place) -> None:
    """Leave the user in peace at the end of what was accepted, or ask ahead for what follows."""
    session = ls.session.now
    if session is None:
        return
    if not session.options.inline_completion.prefetch:
        ls.engine.keep_quiet(document.uri, document.version, end.line, end.column)
        return
    try:
        wanted = wanted_at(session, ls.nearby, document, Gap(end, end, ""), is_automatic=True)
    except ProviderError:
        return  # the next request tells
    ls.engine.prepare(wanted.wish)
