"""What an editor is shown while a model is slow to begin: a cold one, a dead one, a busy one."""

import asyncio
import itertools
from typing import Any

import pytest

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
from tests.fake_model_server import routes as routed
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import CANCELLED, CODE, URI, error_of, settings_for

QUESTION = {"messages": [{"role": "user", "content": "Hello?"}], "token": "mine"}
LOADING = fails(503, {"error": {"code": 503, "message": "Loading model"}})


def after(seconds: float, then: Handler) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await asyncio.sleep(seconds)
        await then(request, reply)

    return handler


def in_turn(*handlers: Handler) -> Handler:
    """The last one answers for good."""
    order = itertools.chain(handlers, itertools.repeat(handlers[-1]))

    async def handler(request: Request, reply: Reply) -> None:
        await next(order)(request, reply)

    return handler


def shown(client: Client) -> list[list[dict[str, Any]]]:
    """Every progress the client was asked to show, each as its values in order."""
    return list(bars(client).values())


def bars(client: Client) -> dict[str | int, list[dict[str, Any]]]:
    """The same by token, but for that of loading the configuration on a slow machine."""
    values = {token: client.streamed.get(token, []) for token in client.progress_reports}
    return {token: sent for token, sent in values.items() if not is_loading(sent)}


def is_loading(sent: list[dict[str, Any]]) -> bool:
    return bool(sent) and sent[0]["message"] == "Loading the configuration"


async def until_shown(client: Client) -> list[dict[str, Any]]:
    async with asyncio.timeout(30):
        while not any(shown(client)):
            await asyncio.sleep(0.02)
    return shown(client)[0]


def kinds(values: list[dict[str, Any]]) -> list[str]:
    return [value["kind"] for value in values]


