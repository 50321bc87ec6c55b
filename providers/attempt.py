"""One request at one endpoint, from the place it holds there to its line in the log."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from providers.bodies import BadMessagesError
from providers.endpoint_connection import EndpointConnection
from providers.errors import ErrorKind, ProviderError, RefusedError, refused
from providers.exchange import Exchange, Patience, Question
from providers.messages import Event, Finished, TextDelta
from providers.pace import Pace
from providers.probing import identify_beside
from providers.questions import AnswerFilter, Asking
from providers.request_record import RequestRecord
from providers.routes import Route

# What another endpoint may do better. A server that refuses the request or the token speaks for
# its like, and one that has let the time pass has left none for another.
_FAULTS_OF_THE_ENDPOINT: frozenset[ErrorKind] = frozenset(
    {"unreachable", "server", "overloaded", "incomplete"}
)


class Attempt:
    """Asks one endpoint, where a place has been taken, and gives the place back."""

    def __init__(
        self,
        connection: EndpointConnection,
        route: Route,
        asking: Asking,
        record: RequestRecord,
    ) -> None:
        self._connection = connection
        self._route = route
        self._asking = asking
        self._record = record
        self._has_begun = False

    def leaves_room_for_another(self, error: ProviderError) -> bool:
        """Tell whether another endpoint may be asked instead: nothing has been shown yet."""
        return not self._has_begun and error.kind in _FAULTS_OF_THE_ENDPOINT

    async def events(
        self, deadline: float, on_sent: Callable[[], None]
    ) -> AsyncGenerator[Event, None]:
        """Yield the answer; closing or cancelling closes the socket at once."""
        connection, record = self._connection, self._record
        was_probe = connection.begin()
        failure: ProviderError | None = None
        has_text = False
        try:
            patience = Patience(deadline, was_probe, on_sent)
            async with aclosing(self._ask(patience)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        record.outcome = event.reason
                    has_text = has_text or isinstance(event, TextDelta)
                    self._has_begun = True
                    yield event
        except GeneratorExit:
            # The caller has what it wanted, unless it is being cancelled itself.
            if has_text and record.outcome == "cancelled" and not _is_being_cancelled():
                record.outcome = "enough"
            raise
        except ProviderError as error:
            failure = error
            record.outcome = error.kind
            raise
        finally:
            is_whole = failure is None and record.outcome != "cancelled"
            connection.end(failure, is_whole=is_whole, was_probe=was_probe)
            record.write()
            await connection.close_if_abandoned()

    async def _ask(self, patience: Patience) -> AsyncGenerator[Event, None]:
        connection, record, route = self._connection, self._record, self._route
        # A request refused for its form is asked again in the form learned from that.
        while True:
            route = connection.server.best(route)
            question, wanted = _question(connection, route, self._asking)
            exchange = Exchange(connection, route, question, record, patience)
            has_begun = False
            try:
                async with aclosing(self._answer(exchange, wanted)) as events:
                    async for event in events:
                        if not has_begun:
                            is_filling = record.operation == "infill"
                            connection.server.note_answer(
                                route, question.body, is_filling=is_filling
                            )
                        has_begun = True
                        yield event
                return
            except RefusedError as error:
                if has_begun or not connection.server.is_corrected(route, error, question.body):
                    raise

    def _note_beginning(self, text: str) -> None:
        if self._record.received(text) and self._record.first_token_ms is not None:
            self._connection.note_first_token(self._record.first_token_ms)

    async def _answer(
        self, exchange: Exchange, wanted: AnswerFilter
    ) -> AsyncGenerator[Event, None]:
        pace = Pace()
        try:
            async with aclosing(exchange.deltas()) as deltas:
                async for delta in deltas:
                    pace.note(exchange.heard)
                    self._note_beginning(delta.content)
                    if not isinstance(delta, TextDelta):
                        yield delta
                    elif text := wanted.feed(delta.content):
                        yield TextDelta(text)
                    if wanted.is_stopped:
                        break
        finally:
            self._connection.server.note_streaming(pace.is_streaming(_tokens(exchange, pace)))
        if text := wanted.close():
            yield TextDelta(text)
        if exchange.reply.usage is not None:
            yield exchange.reply.usage
        yield Finished("stop" if wanted.is_stopped else exchange.reply.finish_reason or "stop")


def _tokens(exchange: Exchange, pace: Pace) -> int:
    """The length of an answer that is whole, else 0."""
    if not exchange.reply.is_finished:
        return 0
    usage = exchange.reply.usage
    return usage.completion_tokens if usage else pace.pieces


def _question(
    connection: EndpointConnection, route: Route, asking: Asking
) -> tuple[Question, AnswerFilter]:
    try:
        question, wanted = asking(route)
    except BadMessagesError as error:
        raise refused(route.place, "bad_request", str(error)) from error
    if "top_k" in question.body:
        identify_beside(connection)  # some servers refuse it, so it waits until that is known
    return replace(question, body=connection.server.fit(question.body)), wanted


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
