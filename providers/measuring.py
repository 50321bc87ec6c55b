"""Has one model write a few words and measures how it does that."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from config.rendered import Model
from providers.client import ModelClient
from providers.endpoint_connection import EndpointConnection
from providers.endpoint_group import EndpointGroup
from providers.errors import ErrorKind, ProviderError
from providers.messages import (
    ChatMessage,
    ChatRequest,
    Event,
    InfillRequest,
    ReasoningDelta,
    Sampling,
    TextDelta,
    Usage,
)
from providers.pace import Pace

_TIMEOUT_S = 30.0

_SAMPLING = Sampling(max_tokens=24, temperature=0.0)

_GAP = InfillRequest(
    'def fibonacci(n):\n    """Return the n-th number."""\n    ',
    "\n\n\nprint(fibonacci(10))\n",
    _SAMPLING,
    _TIMEOUT_S,
)
# With instructions, as every request has them: not every model takes their role.
_QUESTION = ChatRequest(
    (
        ChatMessage("system", "You answer briefly."),
        ChatMessage("user", "Count from one to ten in words."),
    ),
    _SAMPLING,
    _TIMEOUT_S,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """How one short answer came; None where it did not tell."""

    is_streaming: bool | None = None
    first_token_ms: float | None = None
    tokens_per_s: float | None = None
    trouble: str = ""
    """One sentence; blank when it answered."""
    kind: ErrorKind | None = None


NOT_MEASURED = Measured()


async def measure(connection: EndpointConnection, model: Model, *, is_filling: bool) -> Measured:
    """Return how the model answers one short request; never raises `ProviderError`."""
    client = ModelClient(model, EndpointGroup((connection,)))
    try:
        return await _timed(client.infill(_GAP) if is_filling else client.chat(_QUESTION))
    except ProviderError as error:
        return Measured(trouble=str(error), kind=error.kind)


async def _timed(events: AsyncGenerator[Event, None]) -> Measured:
    pace = Pace()
    tokens = 0
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                pace.note()
            elif isinstance(event, Usage):
                tokens = event.completion_tokens
    if pace.first_s is None:
        return NOT_MEASURED
    tokens = tokens or pace.pieces
    is_streaming = pace.is_streaming(tokens)
    speed = (tokens - 1) / pace.writing_s if is_streaming and tokens > 1 else None
    return Measured(is_streaming, pace.first_s * 1000, speed)