async def test_a_cold_model_is_told_with_the_time_it_takes() -> None:
    async with (
        FakeModelServer(after(11.5, chats("Hello."))) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        answer = await asyncio.wait_for(client.command("foretype.chat", QUESTION), 20)
        (values,) = shown(client)
    host = f"127.0.0.1:{model.port}"
    assert answer["content"] == "Hello."
    assert kinds(values) == ["begin", *["report"] * (len(values) - 2), "end"]
    assert values[0]["title"] == "Foretype"
    assert values[0]["cancellable"]
    assert values[0]["message"] == f"Waiting for StarCoder2 at {host} (1 s)"
    assert values[-2]["message"].startswith(
        f"Waiting for StarCoder2 at {host}, the model may be loading (1"
    )


async def test_the_progress_ends_before_the_first_word() -> None:
    order: list[str] = []

    class Noting(dict[str | int, list[dict[str, Any]]]):
        def setdefault(self, token: str | int, default: Any = None) -> Any:
            order.append("delta" if token == "mine" else "progress")
            return super().setdefault(token, default)

    async with (
        FakeModelServer(after(1.5, chats("Hello there.", delay_s=0.02))) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.streamed = Noting()
        await asyncio.wait_for(client.command("foretype.chat", QUESTION), 30)
        (values,) = shown(client)
    assert kinds(values) == ["begin", *["report"] * (len(values) - 2), "end"]
    assert order == ["progress"] * len(values) + ["delta"] * (len(order) - len(values))


async def test_an_answer_within_a_second_shows_nothing() -> None:
    async with (
        FakeModelServer(chats("Hello.", delay_s=0.6)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        await asyncio.wait_for(client.command("foretype.chat", QUESTION), 30)
        assert not shown(client)


async def test_a_client_that_shows_no_progress_is_sent_none() -> None:
    async with (
        FakeModelServer(after(1.5, chats("Hello."))) as model,
        connected(settings=settings_for(model.url), shows_progress=False) as client,
    ):
        await asyncio.wait_for(client.command("foretype.chat", QUESTION), 30)
        assert not shown(client)
        assert list(client.streamed) == ["mine"]


async def test_requests_for_one_model_share_one_progress() -> None:
    async with (
        FakeModelServer(after(2.5, chats("Hello."))) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        plain = {**QUESTION, "token": None}
        both = [client.command("foretype.chat", plain) for _ in range(2)]
        await asyncio.wait_for(asyncio.gather(*both), 30)
        (values,) = shown(client)
    assert kinds(values).count("begin") == kinds(values).count("end") == 1


async def test_an_answer_that_nobody_sees_being_written_is_shown_to_be_written() -> None:
    async with (
        FakeModelServer(chats("Hello there, you. " * 9, delay_s=0.1)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        plain = {**QUESTION, "token": None}
        await asyncio.wait_for(client.command("foretype.chat", plain), 30)
        (values,) = shown(client)
    assert kinds(values) == ["begin", *["report"] * (len(values) - 2), "end"]
    assert values[0]["message"].startswith("Answering (")


async def test_loading_a_configuration_that_takes_long_is_shown() -> None:
    async def models(_: Request, reply: Reply) -> None:
        await asyncio.sleep(2)
        await reply.json({"object": "list", "data": [{"id": "starcoder2", "object": "model"}]})

    async with (
        FakeModelServer(routed({"/v1/models": models})) as model,
        connected("--endpoint", model.url) as client,
    ):
        await asyncio.wait_for(client.command("foretype.reload"), 30)
        (values, *_) = client.streamed.values()
    assert is_loading(values)
    assert not values[0]["cancellable"]
    assert kinds(values)[-1] == "end"


async def test_cancelling_the_progress_cancels_the_chat() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        await until_shown(client)
        (token,) = bars(client)
        client.cancel_progress(token)
        assert (await error_of(request)).code == CANCELLED
        await asyncio.wait_for(model.requests[0].disconnected.wait(), 30)
        (values,) = shown(client)
    assert kinds(values)[-1] == "end"


async def test_cancelling_the_request_ends_the_progress() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        await until_shown(client)
        client.cancel(request)
        assert (await error_of(request)).code == CANCELLED
        (values,) = shown(client)
    assert kinds(values)[-1] == "end"


@pytest.mark.parametrize(
    ("automatic", "seconds", "is_shown"),
    [(False, 1.5, True), (True, 2.2, False), (True, 3.5, True)],
    ids=["asked-for", "typed-slow", "typed-cold"],
)
async def test_what_is_typed_shows_progress_only_for_a_cold_model(
    automatic: bool, seconds: float, is_shown: bool
) -> None:
    async with (
        FakeModelServer(after(seconds, completes("return a + b"))) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        answer = await asyncio.wait_for(client.ask(URI, 1, 4, automatic=automatic), 30)
        assert answer.items
        assert bool(shown(client)) is is_shown


async def test_a_server_that_says_it_is_loading_is_waited_for_and_named() -> None:
    async with (
        FakeModelServer(in_turn(LOADING, LOADING, LOADING, chats("Hello."))) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        answer = await asyncio.wait_for(client.command("foretype.chat", QUESTION), 30)
        (values,) = shown(client)
    assert answer["content"] == "Hello."
    loading = f"127.0.0.1:{model.port} is loading StarCoder2 ("
    # Before it has said so, it is waited for like any other.
    assert values[-2]["message"].startswith(loading)
    assert kinds(values)[-1] == "end"


async def test_a_server_that_takes_no_connection_is_not_said_to_load(full_port: int) -> None:
    async with connected(settings=settings_for(f"http://127.0.0.1:{full_port}/v1")) as client:
        error = await error_of(client.command("foretype.chat", QUESTION))
        (values,) = shown(client)
    assert isinstance(error.data, dict)
    assert error.data["kind"] == "unreachable"
    connecting = f"Connecting to 127.0.0.1:{full_port} for StarCoder2 ("
    assert all(value["message"].startswith(connecting) for value in values[:-1])
    assert kinds(values)[-1] == "end"
