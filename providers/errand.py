"""What the choice of an endpoint depends on in one request, and nothing of its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.slots import Priority

# Beginnings of these lengths, in characters, are compared, the longest first: the start of a
# file or the instructions of a chat, then more and more of the conversation.
_BEGINNINGS = (16_384, 4096, 1024, 256)


@dataclass(frozen=True, slots=True)
class Errand:
    """One request as far as its endpoint matters."""

    priority: Priority
    deadline: float
    """When the answer is to be whole, by the clock of the event loop."""
    timeout_s: float
    beginnings: tuple[int, ...] = ()
    """Tell prompts that begin alike; numbers, so that no prompt is kept."""


def beginnings_of(model_ref: str, texts: Sequence[str]) -> tuple[int, ...]:
    """Return what tells prompts that begin alike, for the longest beginning first.

    Nothing for a short prompt: a server reads that anew as fast as it finds it in its cache.
    """
    start = "\0".join(text[: _BEGINNINGS[0]] for text in texts)[: _BEGINNINGS[0]]
    return tuple(
        hash((model_ref, start[:length])) for length in _BEGINNINGS if len(start) >= length
    )
