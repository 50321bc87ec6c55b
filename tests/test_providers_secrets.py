"""Planted secrets and texts must not turn up in any log record or exception."""

import html
import json
import logging
import traceback
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from config.rendered import Endpoint, ModelConfiguration, OpenAICompatibleProvider, Provider
from providers.echoes import without_echoes
from providers.errors import ProviderError
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling
from providers.pool import Pool
from tests.effort import grows_linearly
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


async def test_a_token_that_is_not_sent_is_masked_as_well(caplog: pytest.LogCaptureFixture) -> None:
    def endpoint(url: str, name: str) -> Endpoint:
        return Endpoint(
            url=f"{url}?key=query-of-{name}",
            access_token=SecretStr(f"token-of-{name}"),
            headers={"X-Key": SecretStr(f"header-of-{name}")},
        )

    names = [f"{kind}-of-{name}" for kind in ("token", "header") for name in ("first", "second")]
    request = ChatRequest((ChatMessage("user", " ".join(names)),), Sampling(16))
    caplog.set_level(logging.DEBUG)
    async with FakeModelServer(echoes) as server:
        endpoints = (endpoint(server.url, "first"), endpoint("http://127.0.0.1:9/v1", "second"))
        side = OpenAICompatibleProvider(endpoints=endpoints, enable_verbose_logs=True)
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            with pytest.raises(ProviderError) as failure:
                await anext(pool.client_for(MODEL).chat(request))
    assert "body:" in caplog.text
    for name in names:
        assert name not in caplog.text
        assert name not in str(failure.value)


async def test_a_key_in_the_address_is_masked_when_the_server_quotes_it() -> None:
    async def quotes(request: Request, reply: Reply) -> None:
        await reply.json({"error": {"message": "bad: key=pl4nted-query"}}, 400)

    async with FakeModelServer(quotes) as server:
        said = await ask_everything(provider_at(server.url + "?key=pl4nted%2Dquery"))
    assert "pl4nted-query" not in said
    assert "bad: key=***" in said


CODE = "def pay(amount):\n    return charge(CARD_NUMBER, amount)\n"


def quoting(text: str) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.json({"error": {"message": text}}, 400)

    return handler


def quoting_in_stream(text: str) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.event({"error": {"message": text, "code": 400}})

    return handler


@pytest.mark.parametrize("form", [quoting, quoting_in_stream], ids=["body", "stream"])
@pytest.mark.parametrize(
    "quoted",
    [CODE, repr(CODE), json.dumps(CODE), " ".join(CODE.split()), html.escape(CODE), CODE[20:45]],
    ids=["as-it-is", "python", "json", "one-line", "html", "a-piece"],
)
async def test_a_prompt_that_the_server_quotes_is_left_out(
    quoted: str, form: Callable[[str], Handler], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        FakeModelServer(form(f"invalid prompt: {quoted} has no end")) as server,
        pool_of(provider_at(server.url)) as pool,
    ):
        client = pool.client_for(MODEL)
        for events in (
            client.infill(InfillRequest(CODE, "", Sampling(16))),
            client.chat(ChatRequest((ChatMessage("user", CODE),), Sampling(16))),
        ):
            with pytest.raises(ProviderError) as failure:
                await anext(events)
            said = str(failure.value)
            assert "invalid prompt:" in said
            assert "..." in said
            assert "has no end" in said
            for word in ("charge", "CARD_NUM", "return"):
                assert word not in said + caplog.text


async def test_a_verbose_provider_shows_what_the_server_quotes() -> None:
    async with FakeModelServer(quoting(f"invalid prompt: {PROMPT}")) as server:
        said = await ask_everything(provider_at(server.url, verbose=True))
    assert f"invalid prompt: {PROMPT}" in said


async def test_a_secret_half_inside_the_prompt_is_left_out_whole() -> None:
    text = "the key is pl4nted"
    async with (
        FakeModelServer(quoting(f"bad: {text}-token!")) as server,
        pool_of(provider_at(server.url, token=TOKEN)) as pool,
    ):
        with pytest.raises(ProviderError) as failure:
            await anext(pool.client_for(MODEL).infill(InfillRequest(text, "", Sampling(16))))
    assert "pl4nted" not in str(failure.value)
    assert "token!" not in str(failure.value)


@given(
    st.text(st.sampled_from('ab \n"'), max_size=60),
    st.text(st.sampled_from('ab \n"'), max_size=60),
    st.integers(0, 50),
)
def test_no_piece_of_twelve_characters_is_left(kept: str, around: str, start: int) -> None:
    said = without_echoes(around[:20] + kept[start:] + around[20:], [kept])

    pieces = {said[at : at + 12] for at in range(len(said) - 11)}
    assert not [piece for piece in pieces if piece in kept]


def test_the_time_to_compare_a_prompt_grows_with_its_length_only() -> None:
    said = "The prompt is too long. " * 40
    assert without_echoes(said, [CODE * 5000]).startswith("The prompt")
    assert grows_linearly(lambda times: partial(without_echoes, said, [CODE * times]), 5000)


async def test_the_token_of_another_provider_in_a_users_text_is_masked_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    other = "pl4nted-0ther-token"
    async with FakeModelServer(completes(f"{ANSWER} {other}")) as server:
        verbose = provider_at(server.url, token=TOKEN, verbose=True)
        elsewhere = provider_at("http://127.0.0.1:9/v1", token=other)
        pool = Pool(
            ModelConfiguration(providers=(verbose, elsewhere.model_copy(update={"id": "other"})))
        )
        request = InfillRequest(f"{PROMPT} {other}", "", Sampling(16))
        async for _ in pool.client_for(MODEL).infill(request):
            pass
        await pool.aclose()

    assert PROMPT in caplog.text
    assert ANSWER in caplog.text
    assert other not in caplog.text
