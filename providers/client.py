"""Asks one model for text: code at the cursor, or the next turn of a conversation."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from config.rendered import Model
from providers.bodies import BadMessagesError
from providers.endpoint_connection import EndpointConnection, choose_endpoint
from providers.errors import ProviderError, RefusedError, refused
from providers.exchange import Exchange, Question
from providers.messages import ChatRequest, Event, Finished, InfillRequest, TextDelta
from providers.probing import identify_beside
from providers.questions import AnswerFilter, Asking, ask_chat, ask_infill
from providers.request_record import RequestRecord
from providers.routes import Route, route_to


class ModelClient:
    """One model, reached at any of its endpoints.

    Both methods are async generators that raise `ProviderError` and nothing else; closing one, or
    cancelling the task that reads it, closes the socket at once.
    """

    def __init__(self, model: Model, connections: Sequence[EndpointConnection]) -> None:
        self.model = model
        self._connections = tuple(connections)

    def infill(self, request: InfillRequest) -> AsyncGenerator[Event, None]:
        """Yield the text that belongs between `prefix` and `suffix`, then `Finished`."""
        return self._events("infill", ask_infill(self.model, request))

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Yield the next turn of the conversation, then `Finished`."""
        return self._events("chat", ask_chat(self.model, request))

    async def _events(self, operation: str, asking: Asking) -> AsyncGenerator[Event, None]:
        connection = choose_endpoint(self._connections)
        address = connection.address
        route = route_to(address, self.model)
        record = RequestRecord(operation, route.place, is_verbose=address.is_verbose)
        connection.begin()
        failure: ProviderError | None = None
        has_text = False
        try:
            async with aclosing(self._ask(connection, route, asking, record)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        record.outcome = event.reason
                    has_text = has_text or isinstance(event, TextDelta)
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
            connection.end(failure, is_whole=is_whole)
            record.write()
            await connection.close_if_abandoned()

    async def _ask(
        self,
        connection: EndpointConnection,
        route: Route,
        asking: Asking,
        record: RequestRecord,
    ) -> AsyncGenerator[Event, None]:
        # A request refused for its form is asked again in the form learned from that.
        while True:
            route = connection.server.best(route)
            question, wanted = _question(connection, route, asking)
            exchange = Exchange(connection, route, question, record)
            has_begun = False
            try:
                async with aclosing(self._answer(connection, exchange, wanted, record)) as events:
                    async for event in events:
                        has_begun = True
                        yield event
                return
            except RefusedError as error:
                if has_begun or not connection.server.is_corrected(route, error, question.body):
                    raise

    async def _answer(
        self,
        connection: EndpointConnection,
        exchange: Exchange,
        wanted: AnswerFilter,
        record: RequestRecord,
    ) -> AsyncGenerator[Event, None]:
        async with aclosing(exchange.deltas()) as deltas:
            async for delta in deltas:
                if record.received(delta.content) and record.first_token_ms is not None:
                    connection.note_first_token(record.first_token_ms)
                if not isinstance(delta, TextDelta):
                    yield delta
                elif text := wanted.feed(delta.content):
                    yield TextDelta(text)
                if wanted.is_stopped:
                    break
        if text := wanted.close():
            yield TextDelta(text)
        if exchange.reply.usage is not None:
            yield exchange.reply.usage
        yield Finished("stop" if wanted.is_stopped else exchange.reply.finish_reason or "stop")


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
