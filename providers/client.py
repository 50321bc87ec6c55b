"""Asks one model for text: code at the cursor, or the next turn of a conversation."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from pydantic import SecretStr

from config.rendered import Model
from providers.attempt import Attempt
from providers.endpoint_connection import EndpointConnection
from providers.endpoint_group import EndpointGroup
from providers.errand import Errand, beginnings_of
from providers.errors import ProviderError
from providers.messages import ChatRequest, Event, InfillRequest
from providers.questions import Asking, ask_chat, ask_infill
from providers.request_record import RequestRecord
from providers.routes import route_to
from providers.slots import Priority


class ModelClient:
    """One model, reached at any of its endpoints.

    Both methods are async generators that raise `ProviderError` and nothing else; closing one, or
    cancelling the task that reads it, closes the socket at once. An endpoint that fails before it
    has answered anything is replaced by the next one, without a word to the caller.
    """

    def __init__(
        self, model: Model, group: EndpointGroup, secrets: tuple[SecretStr, ...] = ()
    ) -> None:
        self.model = model
        self._group = group
        # Of every provider: a user's text may hold the token of another one.
        self._secrets = secrets

    def infill(self, request: InfillRequest) -> AsyncGenerator[Event, None]:
        """Yield the text that belongs between `prefix` and `suffix`, then `Finished`."""
        asking = ask_infill(self.model, request)
        return self._events("infill", asking, request.priority, request.timeout_s, [request.prefix])

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Yield the next turn of the conversation, then `Finished`."""
        asking = ask_chat(self.model, request)
        said = [message.content for message in request.messages]
        return self._events("chat", asking, "explicit", request.timeout_s, said)

    async def _events(
        self,
        operation: str,
        asking: Asking,
        priority: Priority,
        timeout_s: float,
        texts: Sequence[str],
    ) -> AsyncGenerator[Event, None]:
        deadline = asyncio.get_running_loop().time() + timeout_s
        beginnings = beginnings_of(str(self.model.model_ref), texts)
        errand = Errand(priority, deadline, timeout_s, beginnings)
        tried: list[EndpointConnection] = []
        failure: ProviderError | None = None
        request_id = ""
        while connection := await self._admit(operation, errand, tried):
            address = connection.address
            route = route_to(address, self.model)
            hidden = route.place.secrets + self._secrets
            record = RequestRecord(
                operation,
                replace(route.place, secrets=hidden),
                request_id,
                is_verbose=address.is_verbose,
            )
            attempt = Attempt(connection, route, asking, record)
            try:
                async with aclosing(attempt.events(deadline)) as events:
                    async for event in events:
                        yield event
                return
            except ProviderError as error:
                if not attempt.leaves_room_for_another(error):
                    raise
                failure, request_id = error, record.id
                tried.append(connection)
        if failure is not None:
            raise failure

    async def _admit(
        self, operation: str, errand: Errand, tried: Sequence[EndpointConnection]
    ) -> EndpointConnection | None:
        connections = self._group.connections
        place = route_to(connections[0].address, self.model).place
        if len(connections) > 1:
            place = replace(place, shown_url="")
        try:
            return await self._group.admit(errand, place, tried)
        except ProviderError as error:
            record = RequestRecord(operation, place)
            record.outcome = error.kind
            record.write()
            raise
