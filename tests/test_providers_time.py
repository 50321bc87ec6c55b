"""How long a server may take to connect, begin and go on; a cold one told from a dead one."""

import asyncio
from dataclasses import replace

import pytest

from providers import limits
from providers.errors import ProviderError
from providers.messages import TextDelta
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    fails,
    hangs,
)
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


def begins_after(seconds: float, *, with_headers: bool, with_pings: bool = False) -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        if with_headers:
            await reply.start()
        for _step in range(10):
            await asyncio.sleep(seconds / 10)
            if with_pings:
                await reply.send(b": ping\n\n")
        choice = {"text": "a", "delta": {"content": "a"}, "finish_reason": "stop"}
        await reply.event({"choices": [choice]})
        await reply.event("[DONE]")

    return handler


async def some_text(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": "a", "delta": {"content": "a"}}]})
    await request.disconnected.wait()


def test_a_chat_waits_two_minutes_for_a_model_that_is_being_loaded() -> None:
    assert limits.FIRST_TOKEN_S >= 120
    assert CHAT.timeout_s >= limits.FIRST_TOKEN_S


@pytest.mark.parametrize("with_headers", [True, False], ids=["headers-first", "all-late"])
async def test_a_cold_model_may_take_longer_to_begin_than_to_go_on(
    with_headers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SILENCE_S", 0.05)
    handler = begins_after(0.3, with_headers=with_headers)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await text_of(client.chat(CHAT)) == "a"


@pytest.mark.parametrize("with_headers", [True, False], ids=["after-headers", "before-headers"])
async def test_a_server_that_never_begins_is_said_to_be_silent_not_absent(
    with_headers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_TOKEN_S", 0.1)
    handler = begins_after(300, with_headers=with_headers)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="may still be loading the model") as caught:
            await collect(client.chat(CHAT))
        assert caught.value.kind == "timeout"
        assert "sent nothing for 0.1 seconds" in str(caught.value)
        async with asyncio.timeout(30):
            await server.requests[0].disconnected.wait()


async def test_a_sign_of_life_is_enough_while_a_model_is_being_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "FIRST_TOKEN_S", 1)
    handler = begins_after(2, with_headers=True, with_pings=True)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await text_of(client.chat(CHAT)) == "a"


async def test_silence_in_the_middle_of_an_answer_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SILENCE_S", 0.1)
    async with FakeModelServer(some_text) as server, client_at(server.url) as client:
        events = client.chat(CHAT)
        assert await anext(events) == TextDelta("a")
        with pytest.raises(ProviderError, match="in the middle of its answer") as caught:
            await collect(events)
        assert caught.value.kind == "timeout"


async def test_an_answer_that_has_not_begun_in_time_may_have_a_cold_model() -> None:
    async with FakeModelServer(hangs()) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match=r"within 0\.5 seconds.*loading the model"):
            await collect(client.infill(replace(INFILL, timeout_s=0.5)))


async def test_an_answer_that_has_begun_has_no_cold_model() -> None:
    async with FakeModelServer(some_text) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await collect(client.infill(replace(INFILL, timeout_s=1.5)))
    assert "within 1.5 seconds" in str(caught.value)
    assert "loading" not in str(caught.value)


async def test_no_connection_by_the_deadline_is_an_absent_server(full_port: int) -> None:
    async with client_at(f"http://127.0.0.1:{full_port}/v1") as client:
        with pytest.raises(ProviderError, match="did not accept a connection") as caught:
            await collect(client.infill(replace(INFILL, timeout_s=0.1)))
    assert caught.value.kind == "unreachable"


async def test_another_endpoint_answers_when_one_does_not_take_connections(
    full_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECT_S", 1)
    async with FakeModelServer(completes("b")) as server:
        provider = provider_at(f"http://127.0.0.1:{full_port}/v1", server.url)
        async with pool_of(provider) as pool:
            assert await text_of(pool.client_for(model_named()).infill(INFILL)) == "b"


async def test_trying_an_endpoint_that_failed_costs_little_time(
    full_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROBE_CONNECT_S", 0.5)
    monkeypatch.setattr(limits, "CONNECT_S", 300)
    async with FakeModelServer(completes("b")) as server:
        provider = provider_at(f"http://127.0.0.1:{full_port}/v1", server.url)
        async with pool_of(provider) as pool:
            dead = pool.open_connections()[0]
            dead.health._failures = limits.FAILURES
            assert dead.health.is_due
            async with asyncio.timeout(30):
                assert await text_of(pool.client_for(model_named()).infill(INFILL)) == "b"
            assert dead.asked == 1


# --- servers that say they are loading their model ---

LOADING = fails(503, {"error": {"code": 503, "message": "Loading model"}})


def loads(times: int, then: Handler) -> Handler:
    left = iter([LOADING] * times)

    async def handler(request: Request, reply: Reply) -> None:
        await next(left, then)(request, reply)

    return handler


async def test_a_chat_waits_for_a_server_that_says_it_is_loading() -> None:
    async with FakeModelServer(loads(2, chats("a"))) as server, client_at(server.url) as client:
        assert await text_of(client.chat(CHAT)) == "a"
    assert len(server.requests) == 3


async def test_a_completion_that_a_person_asks_for_waits_too() -> None:
    async with FakeModelServer(loads(1, completes("a"))) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"


async def test_an_automatic_completion_does_not_wait_for_a_model_to_be_loaded() -> None:
    async with FakeModelServer(LOADING) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="is still loading its model") as caught:
            await collect(client.infill(replace(INFILL, priority="automatic")))
    assert caught.value.kind == "overloaded"
    assert len(server.requests) == 1


async def test_a_server_that_goes_on_loading_is_given_up_after_the_time_for_the_first_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "FIRST_TOKEN_S", 1.5)
    async with FakeModelServer(LOADING) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="is still loading its model"):
            await collect(client.chat(CHAT))
    assert len(server.requests) <= 2


async def test_another_endpoint_is_asked_before_one_that_loads_is_waited_for() -> None:
    async with (
        FakeModelServer(LOADING) as cold,
        FakeModelServer(chats("b")) as warm,
        pool_of(provider_at(cold.url, warm.url)) as pool,
    ):
        assert await text_of(pool.client_for(model_named()).chat(CHAT)) == "b"
    assert len(cold.requests) == 1


async def test_of_two_endpoints_the_one_that_loads_is_waited_for() -> None:
    async with (
        FakeModelServer(loads(2, chats("b"))) as cold,
        pool_of(provider_at("http://127.0.0.1:9/v1", cold.url)) as pool,
    ):
        assert await text_of(pool.client_for(model_named()).chat(CHAT)) == "b"


async def test_an_overloaded_server_is_not_waited_for_as_if_it_loaded() -> None:
    busy = fails(503, {"error": {"code": 503, "message": "no slot available"}})
    async with FakeModelServer(busy) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="is overloaded"):
            await collect(client.chat(CHAT))
    assert len(server.requests) == 1
