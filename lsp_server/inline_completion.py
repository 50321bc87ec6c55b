"""`textDocument/inlineCompletion`: LSP in, LSP out."""

import asyncio
from dataclasses import dataclass

from lsprotocol import types

from lsp_server.completion.candidates import alternatives
from lsp_server.completion.cursor import Cursor
from lsp_server.completion.fitting import Suggestion
from lsp_server.documents import Document
from lsp_server.exclusion import is_excluded
from lsp_server.gaps import Gap, gap_at
from lsp_server.positions import units_of
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from lsp_server.wishes import Wanted, wanted_at
from providers.errors import ProviderError

ACCEPT = "foretype.accept"
SUBJECT = "Completion"
"""What completions are called where trouble is told."""
# So many answers in a row, and trouble that comes back is news again.
_STEADY = 20


async def inline_completion(
    ls: ForetypeServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList | None:
    """Offer ghost text: null when it is off or in trouble, an empty list when there is none."""
    is_explicit = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    selected = params.context.selected_completion_info
    uri = params.text_document.uri
    with ls.latest.enter(uri):
        found = await offered(ls, uri, params.position, selected, is_explicit=is_explicit)
    if found is None:
        return None
    return types.InlineCompletionList(items=[item_of(ls, each) for each in found])


@dataclass(frozen=True, slots=True)
class Offered:
    """A suggestion with the gap it is for."""

    document: Document
    gap: Gap
    cursor: Cursor
    suggestion: Suggestion


async def offered(
    ls: ForetypeServer,
    uri: str,
    position: types.Position,
    selected: types.SelectedCompletionInfo | None,
    *,
    is_explicit: bool,
) -> list[Offered] | None:
    """Give what there is to offer at a position; None when it is off or in trouble."""
    counts = ls.counters.counts
    counts.requested += 1
    ls.engine.pace.note_request()
    try:
        if is_explicit:
            await ls.recover()
        async with ls.session.use() as session:
            document = ls.documents.get(uri)
            if document is None or not is_wanted(session, document):
                return None
            gap = gap_at(document, position, selected, ls.documents.encoding)
            if gap is None:
                return []
            automatic = not is_explicit
            client = session.client_for("codeCompletion")
            with ls.waits.watching(client, is_automatic=automatic) as watched:
                wanted = wanted_at(
                    session, ls.nearby, document, gap, is_automatic=automatic, watched=watched
                )
                suggestions = await _suggestions(ls, session, wanted)
        _require_version(document, wanted.wish.cursor.version)
    except asyncio.CancelledError:
        counts.cancelled += 1
        raise
    except ProviderError as error:
        counts.failed += 1
        if not ls.session.is_failure(error):
            ls.troubles.report(SUBJECT, error.kind, str(error))
        return None
    counts.answered += 1
    cursor = wanted.wish.cursor
    return [Offered(document, gap, cursor, suggestion) for suggestion in suggestions]


async def _suggestions(
    ls: ForetypeServer, session: Session, wanted: Wanted
) -> tuple[Suggestion, ...]:
    count = session.options.inline_completion.candidates - 1
    if wanted.wish.is_automatic or count < 1:
        first = await ls.engine.suggest(wanted.wish)
        others: list[Suggestion] = []
    else:
        beside = alternatives(wanted.wish.cursor, [wanted.ask_another] * count, ls.counters)
        async with beside as collected:
            first = await ls.engine.suggest(wanted.wish)
            others = await collected()
    ls.troubles.note_success(SUBJECT, enough=_STEADY)
    found = tuple(dict.fromkeys(each for each in (first, *others) if each is not None))
    if others:
        ls.engine.keep(wanted.wish.cursor, found)
    return found


def is_wanted(session: Session, document: Document) -> bool:
    """Tell whether a document is to have ghost text."""
    options = session.options.inline_completion
    is_there = session.failure or session.configuration.default_models.code_completion
    return (
        is_there is not None
        and options.is_enabled(document.language_id)
        and not any(is_excluded(name, options.excluded_files) for name in document.names)
    )


def _require_version(document: Document, version: int) -> None:
    """Give up a request whose document has been edited: the position in it is another one now."""
    if document.version != version:
        raise asyncio.CancelledError


def item_of(ls: ForetypeServer, offered: Offered) -> types.InlineCompletionItem:
    """Give a suggestion as LSP's item."""
    insertion = insertion_of(offered, ls.documents.encoding)
    command = accept_command(ls, offered, insertion)
    return types.InlineCompletionItem(
        insert_text=insertion.text, range=insertion.range, command=command
    )


@dataclass(frozen=True, slots=True)
class Insertion:
    """A suggestion as an edit: `text` begins with what `range` covers before the cursor."""

    text: str
    range: types.Range


def insertion_of(
    offered: Offered, encoding: types.PositionEncodingKind, begin: int | None = None
) -> Insertion:
    """Give the edit that accepting a suggestion makes.

    It goes from the character `begin` of the line, else from the beginning of the typed word.
    """
    gap, suggestion = offered.gap, offered.suggestion
    number, column = gap.start.line, gap.start.column
    line = offered.document.lines[number]
    begin = gap.word_start(line) if begin is None else begin
    end = gap.end.column + suggestion.replaces
    text = line[begin:column] + gap.typed + suggestion.text
    span = types.Range(
        types.Position(number, units_of(line[:begin], encoding)),
        types.Position(number, units_of(line[:end], encoding)),
    )
    return Insertion(text.replace("\n", offered.document.line_end_at(number)), span)


def accept_command(ls: ForetypeServer, offered: Offered, insertion: Insertion) -> types.Command:
    """Give the command that tells that a suggestion has been accepted."""
    offer_id = note_offer(ls, offered, insertion)
    return types.Command(title="Accepted", command=ACCEPT, arguments=[offer_id])


def note_offer(ls: ForetypeServer, offered: Offered, insertion: Insertion) -> str:
    """Remember what the client is handed, and give its id."""
    ls.counters.counts.offered += 1
    return ls.offers.add(offered.cursor, offered.suggestion, insertion.text)
