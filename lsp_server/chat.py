"""`foretype.chat` and `foretype/chat`: a conversation with a model, streamed as it is written."""

from contextlib import aclosing
from typing import Any, Literal

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from config.rendered import Knobs, Model
from lsp_server.boundary import CutShortError, InvalidArgumentError
from lsp_server.documents import Documents
from lsp_server.exclusion import is_excluded
from lsp_server.sampling import given_top_k, given_top_p
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from providers.client import ModelClient
from providers.errors import ProviderError
from providers.messages import (
    ChatMessage,
    ChatRequest,
    Event,
    Finished,
    ReasoningDelta,
    Sampling,
    TextDelta,
    Usage,
)

_TIMEOUT_S = 300.0
_PREAMBLE = (
    "You are Foretype, a coding assistant inside the user's editor. "
    "Answer briefly and exactly; put code into fenced blocks."
)


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


class Attachment(_Argument):
    """An open document, or a range of it, that the model is to see."""

    uri: str
    range: Span | None = None


class ChatArgument(_Argument):
    """The argument of `foretype.chat` (contract section 4)."""

    messages: tuple[Turn, ...] = Field(min_length=1)
    model: str | None = None
    context: tuple[Attachment, ...] = ()
    max_tokens: int | None = Field(default=None, gt=0)
    temperature: float | None = Field(default=None, ge=0)
    token: str | int | None = None


async def chat(ls: ForetypeServer, argument: object) -> dict[str, Any]:
    """Answer a conversation; while it is written, deltas go out under the argument's token.

    Raises `InvalidArgumentError` or pydantic's `ValidationError` for an argument that breaks the
    contract, `ProviderError` when the model cannot be asked, and `CutShortError` when it failed
    after part of its answer had gone out.
    """
    asked = ChatArgument.model_validate(argument)
    if asked.messages[-1].role != "user":
        raise InvalidArgumentError("The last message of a chat must be the user's.")
    with ls.tokens.holding(asked.token):
        await ls.recover()
        async with ls.session.use() as session:
            client = session.client_for("chat", asked.model)
            ls.counters.counts.chats += 1
            request = build_request(asked, session, client.model, ls.documents)
            with ls.waits.watching(client) as watched:
                return await _answer(ls, asked.token, watched, request)


async def _answer(
    ls: ForetypeServer, token: str | int | None, client: ModelClient, request: ChatRequest
) -> dict[str, Any]:
    answer = _Answer(ls, token)
    try:
        async with aclosing(client.chat(request)) as events:
            async for event in events:
                answer.take(event)
    except ProviderError as error:
        if answer.content:
            raise CutShortError(error, answer.content) from error
        raise
    return answer.as_result(client.model)


def build_request(
    asked: ChatArgument, session: Session, model: Model, documents: Documents
) -> ChatRequest:
    """Put the instructions, the attached context and the conversation into one request."""
    knobs = model.knobs or Knobs()
    configuration = session.configuration
    own = session.options.chat.pre_instruction or knobs.chat_pre_instruction
    system = [t.content for t in asked.messages if t.role == "system"] or [_PREAMBLE]
    parts = [
        *system,
        configuration.system_pre_instruction,
        own,
        _context(asked, session, documents),
    ]
    messages = [ChatMessage("system", "\n\n".join(part for part in parts if part))]
    messages += [ChatMessage(t.role, t.content) for t in asked.messages if t.role != "system"]
    temperature = asked.temperature if asked.temperature is not None else knobs.chat_temperature
    limit = asked.max_tokens or knobs.chat_max_tokens or model.context_window.max_output_tokens
    sampling = Sampling(
        max_tokens=min(limit, model.context_window.max_output_tokens),
        temperature=temperature,
        top_p=given_top_p(knobs.chat_top_p),
        top_k=given_top_k(knobs.chat_top_k),
    )
    return ChatRequest(tuple(messages), sampling, timeout_s=_TIMEOUT_S)


def _context(asked: ChatArgument, session: Session, documents: Documents) -> str:
    excluded = session.options.inline_completion.excluded_files
    return "\n\n".join(_excerpt(item, documents, excluded) for item in asked.context)


def _excerpt(item: Attachment, documents: Documents, excluded: tuple[str, ...]) -> str:
    document = documents.get(item.uri)
    if document is None:
        raise InvalidArgumentError(f"Open {item.uri} in the editor to attach it to a chat.")
    if any(is_excluded(name, excluded) for name in document.names):
        raise InvalidArgumentError(f"{item.uri} is excluded by inlineCompletion.excludedFiles.")
    text = document.text
    if item.range is not None:
        text = document.text_in(item.range.as_lsp(), documents.encoding)
    name = item.uri.rsplit("/", 1)[-1]
    return f"{name}:\n```{document.language_id}\n{text}\n```"


class _Answer:
    """Collects an answer and passes each piece on to whoever holds the token."""

    def __init__(self, ls: ForetypeServer, token: str | int | None) -> None:
        self._ls = ls
        self._token = token
        self._pieces: list[str] = []
        self._usage: Usage | None = None
        self._finish_reason = "stop"

    @property
    def content(self) -> str:
        return "".join(self._pieces)

    def take(self, event: Event) -> None:
        match event:
            case TextDelta(content):
                self._pieces.append(content)
                self._stream("delta", content)
            case ReasoningDelta(content):
                self._stream("reasoning", content)
            case Usage():
                self._usage = event
            case Finished(reason):
                self._finish_reason = reason

    def _stream(self, kind: str, content: str) -> None:
        if self._token is not None:
            # No `kind` or `title` in it: some clients take those for progress bars and break.
            value = {"type": kind, "content": content}
            self._ls.progress(types.ProgressParams(token=self._token, value=value))

    def as_result(self, model: Model) -> dict[str, Any]:
        result: dict[str, Any] = {
            "content": self.content,
            "finishReason": self._finish_reason,
            "model": str(model.model_ref),
        }
        if self._usage is not None:
            result["usage"] = {
                "promptTokens": self._usage.prompt_tokens,
                "completionTokens": self._usage.completion_tokens,
            }
        return result
