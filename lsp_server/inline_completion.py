"""`textDocument/inlineCompletion`: LSP in, LSP out."""

import asyncio

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

# A pause before an automatic request, in which the next key supersedes it.
_DEBOUNCE_MS = 50
_ACCEPT = "foretype.accept"


async def inline_completion(
    ls: ForetypeServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList | None:
    """Offer ghost text: null when it is off or in trouble, an empty list when there is none."""
    uri = params.text_document.uri
    ls.counters.counts.requested += 1
    with ls.latest.enter(uri):
        try:
            async with ls.session.use() as session:
                return await _offer(ls, session, params)
        except asyncio.CancelledError:
            ls.counters.counts.cancelled += 1
            raise
        except ProviderError as error:
            ls.counters.counts.failed += 1
            if not ls.session.is_failure(error):
                ls.troubles.report("Completion", error.kind, str(error))
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
    if params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic:
        await asyncio.sleep(_debounce_s(session))
    place = document.place(params.position, ls.documents.encoding)
    situation, line_end = look_around(document, place, client)
    budget = budget_for(client.model, wants_block(situation))
    suggestion = await complete(client, situation, budget)
    ls.troubles.clear("Completion")
    if suggestion is None:
        return types.InlineCompletionList(items=[])
    item = _item(ls, document, place, suggestion, line_end)
    return types.InlineCompletionList(items=[item])


def look_around(document: Document, place: Place, client: ModelClient) -> tuple[Situation, str]:
    """Cut the text around a place to the model's budget; also give the document's line end."""
    limits = budget_for(client.model, is_block=True)
    prefix = document.before(place, limits.prefix_characters)
    suffix = document.after(place, limits.suffix_characters)
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


def _item(
    ls: ForetypeServer, document: Document, place: Place, suggestion: Suggestion, line_end: str
) -> types.InlineCompletionItem:
    encoding = ls.documents.encoding
    line = document.lines[place.line]
    end = place.column + suggestion.replaces
    return types.InlineCompletionItem(
        insert_text=suggestion.text.replace("\n", line_end),
        range=types.Range(
            start=types.Position(place.line, units_of(line[: place.column], encoding)),
            end=types.Position(place.line, units_of(line[:end], encoding)),
        ),
        command=types.Command(
            title="Accepted", command=_ACCEPT, arguments=[ls.counters.offer(suggestion.text)]
        ),
    )
