"""How the endpoints fare, as an editor sees it."""

import asyncio
import json
from typing import Any

from providers import limits
from tests.fake_model_server import (
    FakeModelServer,
    Reply,
    Request,
    completes,
    fails,
    routes,
)
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import CODE, URI, answered, settings_for


def settings_at(*urls: str) -> dict[str, Any]:
    settings = settings_for(urls[0])
    side = settings["modelConfiguration"]["providerOverrides"][0]["serverSideConfig"]
    side["endpoints"] = [{"url": url} for url in urls]
    return settings


async def endpoints_of(client: Client) -> list[dict[str, Any]]:
    status = await answered(client.command("foretype.status"))
    endpoints: list[dict[str, Any]] = status["endpoints"]
    return endpoints


async def test_a_broken_server_is_spared_while_typing_and_asked_on_demand() -> None:
    async with (
        FakeModelServer(fails(500, {"error": "x"})) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        for _ in range(limits.FAILURES + 1):
            assert await answered(client.ask(URI, 1, 4, automatic=True)) is None
        assert len(model.requests) == limits.FAILURES
        (endpoint,) = await endpoints_of(client)
        assert endpoint["state"] == "failing"
        assert 0 < endpoint["restingS"] <= limits.FIRST_PAUSE_S
        model.handler = completes("return a + b")
        answer = await answered(client.ask(URI, 1, 4))
        assert answer.items[0].insert_text == "return a + b"
        (endpoint,) = await endpoints_of(client)
        assert (endpoint["state"], endpoint["restingS"], endpoint["waiting"]) == ("ok", None, 0)


async def test_one_of_two_servers_is_enough() -> None:
    busy = fails(429, {"error": "slow down"}, {"Retry-After": "60"})
    async with FakeModelServer(busy) as one, FakeModelServer(completes("return a + b")) as two:
        async with connected(settings=settings_at(one.url, two.url)) as client:
            client.open(URI, CODE)
            for _ in range(3):
                answer = await answered(client.ask(URI, 1, 4, automatic=True))
                assert answer.items[0].insert_text == "return a + b"
            rests = [endpoint["restingS"] for endpoint in await endpoints_of(client)]
            messages = [message.message for message in client.messages]
        assert len(one.requests) == 1
    assert 50 < rests[0] <= 60
    assert rests[1] is None
    assert messages == []


async def test_what_was_learned_of_a_server_is_told() -> None:
    async def lists(_: Request, reply: Reply) -> None:
        await reply.json({"data": [{"id": "starcoder2-7b", "owned_by": "vllm"}]})

    table = {
        "/v1/models": lists,
        "/v1/completions": completes("return a + b\n\nx", delay_s=0.01),
    }
    async with (
        FakeModelServer(routes(table)) as model,
        connected(settings=settings_for(model.url, accessToken="s3cr3t-status")) as client,
    ):
        await answered(client.command("foretype.models"))
        (endpoint,) = await endpoints_of(client)
        assert endpoint["server"] == {"kind": "unknown", "fimRoutes": {}, "streaming": None}
        client.open(URI, CODE)
        await answered(client.ask(URI, 1, 4))
        (endpoint,) = await endpoints_of(client)
    server = endpoint["server"]
    assert server["fimRoutes"] == {"local::v1::starcoder2-7b": "tokens"}
    assert server["streaming"] is True
    assert "s3cr3t-status" not in json.dumps(endpoint)


async def test_a_chat_tells_the_kind_and_no_way_to_fill_gaps() -> None:
    async def started(request: Request, reply: Reply) -> None:
        piece = {"choices": [{"delta": {"content": "Hello."}, "finish_reason": "stop"}]}
        await reply.start(headers={"Server": "llama.cpp"})
        await reply.event(piece)
        await reply.event("[DONE]")

    async with (
        FakeModelServer(started) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        turn = {"messages": [{"role": "user", "content": "Hello?"}]}
        await answered(client.command("foretype.chat", turn))
        (endpoint,) = await endpoints_of(client)
    assert endpoint["server"] == {"kind": "llama.cpp", "fimRoutes": {}, "streaming": None}


async def test_an_answer_that_is_held_back_until_it_is_whole_is_no_stream() -> None:
    async def holding_back(_: Request, reply: Reply) -> None:
        await asyncio.sleep(0.3)
        pieces: list[Any] = [{"choices": [{"delta": {"content": f"{n} "}}]} for n in range(9)]
        pieces.append({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        events = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces)
        await reply.send(f"{events}data: [DONE]\n\n".encode())

    async with (
        FakeModelServer(holding_back) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        turn = {"messages": [{"role": "user", "content": "Count."}]}
        await answered(client.command("foretype.chat", turn))
        (endpoint,) = await endpoints_of(client)
    assert endpoint["server"]["streaming"] is False
