"""Who is let in next at an endpoint that is busy."""

import asyncio

import pytest

from providers import limits
from providers.slots import Priority, Slots, first_free


def full() -> Slots:
    slots = Slots()
    for _ in range(limits.RUNNING):
        slots.take()
    return slots


async def waiting(places: list[Slots], priority: Priority) -> asyncio.Task[Slots]:
    task = asyncio.create_task(first_free(places, priority))
    await asyncio.sleep(0)
    return task


async def test_explicit_requests_are_let_in_ahead_of_automatic_ones() -> None:
    slots = full()
    automatic = await waiting([slots], "automatic")
    explicit = [await waiting([slots], "explicit") for _ in range(2)]
    assert slots.waiting == 3
    slots.give_back()
    assert await explicit[0] is slots
    assert not explicit[1].done()
    slots.give_back()
    assert await explicit[1] is slots
    assert not automatic.done()
    slots.give_back()
    slots.give_back()
    assert await automatic is slots
    assert (slots.running, slots.waiting) == (3, 0)


def test_one_place_is_kept_for_explicit_requests() -> None:
    slots = Slots()
    while slots.has_room("automatic"):
        slots.take()
    assert slots.running == limits.RUNNING - 1
    assert slots.has_room("explicit")


async def test_a_cancelled_request_leaves_the_queue_at_once() -> None:
    slots = full()
    first, second = [await waiting([slots], "explicit") for _ in range(2)]
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert slots.waiting == 1
    slots.give_back()
    assert await second is slots


async def test_a_request_cancelled_as_it_is_let_in_passes_its_place_on() -> None:
    slots = full()
    first, second = [await waiting([slots], "explicit") for _ in range(2)]
    slots.give_back()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second is slots
    assert slots.running == limits.RUNNING


async def test_the_first_place_anywhere_is_taken_and_no_other() -> None:
    one, two = full(), full()
    task = await waiting([one, two], "explicit")
    two.give_back()
    one.give_back()
    assert await task is two
    assert (one.running, two.running) == (limits.RUNNING - 1, limits.RUNNING)
    assert (one.waiting, two.waiting) == (0, 0)
