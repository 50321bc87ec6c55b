"""Asking an endpoint which models it has."""

import pytest
from pydantic import SecretStr

from config.rendered import Endpoint
from providers.discovery import ListedModel, list_models
from providers.errors import ErrorKind, ProviderError
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, fails, routes


def answers(body: object) -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.json(body)

    return routes({"/v1/models": handler})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            {"object": "list", "data": [{"id": "a"}, {"id": "b"}]},
            (ListedModel("a"), ListedModel("b")),
            id="openai",
        ),
        pytest.param(
            {"data": [{"id": "a", "max_model_len": 32768}]}, (ListedModel("a", 32768),), id="vllm"
        ),
        pytest.param(
            {
                "models": [{"name": "a", "model": "a"}],
                "data": [{"id": "a", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}}],
            },
            (ListedModel("a", 4096),),
            id="llamacpp",
        ),
        pytest.param(
            {"data": [{"id": "a", "meta": {"n_ctx_train": 8192}}]},
            (ListedModel("a", 8192),),
            id="llamacpp-older",
        ),
        pytest.param([{"id": "a"}, "b"], (ListedModel("a"), ListedModel("b")), id="bare-list"),
        pytest.param({"models": [{"name": "a:7b"}]}, (ListedModel("a:7b"),), id="ollama-tags"),
        pytest.param({"object": "list", "data": None}, (), id="ollama-empty"),
        pytest.param({"data": [{}, None, {"id": 5}]}, (), id="nonsense"),
    ],
)
async def test_lists_are_read(body: object, expected: tuple[ListedModel, ...]) -> None:
    async with FakeModelServer(answers(body)) as server:
        assert await list_models(Endpoint(url=server.url)) == expected


async def test_the_token_is_sent_and_the_query_kept() -> None:
    async with FakeModelServer(answers([])) as server:
        await list_models(Endpoint(url=server.root + "?v=1", access_token=SecretStr("t0k")))
    assert server.requests[0].path == "/v1/models?v=1"
    assert server.requests[0].headers["authorization"] == "Bearer t0k"


# lmstudio-ai/lmstudio-bug-tracker#618
LM_STUDIO = {"error": "Unexpected endpoint or method. (GET /api/models)"}


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (fails(401, {"error": "no"}), "auth"),
        (fails(404, "not found"), "not_found_model"),
        (fails(200, "<html><title>Welcome</title>"), "server"),
        (fails(200, {"hello": 1}), "server"),
        (fails(200, LM_STUDIO), "not_found_model"),
        (fails(200, '{"data": [{"id": '), "incomplete"),
    ],
    ids=["token", "path", "web-page", "other-json", "lm-studio", "cut"],
)
async def test_failures_are_provider_errors(handler: Handler, kind: ErrorKind) -> None:
    async with FakeModelServer(handler) as server:
        with pytest.raises(ProviderError) as caught:
            await list_models(Endpoint(url=server.url), "mine")
    assert caught.value.kind == kind
    assert '"mine"' in str(caught.value)


async def test_an_address_that_lm_studio_does_not_know_is_told_to_lack_v1() -> None:
    async with FakeModelServer(fails(200, LM_STUDIO)) as server:
        for url, is_told in ((f"{server.root}/api", True), (server.url, False)):
            with pytest.raises(ProviderError) as caught:
                await list_models(Endpoint(url=url))
            assert ("the URL often ends in /v1" in str(caught.value)) is is_told


async def test_a_list_without_end_is_refused() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "application/json")
        while True:
            await reply.send(b" " * 2**20)

    async with FakeModelServer(handler) as server:
        with pytest.raises(ProviderError, match="larger than"):
            await list_models(Endpoint(url=server.url))


async def test_nobody_listening_is_unreachable() -> None:
    async with FakeModelServer(answers([])) as server:
        url = server.url
    with pytest.raises(ProviderError) as caught:
        await list_models(Endpoint(url=url))
    assert caught.value.kind == "unreachable"
