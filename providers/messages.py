"""What is asked of a model server and what comes back: plain, frozen values."""

from dataclasses import dataclass
from typing import Literal

from providers import limits
from providers.slots import Priority

Role = Literal["system", "user", "assistant"]

FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model chooses its tokens; None leaves a choice to the server."""

    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextSnippet:
    """A piece of another file; `path` is relative, with slashes."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class InfillRequest:
    """Asks for the text between `prefix` and `suffix`; `timeout_s` is for the whole answer."""

    prefix: str
    suffix: str
    sampling: Sampling
    timeout_s: float = limits.INFILL_S
    priority: Priority = "explicit"
    path: str = ""
    """The file's path, relative and with slashes; blank when it has none."""
    language_id: str = ""
    """LSP's name of its language."""
    repository: str = ""
    """The name of what the file and the context belong to."""
    context: tuple[ContextSnippet, ...] = ()
    """What else the model is to see, in the order in which it is to stand."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Asks for the next turn of a conversation; `timeout_s` is for the whole answer."""

    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    timeout_s: float = limits.CHAT_S


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    content: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of the model's thinking, which is never part of the answer."""

    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every stream that ended well."""

    reason: FinishReason


Event = TextDelta | ReasoningDelta | Usage | Finished
