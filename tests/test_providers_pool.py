"""The endpoints of one configuration."""

import pytest

from config.rendered import ModelConfiguration, Provider
from providers.endpoint_connection import EndpointState
from providers.errors import ConfigurationError, ProviderError
from providers.pool import Pool
from tests.fake_model_server import FakeModelServer, completes, fails
from tests.provider_models import INFILL, collect, model_named, pool_of, provider_at, text_of


async def test_endpoints_take_turns() -> None:
    async with FakeModelServer(completes("a")) as one, FakeModelServer(completes("b")) as two:
        async with pool_of(provider_at(one.url, two.url)) as pool:
            client = pool.client_for(model_named())
            answers = [await text_of(client.infill(INFILL)) for _ in range(4)]
        assert sorted(answers) == ["a", "a", "b", "b"]
        assert answers[0] != answers[1]


async def test_models_of_an_endpoint_share_its_connections() -> None:
    async with FakeModelServer(completes("a")) as server, pool_of(provider_at(server.url)) as pool:
        for name in ("one", "two", "one"):
            await text_of(pool.client_for(model_named(name)).infill(INFILL))
        assert server.connections_opened == 1


async def test_nothing_is_opened_before_it_is_used() -> None:
    async with (
        FakeModelServer(completes("a")) as server,
        pool_of(provider_at(server.url + "?key=1")) as pool,
    ):
        pool.client_for(model_named())
        assert pool.endpoints() == (EndpointState("local", server.url, "untried"),)
        assert server.connections_opened == 0


async def test_an_endpoint_that_answers_is_ok() -> None:
    async with FakeModelServer(completes("a")) as server, pool_of(provider_at(server.url)) as pool:
        await collect(pool.client_for(model_named()).infill(INFILL))
        (state,) = pool.endpoints()
    assert (state.state, state.last_error, state.running, state.served) == ("ok", None, 0, 1)
    assert state.first_token_ms is not None
    assert state.first_token_ms > 0


@pytest.mark.parametrize(
    ("status", "state", "kind"),
    [(401, "failing", "auth"), (500, "failing", "server"), (422, "untried", "bad_request")],
)
async def test_an_endpoint_that_fails_says_how(status: int, state: str, kind: str) -> None:
    handler = fails(status, {"error": "x"})
    async with FakeModelServer(handler) as server, pool_of(provider_at(server.url)) as pool:
        with pytest.raises(ProviderError):
            await collect(pool.client_for(model_named()).infill(INFILL))
        (found,) = pool.endpoints()
        assert (found.state, found.last_error, found.served) == (state, kind, 0)
        server.handler = completes("a")
        await collect(pool.client_for(model_named()).infill(INFILL))
        assert pool.endpoints()[0].state == "ok"


async def test_a_running_request_is_counted() -> None:
    async with (
        FakeModelServer(completes("abcdefgh")) as server,
        pool_of(provider_at(server.url)) as pool,
    ):
        events = pool.client_for(model_named()).infill(INFILL)
        await anext(events)
        assert pool.endpoints()[0].running == 1
        await events.aclose()
        assert pool.endpoints()[0].running == 0


async def test_a_provider_that_cannot_be_used_harms_no_other() -> None:
    broken = Provider(id="broken")
    pool = Pool(ModelConfiguration(providers=(broken, provider_at("http://127.0.0.1:1"))))
    pool.client_for(model_named())
    assert [(one.provider_id, one.state) for one in pool.endpoints()] == [
        ("local", "untried"),
        ("broken", "failing"),
    ]
    await pool.aclose()


async def test_a_model_without_a_provider_is_a_matter_of_configuration() -> None:
    pool = Pool(ModelConfiguration())
    with pytest.raises(ConfigurationError, match="no such provider"):
        pool.client_for(model_named())


async def test_closing_ends_running_requests_without_waiting() -> None:
    async with FakeModelServer(completes("x" * 400, delay_s=0.05)) as server:
        pool = Pool(ModelConfiguration(providers=(provider_at(server.url),)))
        events = pool.client_for(model_named()).infill(INFILL)
        await anext(events)
        await pool.aclose()
        with pytest.raises(ProviderError):
            await collect(events)
        await server.wait_until_idle()
