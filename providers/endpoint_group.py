"""The endpoints of one provider: which of them is asked next."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence

from providers.endpoint_connection import EndpointConnection
from providers.errand import Errand
from providers.errors import again, refused
from providers.secrecy import Place
from providers.slots import first_free

# Prompts whose endpoint is remembered: some for each file and conversation that is being worked on.
_REMEMBERED = 512

# A server that has the prompt in its cache is worth waiting behind one more request, not two.
_WORTH = 1


class EndpointGroup:
    """Endpoints that serve the same models, so that each can stand in for another."""

    def __init__(self, connections: Sequence[EndpointConnection]) -> None:
        self.connections = tuple(connections)
        self._served_by: OrderedDict[int, EndpointConnection] = OrderedDict()

    async def admit(
        self, errand: Errand, place: Place, tried: Collection[EndpointConnection] = ()
    ) -> EndpointConnection | None:
        """Return the endpoint to ask, a place there being taken; None when all have been tried.

        Waits while all are busy. Raises `ProviderError` when none may be asked now, or the time
        for the whole answer is over.
        """
        while candidates := self._candidates(errand, place, tried):
            free = [one for one in candidates if one.slots.has_room(errand.priority)]
            if free:
                chosen = self._best(free, errand)
                chosen.slots.take()
                self._remember(chosen, errand)
                return chosen
            chosen = await self._wait(candidates, errand, place)
            if chosen.health.is_available or len(candidates) == 1:
                self._remember(chosen, errand)
                return chosen
            chosen.slots.give_back()  # it has broken down meanwhile
        return None

    def _candidates(
        self, errand: Errand, place: Place, tried: Collection[EndpointConnection]
    ) -> list[EndpointConnection]:
        left = [one for one in self.connections if one not in tried]
        available = [one for one in left if one.health.is_available]
        if available or not left:
            return available
        if errand.priority == "explicit":
            # A person who tries again is let through to what is only paused, and to the only one.
            awake = [one for one in left if not one.health.rest_s]
            if awake or len(self.connections) == 1:
                return awake or left
        if tried:
            return []
        raise self._unavailable(left, place)

    def _unavailable(self, left: Sequence[EndpointConnection], place: Place) -> Exception:
        first = min(left, key=lambda one: one.health.wait_s)
        wait_s = first.health.wait_s
        if all(one.health.rest_s for one in left):
            cause = f"it asked to be left alone for another {wait_s:.0f} seconds"
            cause = cause if len(left) == 1 else cause.replace("it asked", "all endpoints asked")
            return refused(place, "overloaded", cause, retry_after_s=wait_s)
        failure = first.health.last_failure
        if failure is None:
            return refused(place, "overloaded", "it is being tried", retry_after_s=wait_s)
        return again(failure, wait_s)

    def _best(self, free: Sequence[EndpointConnection], errand: Errand) -> EndpointConnection:
        due = next((one for one in free if one.health.is_due), None)
        if due is not None:
            return due
        least = min(free, key=_burden)
        for beginning in errand.beginnings:
            last = self._served_by.get(beginning)
            if (
                last is not None
                and last in free
                and last.slots.running <= least.slots.running + _WORTH
            ):
                return last
        return least

    def _remember(self, chosen: EndpointConnection, errand: Errand) -> None:
        for beginning in reversed(errand.beginnings):
            self._served_by[beginning] = chosen
            self._served_by.move_to_end(beginning)
        while len(self._served_by) > _REMEMBERED:
            self._served_by.popitem(last=False)

    async def _wait(
        self, candidates: Sequence[EndpointConnection], errand: Errand, place: Place
    ) -> EndpointConnection:
        try:
            async with asyncio.timeout_at(errand.deadline):
                slots = await first_free([one.slots for one in candidates], errand.priority)
        except TimeoutError as error:
            cause = f"it was busy with other requests for {errand.timeout_s:g} seconds"
            raise refused(place, "overloaded", cause) from error
        return next(one for one in candidates if one.slots is slots)


def _burden(connection: EndpointConnection) -> tuple[int, int, int]:
    # In turn, where nothing else decides.
    return connection.slots.running, connection.health.latency_rank, connection.asked
