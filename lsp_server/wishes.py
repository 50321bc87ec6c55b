"""From a gap in a document to what is asked of the model for it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

from lsp_server.clipping import clipped
from lsp_server.completion.blocks import wants_block
from lsp_server.completion.budget import Budget, budget_for
from lsp_server.completion.cursor import Cursor
from lsp_server.completion.engine import Ask, Wish
from lsp_server.completion.origin import Origin
from lsp_server.completion.situation import Situation
from lsp_server.documents import Document
from lsp_server.gaps import Gap
from lsp_server.nearby import Nearby
from lsp_server.session import Session
from providers.client import ModelClient
from providers.messages import Event, InfillRequest, Sampling
from providers.slots import Priority

# Candidates beside the first one are worth having only when they differ from it.
_LIVELY = 0.8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants, and how to ask for another answer to it."""

    wish: Wish
    ask_another: Ask


def wanted_at(
    session: Session,
    nearby: Nearby,
    document: Document,
    gap: Gap,
    *,
    is_automatic: bool,
    watched: ModelClient | None = None,
) -> Wanted:
    """Work out what to ask; raises `ProviderError` when there is no model to ask.

    `watched` is the client to ask, where its requests are shown while they are slow to begin.
    """
    client = watched or session.client_for("codeCompletion")
    limits = budget_for(client.model, is_block=True)
    situation = look_around(document, gap, limits)
    priority: Priority = "automatic" if is_automatic else "explicit"
    options = session.options.inline_completion
    nearby.used(document.uri)

    # Worked out when a model is asked, which most requests of a typing user do without.
    def request_now() -> InfillRequest:
        origin = nearby.origin(document, gap.start.line, situation, limits, options)
        return infill_request(client, situation, origin, priority)

    def ask() -> AsyncGenerator[Event, None]:
        return client.infill(request_now())

    def ask_another() -> AsyncGenerator[Event, None]:
        request = request_now()
        lively = max(request.sampling.temperature or 0.0, _LIVELY)
        sampling = replace(request.sampling, temperature=lively)
        return client.infill(replace(request, sampling=sampling))

    wait_ms = options.debounce_ms
    cursor = Cursor(
        document.uri,
        document.version,
        gap.start.line,
        gap.start.column + len(gap.typed),
        situation,
        session.configuration,
    )
    debounce_s = None if wait_ms is None else wait_ms / 1000

    def is_current() -> bool:
        return document.version == cursor.version

    return Wanted(Wish(cursor, is_automatic, debounce_s, ask, is_current), ask_another)


def look_around(document: Document, gap: Gap, limits: Budget) -> Situation:
    """Cut the text around a gap to the model's budget; its `typed` stands before the gap."""
    prefix, suffix = clipped(document, gap.start, gap.end, gap.typed, limits)
    return Situation.of(prefix, suffix, document.language_id)


def infill_request(
    client: ModelClient, situation: Situation, origin: Origin, priority: Priority
) -> InfillRequest:
    """Give the request for the text of a situation."""
    budget = budget_for(client.model, wants_block(situation))
    return InfillRequest(
        prefix=situation.prefix,
        suffix=situation.suffix,
        sampling=Sampling(
            max_tokens=budget.max_tokens,
            temperature=budget.temperature,
            top_p=budget.top_p,
            top_k=budget.top_k,
        ),
        timeout_s=budget.timeout_s,
        priority=priority,
        path=origin.path,
        language_id=situation.language_id,
        repository=origin.repository,
        context=origin.context,
    )
