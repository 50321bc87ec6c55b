"""One request to one endpoint and the stream of its answer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx

from providers import limits
from providers.answer_reader import AnswerReader
from providers.bodies import encoded, refuses_usage, texts_in, with_usage
from providers.endpoint_connection import EndpointConnection
from providers.error_bodies import (
    BODY_LIMIT_BYTES,
    Complaint,
    complaint_from_body,
    first_line,
    kind_of,
    retry_after_s,
)
from providers.errors import (
    HTTPX_ERRORS,
    ProviderError,
    configuration_error,
    from_httpx,
    refused,
    silent,
    timed_out,
)
from providers.http_client import pieces_of, read_head
from providers.messages import ReasoningDelta, TextDelta
from providers.reply import ReplyReader
from providers.request_record import RequestRecord
from providers.routes import Route
from providers.thinking import ThinkingSplitter

Operation = Literal["completions", "chat", "infill"]


@dataclass(frozen=True, slots=True)
class Question:
    """What to send, in the form of one of the operations."""

    operation: Operation
    body: dict[str, Any]
    timeout_s: float
    may_think: bool = False
    """The text of the answer may begin with the model's thinking, even without a tag."""
    is_code: bool = False
    """The answer goes into a file, so nothing doubtful may be in it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one endpoint may take."""

    deadline: float
    """When the answer is to be whole, by the clock of the event loop."""
    is_probe: bool = False
    """The endpoint has failed before, so that its connection is not waited for long."""
    on_sent: Callable[[], None] = lambda: None
    """Called when the connection stands, so that only the answer is waited for."""


class Exchange:
    """Sends one question and reads its answer; leaving early closes the socket."""

    def __init__(
        self,
        connection: EndpointConnection,
        route: Route,
        question: Question,
        record: RequestRecord,
        patience: Patience,
    ) -> None:
        # What a server says of a request may quote it, and goes into messages and logs.
        kept_back = () if route.address.is_verbose else texts_in(question.body)
        self._place = replace(route.place, kept_back=kept_back)
        opening = connection.thinking.get(route.model_ref, "unsure")
        self._thinking = ThinkingSplitter(
            opening if question.may_think else "tag", shows_doubtful=not question.is_code
        )
        self.reply = ReplyReader(self._place, thinking=self._thinking, may_think=question.may_think)
        self._connection = connection
        self._route = route
        self._question = question
        self._record = record
        self._patience = patience
        self.heard = asyncio.get_running_loop().time()
        """When the server was last heard of."""
        self._drain_until: float | None = None

    async def deltas(self) -> AsyncGenerator[TextDelta | ReasoningDelta, None]:
        """Yield the answer as it comes; at the end `reply` knows how it finished."""
        response = await self._open()
        try:
            await self._refuse_web_page(response)
            reader = AnswerReader(self._place, response.status_code, self.reply)
            pieces = pieces_of(response)
            while (piece := await self._next(pieces)) is not None:
                for delta in reader.feed(piece):
                    yield delta
                self._note_finish()
            for delta in reader.end():
                yield delta
            if response.headers.get("content-type", "").startswith("application/json"):
                self.reply.note_whole()
            self._connection.server.note_reply(response.headers, self.reply.fingerprint)
            last = reader.finish()
            if self._question.may_think and self._thinking.learned is not None:
                self._connection.thinking[self._route.model_ref] = self._thinking.learned
            for delta in last:
                yield delta
        finally:
            await response.aclose()

    def _note_finish(self) -> None:
        if self.reply.is_finished and self._drain_until is None:
            self._drain_until = asyncio.get_running_loop().time() + limits.DRAIN_S

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        # The time limit is set anew for each piece: a limit around a `yield` would strike
        # whatever the reader of these deltas is doing at that moment.
        try:
            async with asyncio.timeout_at(self._limit()):
                piece = await anext(pieces, None)
            self.heard = asyncio.get_running_loop().time()
            return piece
        except TimeoutError as error:
            if self.reply.is_finished:
                return None
            raise self._timed_out() from error
        except HTTPX_ERRORS as error:
            if self.reply.is_finished:
                return None
            raise from_httpx(self._place, error, self._record.status) from error

    @property
    def _silence_s(self) -> float:
        has_begun = self._record.first_token_ms is not None
        return limits.SILENCE_S if has_begun else limits.FIRST_TOKEN_S

    def _limit(self) -> float:
        if self._drain_until is not None:
            return min(self._drain_until, self._patience.deadline)
        return min(self.heard + self._silence_s, self._patience.deadline)

    async def _open(self) -> httpx.Response:
        body = self._question.body
        operation = self._question.operation
        # /infill counts unasked.
        wants_usage = operation not in {"infill", *self._connection.refuses_usage}
        response = await self._send(with_usage(body) if wants_usage else body)
        if response.is_success:
            return response
        complaint = await self._complaint(response)
        if wants_usage and refuses_usage(response.status_code, complaint.message):
            self._connection.refuses_usage.add(operation)
            response = await self._send(body)
            if response.is_success:
                return response
            complaint = await self._complaint(response)
        raise self._refusal(response, complaint)

    async def _send(self, body: dict[str, Any]) -> httpx.Response:
        content = encoded(body)
        headers = self._headers()
        self._record.sending(content, list(headers))
        url = self._route.url_of(self._question.operation)
        client = self._connection.client
        try:
            response = await client.send(
                "POST",
                url,
                headers,
                content,
                self._limit(),
                connect_s=limits.PROBE_CONNECT_S if self._patience.is_probe else limits.CONNECT_S,
                on_stands=self._patience.on_sent,
            )
        except TimeoutError as error:
            raise self._timed_out() from error
        except HTTPX_ERRORS as error:
            raise from_httpx(self._place, error) from error
        self._record.status = response.status_code
        return response

    def _headers(self) -> dict[str, str]:
        given = self._route.address.headers
        own = {"accept": "text/event-stream", "content-type": "application/json"}
        return own | {name.lower(): value.get_secret_value() for name, value in given}

    async def _complaint(self, response: httpx.Response) -> Complaint:
        body = await self._head_of(response)
        return complaint_from_body(body.decode("utf-8", "replace"), response.status_code)

    async def _head_of(self, response: httpx.Response) -> bytes:
        try:
            async with asyncio.timeout_at(self._limit()):
                return await read_head(response, BODY_LIMIT_BYTES)
        except (TimeoutError, *HTTPX_ERRORS):
            return b""  # the status alone says enough
        finally:
            await response.aclose()

    async def _refuse_web_page(self, response: httpx.Response) -> None:
        if response.headers.get("content-type", "").startswith("text/html"):
            page = (await self._head_of(response)).decode("utf-8", "replace")
            cause = f"it sent a web page: {first_line(page)}"
            raise refused(self._place, "server", cause, response.status_code)

    def _refusal(self, response: httpx.Response, complaint: Complaint) -> ProviderError:
        status, place = response.status_code, self._place
        if response.is_redirect:
            # Followed nowhere: the code and the token are for the configured address only.
            return configuration_error(place, f"status {status}: it redirects elsewhere")
        wait_s = retry_after_s(response.headers.get("retry-after"))
        return refused(place, kind_of(complaint), complaint.message, status, wait_s)

    def _timed_out(self) -> ProviderError:
        has_begun = self._record.first_token_ms is not None
        now = asyncio.get_running_loop().time()
        if now < self._patience.deadline:
            return silent(self._place, self._silence_s, self._record.status, has_begun=has_begun)
        timeout_s = self._question.timeout_s
        return timed_out(self._place, timeout_s, self._record.status, has_begun=has_begun)
