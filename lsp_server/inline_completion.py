"""`textDocument/inlineCompletion`: LSP in, LSP out."""

import asyncio
from dataclasses import dataclass

from lsprotocol import types

from lsp_server.completion.blocks import wants_block
from lsp_server.completion.budget import budget_for
from lsp_server.completion.engine import complete
from lsp_server.completion.pipeline import Suggestion
from lsp_server.completion.situation import Situation
from lsp_server.documents import Document, Place
from lsp_server.exclusion import is_excluded
from lsp_server.positions import units_of
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from providers.client import ModelClient
from providers.errors import ProviderError
from providers.slots import Priority

# A pause before an automatic request, in which the next key supersedes it.
_DEBOUNCE_MS = 50
_ACCEPT = "foretype.accept"
_SUBJECT = "Completion"
# So many answers in a row, and trouble that comes back is news again.
_STEADY = 20


async def inline_completion(
    ls: ForetypeServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList | None:
    """Offer ghost text: null when it is off or in trouble, an empty list when there is none."""
    ls.counters.counts.requested += 1
    is_explicit = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    with ls.latest.enter(params.text_document.uri):
        try:
            if is_explicit:
                await ls.recover()
            async with ls.session.use() as session:
                return await _offer(ls, session, params)
        except asyncio.CancelledError:
            ls.counters.counts.cancelled += 1
            raise
        except ProviderError as error:
            ls.counters.counts.failed += 1
            if not ls.session.is_failure(error):
                ls.troubles.report(_SUBJECT, error.kind, str(error))
            return None


async def _offer(
    ls: ForetypeServer, session: Session, params: types.InlineCompletionParams
) -> types.InlineCompletionList | None:
    document = ls.documents.get(params.text_document.uri)
    if document is None or not _is_wanted(session, document):
        return None
    if session.failure is None and session.configuration.default_models.code_completion is None:
        return None
    client = session.client_for("codeCompletion")
    version = document.version
    gap = _gap(document, params, ls.documents.encoding)
    if gap is None:
        return types.InlineCompletionList(items=[])
    situation, line_end = look_around(document, gap.start, gap.end, gap.typed, client)
    is_automatic = params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic
    if is_automatic:
        await asyncio.sleep(_debounce_s(session))
    _require_version(document, version)
    budget = budget_for(client.model, wants_block(situation))
    priority: Priority = "automatic" if is_automatic else "explicit"
    suggestion = await complete(client, situation, budget, priority=priority)
    ls.troubles.note_success(_SUBJECT, enough=_STEADY)
    _require_version(document, version)
    if suggestion is None:
        return types.InlineCompletionList(items=[])
    item = _item(ls, document, gap, suggestion, line_end)
    return types.InlineCompletionList(items=[item])


@dataclass(frozen=True, slots=True)
class _Gap:
    """What a suggestion replaces before the cursor, and the text it has to begin with there."""

    start: Place
    end: Place
    typed: str


def _gap(
    document: Document, params: types.InlineCompletionParams, encoding: types.PositionEncodingKind
) -> _Gap | None:
    """The cursor; with an entry selected in the popup menu, the text that entry is about.

    None when that entry does not go on from what is typed: clients would not show anything.
    """
    cursor = document.place(params.position, encoding)
    selected = params.context.selected_completion_info
    if selected is None:
        return _Gap(cursor, cursor, "")
    start = document.place(selected.range.start, encoding)
    end = document.place(selected.range.end, encoding)
    typed = document.lines[cursor.line][start.column : cursor.column]
    is_on_line = start.line == end.line == cursor.line and start.column <= cursor.column
    if not is_on_line or not selected.text.startswith(typed) or "\n" in selected.text:
        return None
    return _Gap(start, max(end, cursor, key=lambda place: place.column), selected.text)


def look_around(
    document: Document, start: Place, end: Place, typed: str, client: ModelClient
) -> tuple[Situation, str]:
    """Cut the text around a gap to the model's budget; also give the document's line end.

    `typed` stands in the gap, before the text that is asked for.
    """
    limits = budget_for(client.model, is_block=True)
    prefix = document.before(start, limits.prefix_characters) + typed
    suffix = document.after(end, limits.suffix_characters)
    line_end = "\r\n" if "\r\n" in (prefix + suffix) else "\n"
    return Situation.of(prefix, suffix, document.language_id), line_end


def _is_wanted(session: Session, document: Document) -> bool:
    options = session.options.inline_completion
    return (
        options.enabled
        and options.is_enabled(document.language_id)
        and not is_excluded(document.uri, options.excluded_files)
    )


def _debounce_s(session: Session) -> float:
    chosen = session.options.inline_completion.debounce_ms
    return (_DEBOUNCE_MS if chosen is None else chosen) / 1000


def _require_version(document: Document, version: int) -> None:
    """Give up a request whose document has been edited: the position in it is another one now."""
    if document.version != version:
        raise asyncio.CancelledError


def _item(
    ls: ForetypeServer, document: Document, gap: _Gap, suggestion: Suggestion, line_end: str
) -> types.InlineCompletionItem:
    encoding = ls.documents.encoding
    line = document.lines[gap.start.line]
    end = gap.end.column + suggestion.replaces
    text = gap.typed + suggestion.text.replace("\n", line_end)
    return types.InlineCompletionItem(
        insert_text=text,
        range=types.Range(
            start=types.Position(gap.start.line, units_of(line[: gap.start.column], encoding)),
            end=types.Position(gap.start.line, units_of(line[:end], encoding)),
        ),
        command=types.Command(
            title="Accepted", command=_ACCEPT, arguments=[ls.counters.offer(suggestion.text)]
        ),
    )
