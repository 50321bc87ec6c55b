"""Which of several endpoints is asked, and what happens when one of them fails."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest

from providers import limits
from providers.client import ModelClient
from providers.endpoint_connection import EndpointConnection
from providers.errors import ProviderError
from providers.messages import ChatMessage, ChatRequest, Event, InfillRequest, Sampling, TextDelta
from providers.pool import Pool
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    completes,
    fails,
    hangs,
)
from tests.provider_models import (
    CHAT,
    INFILL,
    collect,
    model_named,
    pool_of,
    provider_at,
    text_of,
)

AUTOMATIC = replace(INFILL, priority="automatic")


@contextlib.asynccontextmanager
async def serving(
    *handlers: Handler,
) -> AsyncGenerator[tuple[Pool, ModelClient, Sequence[FakeModelServer]]]:
    """Endpoints of one provider, one for each handler, and the client of a model there."""
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FakeModelServer(one)) for one in handlers]
        provider = provider_at(*(server.url for server in servers))
        pool = await stack.enter_async_context(pool_of(provider))
        yield pool, pool.client_for(model_named()), servers


def connections_of(pool: Pool) -> tuple[EndpointConnection, ...]:
    return pool.open_connections()


async def cuts(request: Request, reply: Reply) -> None:
    await reply.cut()


def asked(servers: Sequence[FakeModelServer]) -> list[int]:
    return [len(server.requests) for server in servers]


# --- which one ---


async def test_the_endpoint_with_the_fewest_running_requests_is_asked() -> None:
    async with serving(hangs(), hangs(), hangs()) as (_, client, servers):
        tasks = []
        for count in range(1, 7):
            tasks.append(asyncio.create_task(collect(client.infill(INFILL))))
            async with asyncio.timeout(30):
                while sum(asked(servers)) < count:
                    await asyncio.sleep(0.001)
        assert asked(servers) == [2, 2, 2]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_of_idle_endpoints_the_faster_one_is_asked() -> None:
    slow = completes("a", delay_s=0.5)
    async with serving(slow, completes("b")) as (_, client, servers):
        for _ in range(8):
            await text_of(client.infill(INFILL))
        assert asked(servers) == [1, 7]


async def test_idle_endpoints_that_are_equally_fast_take_turns() -> None:
    async with serving(completes("a"), completes("b")) as (pool, client, servers):
        for _ in range(2):
            for connection in connections_of(pool):
                connection.health._latency_ms = None  # as if neither had been measured
            await text_of(client.infill(INFILL))
        assert asked(servers) == [1, 1]


def long_infill(topic: str, typed: str = "") -> InfillRequest:
    return InfillRequest(f"# {topic}\n" * 200 + typed, "\n", Sampling(max_tokens=8))


async def test_prompts_that_begin_alike_go_to_the_endpoint_that_has_them_cached() -> None:
    async with serving(completes("a"), completes("a")) as (pool, client, servers):
        for typed in ("", "x", "x =", "x = 1"):
            await text_of(client.infill(long_infill("first", typed)))
        # The other endpoint looks slow now, and is idle as well.
        other = next(one for one in connections_of(pool) if not one.asked)
        other.health.succeed(1.0)
        for typed in ("y", "y ="):
            await text_of(client.infill(long_infill("first", typed)))
        assert sorted(asked(servers)) == [0, 6]


async def test_the_turns_of_a_conversation_stay_together() -> None:
    def turn(*said: str) -> ChatRequest:
        system = ChatMessage("system", "You are helpful. " * 40)
        return ChatRequest((system, *(ChatMessage("user", one) for one in said)), CHAT.sampling)

    async with serving(completes(""), completes("")) as (_, client, servers):
        for server in servers:
            server.handler = _chats
        first, second = "first? " * 100, "second? " * 100
        await collect(client.chat(turn(first)))
        began = asked(servers).index(1)
        await collect(client.chat(turn(second)))
        await collect(client.chat(turn(first, "and then?")))
        await collect(client.chat(turn(first, "and then?", "and now?")))
        firsts = [r for r in servers[began].requests if r.body["messages"][1]["content"] == first]
        assert len(firsts) == 3


async def _chats(_: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"delta": {"content": "yes"}, "finish_reason": "stop"}]})
    await reply.event("[DONE]")


async def test_a_cached_prompt_is_not_worth_a_crowd() -> None:
    async with serving(hangs(), hangs()) as (_, client, servers):
        tasks = [asyncio.create_task(collect(client.infill(long_infill("x")))) for _ in range(4)]
        async with asyncio.timeout(30):
            while sum(asked(servers)) < 4:
                await asyncio.sleep(0.001)
        assert asked(servers) == [2, 2]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- failing over ---

FAILURES = [
    pytest.param(fails(500, {"error": "x"}), id="500"),
    pytest.param(fails(503, {"error": "loading"}), id="503"),
    pytest.param(fails(429, {"error": "slow down"}), id="429"),
    pytest.param(fails(502, "<html>Bad gateway</html>"), id="502"),
    pytest.param(cuts, id="cut"),
]


@pytest.mark.parametrize("handler", FAILURES)
async def test_another_endpoint_answers_when_one_fails(handler: Handler) -> None:
    async with serving(handler, completes("b")) as (_, client, servers):
        assert await text_of(client.infill(INFILL)) == "b"
        assert asked(servers) == [1, 1]


async def test_another_endpoint_answers_when_one_is_not_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with (
        FakeModelServer(completes("b")) as server,
        pool_of(provider_at("http://127.0.0.1:1/v1", server.url)) as pool,
    ):
        assert await text_of(pool.client_for(model_named()).infill(INFILL)) == "b"
        assert [one.state for one in pool.endpoints()] == ["failing", "ok"]
    lines = [line for line in caplog.messages if line.startswith("request ")]
    assert len({line.split()[1] for line in lines}) == 1
    assert [line.rpartition("outcome=")[2] for line in lines] == ["unreachable", "stop"]


@pytest.mark.parametrize("status", [401, 403, 404, 422], ids=str)
async def test_a_refused_request_is_not_taken_elsewhere(status: int) -> None:
    async with serving(fails(status, {"error": "no"}), completes("b")) as (_, client, servers):
        with pytest.raises(ProviderError):
            await text_of(client.infill(INFILL))
        assert servers[1].requests == []


async def test_nothing_is_asked_anew_once_text_has_been_shown() -> None:
    async def breaks(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "a"}]})
        await reply.cut()

    async with serving(breaks, completes("b")) as (_, client, servers):
        events = client.infill(INFILL)
        assert await anext(events) == TextDelta("a")
        with pytest.raises(ProviderError) as caught:
            await collect(events)
        assert caught.value.kind == "incomplete"
        assert asked(servers) == [1, 0]


async def test_when_every_endpoint_fails_the_last_one_says_why() -> None:
    async with serving(fails(500, {"error": "x"}), fails(500, {"error": "y"})) as (
        pool,
        client,
        servers,
    ):
        with pytest.raises(ProviderError) as caught:
            await text_of(client.infill(INFILL))
        assert caught.value.kind == "server"
        assert asked(servers) == [1, 1]
        assert [one.running for one in pool.endpoints()] == [0, 0]


# --- being left alone ---


async def break_down(client: ModelClient, request: InfillRequest = INFILL) -> None:
    for _ in range(limits.FAILURES):
        with contextlib.suppress(ProviderError):
            await text_of(client.infill(request))


async def test_a_broken_endpoint_is_left_alone_and_tried_again_after_a_while() -> None:
    async with serving(fails(500, {"error": "x"}), completes("b")) as (pool, client, servers):
        broken = connections_of(pool)[0]
        while broken.health.is_available:
            await text_of(client.infill(INFILL))
            broken.health._latency_ms = None  # as if it had never answered
        before = asked(servers)[0]
        for _ in range(5):
            assert await text_of(client.infill(INFILL)) == "b"
        assert asked(servers)[0] == before
        state = pool.endpoints()[0]
        assert state.resting_s is not None
        assert 0 < state.resting_s <= limits.FIRST_PAUSE_S
        servers[0].handler = completes("a")
        await asyncio.sleep(state.resting_s + 0.01)
        assert await text_of(client.infill(INFILL)) == "a"
        assert pool.endpoints()[0].resting_s is None


async def test_automatic_requests_do_not_go_to_a_single_endpoint_that_is_broken() -> None:
    async with serving(fails(500, {"error": "x"})) as (_, client, servers):
        await break_down(client, AUTOMATIC)
        with pytest.raises(ProviderError) as caught:
            await text_of(client.infill(AUTOMATIC))
        assert caught.value.kind == "server"
        assert len(servers[0].requests) == limits.FAILURES


async def test_a_person_is_taken_to_a_paused_endpoint_rather_than_to_none() -> None:
    async with serving(fails(500, {"error": "x"}), completes("b")) as (pool, client, servers):
        paused = connections_of(pool)[1]
        for _ in range(limits.FAILURES):
            paused.health.fail(ProviderError("It failed."))
        assert not paused.health.is_available
        assert await text_of(client.infill(INFILL)) == "b"
        for _ in range(limits.FAILURES):
            paused.health.fail(ProviderError("It failed."))
        with pytest.raises(ProviderError):
            await text_of(client.infill(AUTOMATIC))
        assert asked(servers) == [2, 1]


@pytest.mark.parametrize("count", [1, 2], ids=["one-endpoint", "two-endpoints"])
async def test_a_person_may_always_try_again(count: int) -> None:
    async with serving(*[fails(500, {"error": "x"})] * count) as (_, client, servers):
        for _ in range(4):
            await break_down(client)
        for server in servers:
            server.handler = completes("a")
        assert await text_of(client.infill(INFILL)) == "a"


async def test_an_overloaded_endpoint_rests_as_long_as_it_asks() -> None:
    busy = fails(429, {"error": "slow down"}, {"Retry-After": "30"})
    async with serving(busy, completes("b")) as (pool, client, servers):
        for _ in range(4):
            assert await text_of(client.infill(INFILL)) == "b"
        assert asked(servers) == [1, 4]
        assert pool.endpoints()[0].resting_s == pytest.approx(30, abs=1)


async def test_when_all_endpoints_rest_the_error_says_for_how_long() -> None:
    def busy(seconds: int) -> Handler:
        return fails(429, {"error": "slow down"}, {"Retry-After": str(seconds)})

    async with serving(busy(30), busy(20)) as (_, client, servers):
        with pytest.raises(ProviderError):
            await text_of(client.infill(INFILL))
        with pytest.raises(ProviderError, match="another 20 seconds") as caught:
            await text_of(client.infill(INFILL))
        assert caught.value.kind == "overloaded"
        assert caught.value.retry_after_s == pytest.approx(20, abs=1)
        assert asked(servers) == [1, 1]


# --- places ---


async def test_no_more_requests_run_at_once_than_there_are_places() -> None:
    async with serving(completes("abcdefgh", delay_s=0.01)) as (pool, client, servers):
        answers = await asyncio.gather(*(text_of(client.infill(INFILL)) for _ in range(20)))
        assert answers == ["abcdefgh"] * 20
        assert servers[0].most_connections == limits.RUNNING
        (state,) = pool.endpoints()
        assert (state.running, state.waiting, state.served) == (0, 0, 20)


async def test_cancelling_while_waiting_for_a_place_ends_at_once() -> None:
    async with serving(hangs()) as (pool, client, servers):
        running = [asyncio.create_task(collect(client.chat(CHAT))) for _ in range(limits.RUNNING)]
        await servers[0].wait_for_requests(limits.RUNNING)
        waiting = asyncio.create_task(collect(client.chat(CHAT)))
        await asyncio.sleep(0.02)
        assert pool.endpoints()[0].waiting == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool.endpoints()[0].waiting == 0
        assert len(servers[0].requests) == limits.RUNNING
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert pool.endpoints()[0].running == 0


async def test_waiting_too_long_for_a_place_says_that_the_server_is_busy() -> None:
    async with serving(hangs()) as (_, client, servers):
        running = [asyncio.create_task(collect(client.chat(CHAT))) for _ in range(limits.RUNNING)]
        await servers[0].wait_for_requests(limits.RUNNING)
        with pytest.raises(ProviderError, match="busy with other requests") as caught:
            await text_of(client.infill(replace(INFILL, timeout_s=0.05)))
        assert caught.value.kind == "overloaded"
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_a_chat_is_answered_while_automatic_requests_fill_the_endpoint() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        await (_chats if "messages" in request.body else hangs())(request, reply)

    async with serving(handler) as (_, client, servers):
        automatic = [asyncio.create_task(collect(client.infill(AUTOMATIC))) for _ in range(10)]
        await servers[0].wait_for_requests(limits.RUNNING_AUTOMATIC)
        events: list[Event] = await collect(client.chat(CHAT))
        assert TextDelta("yes") in events
        for task in automatic:
            task.cancel()
        await asyncio.gather(*automatic, return_exceptions=True)
