"""The argument of `foretype.chat` as a client sends it, and what may be wrong with it."""

from typing import Literal

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lsp_server.boundary import InvalidArgumentError


class _Argument(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class Turn(_Argument):
    """One message as the client sends it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Point(_Argument):
    """An LSP position."""

    line: int = Field(ge=0)
    character: int = Field(ge=0)


class Span(_Argument):
    """An LSP range."""

    start: Point
    end: Point

    def as_lsp(self) -> types.Range:
        """The same range as LSP's own type."""
        return types.Range(
            types.Position(self.start.line, self.start.character),
            types.Position(self.end.line, self.end.character),
        )


class Finding(_Argument):
    """What the model is to know of an LSP diagnostic."""

    message: str
    range: Span | None = None
    severity: int | None = None
    source: str | None = None
    code: str | int | None = None


class Attachment(_Argument):
    """An open document, or a range of it, that the model is to see, and what is wrong with it."""

    uri: str
    range: Span | None = None
    diagnostics: tuple[Finding | str, ...] = ()


class ChatArgument(_Argument):
    """The argument of `foretype.chat` (contract section 4)."""

    messages: tuple[Turn, ...]
    model: str | None = None
    context: tuple[Attachment, ...] = ()
    max_tokens: int | None = Field(default=None, gt=0)
    temperature: float | None = Field(default=None, ge=0)
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
