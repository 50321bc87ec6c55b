"""Asks the model for the text at the cursor and stops it as soon as enough is there."""

from contextlib import aclosing

from lsp_server.completion.budget import Budget
from lsp_server.completion.pipeline import Suggestion, is_complete, suggest
from lsp_server.completion.situation import Situation
from providers.client import ModelClient
from providers.errors import TimedOutError
from providers.messages import InfillRequest, Sampling, TextDelta
from providers.slots import Priority


async def complete(
    client: ModelClient,
    situation: Situation,
    budget: Budget,
    *,
    priority: Priority = "explicit",
) -> Suggestion | None:
    """Give one suggestion for the situation, or None when the model has nothing worth showing.

    Raises `ProviderError` when the model server fails, or has finished no line in time. Leaving
    early closes the connection, which is what makes the server stop generating.
    """
    request = InfillRequest(
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
    )
    raw = ""
    try:
        async with aclosing(client.infill(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    raw += event.content
                    if "\n" in event.content and is_complete(raw, situation):
                        break
    except TimedOutError:
        # A slow model: what it has finished writing is shown, the line it was at is not.
        raw = raw.rpartition("\n")[0]
        if not raw.strip():
            raise
    return suggest(raw, situation)
