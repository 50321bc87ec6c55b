"""Asks the model for its answer to a chat and collects it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from lsp_server.boundary import CutShortError
from lsp_server.chat.fitting import Omitted
from lsp_server.chat.prompt import Prompt
from lsp_server.chat.tokens import estimate_tokens
from lsp_server.pieces import Send
from providers.client import ModelClient
from providers.errors import IncompleteError, ProviderError
from providers.messages import Event, Finished, FinishReason, ReasoningDelta, TextDelta, Usage

# The server's window may be smaller than the configuration says; it is asked again with half.
_MOST_TRIES = 3
# How long an answer is read before it is left to wait in its connection, and for how long. Read in
# batches, a fast one costs half, and leaves time for the requests beside it.
_READING_S, _RESTING_S = 0.004, 0.008


class Answer:
    """What a model has said so far; each piece goes to `send` as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._said: list[str] = []
        self._thought: list[str] = []
        self._usage: Usage | None = None
        self.prompt_tokens = 0
        """As estimated; 0 until something is asked."""
        self.finish_reason: FinishReason = "stop"
        self.omitted = Omitted()

    @property
    def content(self) -> str:
        """The answer, without the thinking."""
        return "".join(self._said)

    @property
    def has_begun(self) -> bool:
        """Whether anything has come, be it thinking."""
        return bool(self._said or self._thought)

    @property
    def has_thought(self) -> bool:
        """Whether any thinking has come."""
        return bool(self._thought)

    @property
    def is_estimated(self) -> bool:
        """Whether the server has not counted the tokens."""
        return self._usage is None

    @property
    def usage(self) -> Usage:
        """What it cost: as the server has counted, else estimated."""
        if self._usage is not None:
            return self._usage
        written = estimate_tokens(self.content) + estimate_tokens("".join(self._thought))
        return Usage(self.prompt_tokens, written)

    def take(self, event: Event) -> None:
        """Take one event of the model's stream."""
        match event:
            case TextDelta(content):
                self._said.append(content)
                self._send("delta", content)
            case ReasoningDelta(content):
                self._thought.append(content)
                self._send("reasoning", content)
            case Usage():
                self._usage = event
            case Finished(reason):
                self.finish_reason = reason


async def collect(answer: Answer, client: ModelClient, prompt: Prompt) -> None:
    """Fill `answer` with what the model says.

    Raises `ProviderError` when the model cannot be asked or says nothing, and `CutShortError` when
    it fails after something has come.
    """
    for number in range(_MOST_TRIES):
        fitted = prompt.fitted()
        answer.omitted, answer.prompt_tokens = fitted.omitted, fitted.tokens
        try:
            async with aclosing(client.chat(prompt.request(fitted))) as events:
                await _take_all(answer, events)
            break
        except ProviderError as error:
            if answer.has_begun:
                raise CutShortError(error, answer.content) from error
            smaller = replace(prompt, budget_tokens=min(prompt.budget_tokens, fitted.tokens) // 2)
            can_shrink = smaller.fitted().tokens < fitted.tokens and number < _MOST_TRIES - 1
            if error.kind != "context_overflow" or not can_shrink:
                raise
            prompt = smaller
    if not answer.content.strip():
        raise _nothing_said(answer, client)


async def _take_all(answer: Answer, events: AsyncIterator[Event]) -> None:
    loop = asyncio.get_running_loop()
    rests_at = 0.0
    async for event in events:
        answer.take(event)
        if loop.time() >= rests_at:
            await asyncio.sleep(_RESTING_S)
            rests_at = loop.time() + _READING_S


def _nothing_said(answer: Answer, client: ModelClient) -> Exception:
    name = client.model.display_name or client.model.model_ref.model_id
    if answer.finish_reason == "content_filter":
        sentence = f"The content filter of the server kept back what {name} said; ask differently."
    elif answer.finish_reason == "length" and answer.has_thought:
        sentence = f"{name} came to no answer before its limit of tokens; raise maxTokens."
    elif answer.has_thought:
        sentence = f"{name} thought, but gave no answer; ask again or choose another model."
    else:
        sentence = f"{name} answered nothing; ask again or choose another model."
    error = IncompleteError(sentence)
    return CutShortError(error, answer.content) if answer.has_begun else error
