"""Giving up closes the socket at once, at whatever stage."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import pytest

from providers.client import ModelClient
from providers.messages import Event, ReasoningDelta, TextDelta
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, completes, hangs
from tests.provider_models import (
    CHAT,
    INFILL,
    client_at,
    collect,
    model_named,
    pool_of,
    provider_at,
    text_of,
)


async def headers_only(request: Request, reply: Reply) -> None:
    await reply.start()
    await request.disconnected.wait()


async def role_only(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"delta": {"content": None}}]})
    await request.disconnected.wait()


async def some_text(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": "a", "delta": {"content": "a"}}]})
    await request.disconnected.wait()


async def error_body(request: Request, reply: Reply) -> None:
    await reply.start(500, "application/json")
    await reply.send(b'{"error"')
    await request.disconnected.wait()


async def finished_but_open(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": "a", "finish_reason": "stop"}]})
    await request.disconnected.wait()


STAGES = [
    pytest.param(hangs(), id="before-headers"),
    pytest.param(headers_only, id="before-first-event"),
    pytest.param(role_only, id="before-first-token"),
    pytest.param(some_text, id="mid-stream"),
    pytest.param(error_body, id="in-error-body"),
    pytest.param(finished_but_open, id="waiting-for-usage"),
]

Ask = Callable[[ModelClient], AsyncGenerator[Event, None]]


@pytest.mark.parametrize("handler", STAGES)
@pytest.mark.parametrize(
    "ask",
    [lambda client: client.infill(INFILL), lambda client: client.chat(CHAT)],
    ids=["infill", "chat"],
)
async def test_cancelling_the_task_closes_the_socket(handler: Handler, ask: Ask) -> None:
    async with FakeModelServer(handler) as server, pool_of(provider_at(server.url)) as pool:
        task = asyncio.create_task(collect(ask(pool.client_for(model_named()))))
        await server.wait_for_requests(1)
        await asyncio.sleep(0.03)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(30):
            await server.requests[0].disconnected.wait()
        (state,) = pool.endpoints()
        assert (state.running, state.served, state.last_error) == (0, 0, None)


@pytest.mark.parametrize("turns", range(1, 6))
@pytest.mark.parametrize("handler", STAGES)
async def test_cancelling_again_at_any_turn_of_the_loop_closes_the_socket_all_the_same(
    handler: Handler, turns: int
) -> None:
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        task = asyncio.create_task(collect(client.chat(CHAT)))
        await server.wait_for_requests(1)
        await asyncio.sleep(0.03)
        task.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(30):
            await server.requests[0].disconnected.wait()


@pytest.mark.parametrize("turns", range(1, 6))
async def test_a_pool_whose_closing_is_cancelled_leaves_no_connection(turns: int) -> None:
    async with FakeModelServer(completes("x")) as first, FakeModelServer(completes("x")) as second:
        provider = provider_at(first.url, second.url)
        async with pool_of(provider) as pool:
            client = pool.client_for(model_named())
            await asyncio.gather(*(text_of(client.infill(INFILL)) for _ in range(6)))
            assert first.open_connections > 1 < second.open_connections
            closing = asyncio.create_task(pool.aclose())
            for _ in range(turns):
                await asyncio.sleep(0)
            closing.cancel()
            await first.wait_until_idle(1)
            await second.wait_until_idle(1)


async def test_closing_the_generator_closes_the_socket() -> None:
    async with FakeModelServer(some_text) as server, client_at(server.url) as client:
        async with aclosing(client.infill(INFILL)) as events:
            assert await anext(events) == TextDelta("a")
        async with asyncio.timeout(30):
            await server.requests[0].disconnected.wait()


async def test_leaving_the_loop_closes_the_socket() -> None:
    async with FakeModelServer(some_text) as server, client_at(server.url) as client:
        async for _ in client.infill(INFILL):
            break
        async with asyncio.timeout(30):
            await server.requests[0].disconnected.wait()


async def test_cancelling_while_connecting_ends_at_once(full_port: int) -> None:
    url = f"http://127.0.0.1:{full_port}/v1"
    async with pool_of(provider_at(url)) as pool:
        task = asyncio.create_task(collect(pool.client_for(model_named()).infill(INFILL)))
        await asyncio.sleep(0.1)
        assert not task.done()
        task.cancel()
        async with asyncio.timeout(30):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert pool.endpoints()[0].running == 0


async def test_a_cancelled_request_leaves_the_others_alone() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if len(server.requests) == 1:
            await hangs()(request, reply)
        else:
            await completes("whole answer", delay_s=0.02)(request, reply)

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        first = asyncio.create_task(text_of(client.infill(INFILL)))
        await server.wait_for_requests(1)
        second = asyncio.create_task(text_of(client.infill(INFILL)))
        await server.wait_for_requests(2)
        first.cancel()
        assert await second == "whole answer"


async def test_a_hundred_cancelled_requests_leave_no_connection() -> None:
    async with FakeModelServer(some_text) as server, client_at(server.url) as client:

        async def one(delay_s: float) -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay_s):
                    await collect(client.infill(INFILL))

        await asyncio.gather(*(one(0.001 * (index % 30)) for index in range(100)))
        await server.wait_until_idle()
        server.handler = completes("x")
        assert await text_of(client.infill(INFILL)) == "x"


async def outcome_of(
    leave: Callable[[AsyncGenerator[Event, None]], Awaitable[None]],
    handler: Handler,
    caplog: pytest.LogCaptureFixture,
) -> tuple[int, str]:
    """How often the endpoint served, and how the request ended, after `leave` has left it."""
    caplog.set_level(logging.INFO)
    async with FakeModelServer(handler) as server, pool_of(provider_at(server.url)) as pool:
        await leave(pool.client_for(model_named()).infill(INFILL))
        (state,) = pool.endpoints()
        assert state.running == 0
        assert state.last_error is None
    return state.served, caplog.text.rpartition("outcome=")[2].strip()


async def test_leaving_with_enough_text_counts_as_served(caplog: pytest.LogCaptureFixture) -> None:
    async def leave(events: AsyncGenerator[Event, None]) -> None:
        async with aclosing(events):
            assert await anext(events) == TextDelta("a")

    assert await outcome_of(leave, some_text, caplog) == (1, "enough")


async def test_leaving_without_any_text_counts_as_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def thinks(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"delta": {"reasoning_content": "hm"}}]})
        await request.disconnected.wait()

    async def leave(events: AsyncGenerator[Event, None]) -> None:
        async with aclosing(events):
            assert await anext(events) == ReasoningDelta("hm")

    assert await outcome_of(leave, thinks, caplog) == (0, "cancelled")


@pytest.mark.parametrize("is_reading", [True, False], ids=["reading", "busy-with-the-text"])
async def test_a_cancelled_task_counts_as_cancelled_however_much_has_arrived(
    is_reading: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave(events: AsyncGenerator[Event, None]) -> None:
        arrived = asyncio.Event()

        async def read() -> None:
            async with aclosing(events):
                async for _ in events:
                    arrived.set()
                    if not is_reading:
                        await asyncio.Event().wait()

        task = asyncio.create_task(read())
        await arrived.wait()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert await outcome_of(leave, some_text, caplog) == (0, "cancelled")
