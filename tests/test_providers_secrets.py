"""Planted secrets and texts must not turn up in any log record or exception."""

import logging
import traceback
from collections.abc import Callable

import pytest

from config.rendered import Provider
from providers.errors import ProviderError
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, completes
from tests.provider_models import model_named, pool_of, provider_at

TOKEN = "pl4nted-token"
HEADER = "pl4nted-header"
API_MODEL = "pl4nted-model"
PROMPT = "pl4nted_prompt"
ANSWER = "pl4nted_answer"
SECRETS = (TOKEN, HEADER, API_MODEL)

MODEL = model_named("public-name", api_model=API_MODEL)
INFILL = InfillRequest(f"{PROMPT} {TOKEN}", "", Sampling(16))
CHAT = ChatRequest((ChatMessage("user", PROMPT),), Sampling(16))


async def echoes(request: Request, reply: Reply) -> None:
    """Quote everything the client sent in an error, as debugging proxies do."""
    await reply.json({"error": {"message": f"got {request.headers} {request.body}"}}, 500)


async def echoes_in_stream(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": ANSWER, "delta": {"content": ANSWER}}]})
    await reply.event({"error": {"message": f"got {request.headers} {request.body['model']}"}})


async def cuts(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": f"{ANSWER} {TOKEN}"}]})
    await reply.cut()


async def both(request: Request, reply: Reply) -> None:
    handler = chats if request.path.endswith("chat/completions") else completes
    await handler(f"{ANSWER} {TOKEN}")(request, reply)


PROVIDERS: list[Callable[[str, bool], Provider]] = [
    lambda url, verbose: provider_at(url, token=TOKEN, verbose=verbose),
    lambda url, verbose: provider_at(url, headers={"X-Key": f"Key {HEADER}"}, verbose=verbose),
]


async def ask_everything(provider: Provider) -> str:
    """Return all that failed requests say, tracebacks included."""
    said = []
    async with pool_of(provider) as pool:
        client = pool.client_for(MODEL)
        for events in (client.infill(INFILL), client.chat(CHAT)):
            try:
                async for _ in events:
                    pass
            except ProviderError as error:
                said += traceback.format_exception(error)
        said.append(repr(pool.endpoints()))
    return "".join(said)


@pytest.mark.parametrize("verbose", [False, True], ids=["quiet", "verbose"])
@pytest.mark.parametrize("provider", PROVIDERS, ids=["token", "headers"])
@pytest.mark.parametrize("handler", [echoes, echoes_in_stream, cuts, both])
async def test_no_secret_is_said(
    handler: Handler,
    provider: Callable[[str, bool], Provider],
    verbose: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeModelServer(handler) as server:
        said = await ask_everything(provider(server.url + "?key=pl4nted-query", verbose))
    logged = caplog.text + repr([record.__dict__ for record in caplog.records])
    hidden = (API_MODEL, HEADER if "x-key" in server.requests[0].headers else TOKEN)
    for secret in (*hidden, "pl4nted-query"):
        assert secret not in said
        assert secret not in logged
    for text in (PROMPT, ANSWER):
        assert (text in logged) is (verbose and (text == PROMPT or handler is not echoes))


async def test_the_model_is_named_by_its_reference(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeModelServer(both) as server:
        await ask_everything(provider_at(server.url, token=TOKEN))
    assert "local::v1::public-name" in caplog.text
