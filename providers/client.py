"""Asks one model for text: code at the cursor, or the next turn of a conversation."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from pydantic import SecretStr

from config.rendered import Model
from providers import limits
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
from providers.stages import Phase, Stage, Watcher, unwatched

# So that an endpoint's rest is surely over.
_MARGIN_S = 0.01


class ModelClient:
    """One model, reached at any of its endpoints.

    Both methods are async generators that raise `ProviderError` and nothing else; closing one, or
    cancelling the task that reads it, closes the socket at once. An endpoint that fails before it
    has answered anything is replaced by the next one, without a word to the caller. One that says
    it is loading its model is asked again, for as long as a model may take to begin, when a person
    waits for the answer.
    """

    def __init__(
        self,
        model: Model,
        group: EndpointGroup,
        secrets: tuple[SecretStr, ...] = (),
        watcher: Watcher = unwatched,
    ) -> None:
        self.model = model
        self._group = group
        # Of every provider: a user's text may hold the token of another one.
        self._secrets = secrets
        self._watcher = watcher

    def watched_by(self, watcher: Watcher) -> "ModelClient":
        """Return the same client; `watcher` is told how far its requests have come."""
        return ModelClient(self.model, self._group, self._secrets, watcher)

    def infill(self, request: InfillRequest) -> AsyncGenerator[Event, None]:
        """Yield the text that belongs between `prefix` and `suffix`, then `Finished`."""
        asking = ask_infill(self.model, request)
        texts = [*(one.text for one in request.context), request.prefix]
        return self._events("infill", asking, request.priority, request.timeout_s, texts)

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
        started = asyncio.get_running_loop().time()
        beginnings = beginnings_of(str(self.model.model_ref), texts)
        errand = Errand(priority, started + timeout_s, timeout_s, beginnings)
        patient_until = min(errand.deadline, started + limits.FIRST_TOKEN_S)
        course = _Course()
        while True:
            async with aclosing(self._ask_each(operation, asking, errand, course)) as events:
                async for event in events:
                    yield event
            if course.failure is None:
                return
            again_at = course.again_at if priority == "explicit" else None
            if again_at is None or again_at > patient_until:
                raise course.failure
            await asyncio.sleep(again_at - asyncio.get_running_loop().time())

    async def _ask_each(
        self, operation: str, asking: Asking, errand: Errand, course: "_Course"
    ) -> AsyncGenerator[Event, None]:
        """Ask one endpoint after the other; `course` holds the failure when all have failed."""
        tried: list[EndpointConnection] = []
        course.failure = course.again_at = None
        while connection := await self._admit(operation, errand, tried):
            address = connection.address
            route = route_to(address, self.model)
            place = route.place
            record = RequestRecord(
                operation,
                replace(place, secrets=place.secrets + self._secrets),
                course.request_id,
                is_verbose=address.is_verbose,
            )
            attempt = Attempt(connection, route, asking, record)
            self._tell("connecting", connection)
            on_sent = partial(self._tell, "sent", connection)
            has_begun = False
            try:
                async with aclosing(attempt.events(errand.deadline, on_sent)) as events:
                    async for event in events:
                        if not has_begun:
                            has_begun = True
                            self._tell("begun", connection)
                        yield event
                course.failure = None
                return
            except ProviderError as error:
                if not attempt.leaves_room_for_another(error):
                    raise
                course.failure, course.request_id = error, record.id
                tried.append(connection)
                if error.is_loading:
                    self._tell("loading", connection)
                    course.wait_for(connection)

    def _tell(self, phase: Phase, connection: EndpointConnection) -> None:
        self._watcher(Stage(phase, connection.address.shown_url))

    async def _admit(
        self, operation: str, errand: Errand, tried: Sequence[EndpointConnection]
    ) -> EndpointConnection | None:
        connections = self._group.connections
        place = route_to(connections[0].address, self.model).place
        if len(connections) > 1:
            place = replace(place, shown_url="")
        self._watcher(Stage("queued", place.shown_url))
        try:
            return await self._group.admit(errand, place, tried)
        except ProviderError as error:
            record = RequestRecord(operation, place)
            record.outcome = error.kind
            record.write()
            raise


@dataclass(slots=True)
class _Course:
    """What one request has met with so far."""

    request_id: str = ""
    failure: ProviderError | None = None
    again_at: float | None = None
    """When an endpoint that is loading its model may be asked again, by the event loop's clock."""

    def wait_for(self, connection: EndpointConnection) -> None:
        """Note an endpoint that is loading; the first one to be asked again counts."""
        rest_s = connection.health.rest_s + _MARGIN_S
        again_at = asyncio.get_running_loop().time() + rest_s
        self.again_at = again_at if self.again_at is None else min(self.again_at, again_at)
