"""The argument of `foretype.chat` as a client sends it, and what may be wrong with it."""

from typing import Literal

from pydantic import Field

from lsp_server.arguments import Argument, Span
from lsp_server.boundary import InvalidArgumentError


class Turn(Argument):
    """One message as the client sends it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Finding(Argument):
    """What the model is to know of an LSP diagnostic."""

    message: str
    range: Span | None = None
    severity: int | None = None
    source: str | None = None
    code: str | int | None = None


class Attachment(Argument):
    """An open document, or a range of it, that the model is to see, and what is wrong with it."""

    uri: str
    range: Span | None = None
    diagnostics: tuple[Finding | str, ...] = ()


class ChatArgument(Argument):
    """The argument of `foretype.chat` (contract section 4)."""

    messages: tuple[Turn, ...]
    model: str | None = None
    context: tuple[Attachment, ...] = ()
    max_tokens: int | None = Field(default=None, gt=0, strict=True)
    temperature: float | None = Field(default=None, ge=0, strict=True)
    token: str | int | None = None


def read_argument(argument: object) -> ChatArgument:
    """Read the argument of a chat.

    Raises `InvalidArgumentError`, or pydantic's `ValidationError`, for one that cannot be answered.
    """
    asked = ChatArgument.model_validate(argument)
    if not asked.messages:
        raise InvalidArgumentError("messages is empty; a chat needs at least the user's question.")
    if asked.messages[-1].role != "user":
        raise InvalidArgumentError("The last message of a chat must be the user's.")
    if not asked.messages[-1].content.strip():
        raise InvalidArgumentError("The last message of the chat is blank; write a question.")
    return asked
