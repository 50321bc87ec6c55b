"""How many requests one endpoint is given at a time, and who is next."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from providers import limits

Priority = Literal["automatic", "explicit"]
"""Whether a person waits for the answer, or the editor asks unbidden."""

_ORDER: tuple[Priority, ...] = ("explicit", "automatic")


class Slots:
    """The free places at one endpoint; explicit requests are let in ahead of automatic ones."""

    def __init__(self) -> None:
        self.running = 0
        # Dictionaries, for their order and for leaving from the middle.
        self._queues: dict[Priority, dict[_Ticket, None]] = {name: {} for name in _ORDER}

    @property
    def waiting(self) -> int:
        """How many requests wait here; each may wait at other endpoints too."""
        return sum(len(queue) for queue in self._queues.values())

    def has_room(self, priority: Priority) -> bool:
        """Tell whether a request can begin now; nobody of its priority waits then."""
        explicit = priority == "explicit"
        return self.running < (limits.RUNNING if explicit else limits.RUNNING_AUTOMATIC)

    def take(self) -> None:
        """Occupy a place."""
        self.running += 1

    def give_back(self) -> None:
        """Free a place and let the next one in."""
        self.running -= 1
        self._let_in()

    def _let_in(self) -> None:
        for priority in _ORDER:
            queue = self._queues[priority]
            while queue and self.has_room(priority):
                ticket = next(iter(queue))
                del queue[ticket]
                if not ticket.done():
                    self.take()
                    ticket.set_result(self)

    def join(self, ticket: "_Ticket", priority: Priority) -> None:
        """Wait here too."""
        self._queues[priority][ticket] = None

    def leave(self, ticket: "_Ticket", priority: Priority) -> None:
        """Wait here no more."""
        self._queues[priority].pop(ticket, None)


_Ticket = asyncio.Future[Slots]


async def first_free(places: Sequence[Slots], priority: Priority) -> Slots:
    """Wait for a place at any of several endpoints, and occupy it."""
    ticket: _Ticket = asyncio.get_running_loop().create_future()
    for slots in places:
        slots.join(ticket, priority)
    try:
        return await ticket
    except asyncio.CancelledError:
        if ticket.done() and not ticket.cancelled():
            ticket.result().give_back()
        raise
    finally:
        for slots in places:
            slots.leave(ticket, priority)
