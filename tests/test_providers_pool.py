"""The endpoints of one configuration."""

import asyncio

import pytest

from config.rendered import ModelConfiguration, Provider
from providers.endpoint_connection import EndpointState
from providers.errors import ConfigurationError, ProviderError
from providers.pool import Pool
from tests.fake_model_server import FakeModelServer, completes, fails
from tests.provider_models import INFILL, collect, model_named, pool_of, provider_at, text_of


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


async def test_one_malformed_endpoint_leaves_the_others_in_use() -> None:
    async with FakeModelServer(completes("a")) as server:
        provider = provider_at("nowhere", server.url, "http://u:pa55@h/v1")
        async with pool_of(provider) as pool:
            client = pool.client_for(model_named())
            assert [await text_of(client.infill(INFILL)) for _ in range(3)] == ["a"] * 3
            states = [(one.url, one.state, one.last_error) for one in pool.endpoints()]
    assert states == [
        (server.url, "ok", None),
        ("nowhere", "failing", "configuration"),
        ("http://h/v1", "failing", "configuration"),
    ]


async def test_a_provider_whose_endpoints_are_all_malformed_says_why() -> None:
    async with pool_of(provider_at("nowhere", "elsewhere")) as pool:
        with pytest.raises(ConfigurationError, match="http:// or https://"):
            pool.client_for(model_named())
        assert [one.state for one in pool.endpoints()] == ["failing", "failing"]


def pool_with(*providers: Provider, previous: Pool | None = None) -> Pool:
    return Pool(ModelConfiguration(providers=providers), previous)


async def ask(pool: Pool) -> str:
    return await text_of(pool.client_for(model_named()).infill(INFILL))


async def test_an_unchanged_endpoint_keeps_its_connections_over_a_reload() -> None:
    async with FakeModelServer(completes("a")) as server:
        provider = provider_at(server.url, token="t")
        old = pool_with(provider)
        await ask(old)
        new = pool_with(provider, previous=old)
        await old.aclose()
        await ask(new)
        assert server.connections_opened == 1
        (state,) = new.endpoints()
        assert (state.state, state.served) == ("ok", 2)
        await new.aclose()
        await server.wait_until_idle()


async def test_connections_survive_any_number_of_reloads_in_any_order() -> None:
    async with FakeModelServer(completes("a")) as server:
        provider = provider_at(server.url)
        pools = [pool_with(provider)]
        await ask(pools[0])
        for _ in range(3):
            pools.append(pool_with(provider, previous=pools[-1]))
        for pool in (pools[2], pools[0], pools[1], pools[0]):
            await pool.aclose()
        await ask(pools[3])
        assert server.connections_opened == 1
        await pools[3].aclose()
        await server.wait_until_idle()


@pytest.mark.parametrize(
    "changed",
    [{"token": "other"}, {"headers": {"X-Key": "t"}}, {"verbose": True}],
    ids=["token", "headers", "verbose"],
)
async def test_a_changed_endpoint_gets_new_connections(changed: dict[str, object]) -> None:
    async with FakeModelServer(completes("a")) as server:
        old = pool_with(provider_at(server.url, token="t"))
        await ask(old)
        after = provider_at(server.url, **{"token": "t"} | changed)  # type: ignore[arg-type]
        new = pool_with(after, previous=old)
        await old.aclose()
        assert new.endpoints()[0].state == "untried"
        await ask(new)
        assert server.connections_opened == 2
        with pytest.raises(ProviderError, match="configuration has been replaced"):
            await ask(old)
        await new.aclose()


async def test_of_two_endpoints_only_the_removed_one_is_closed() -> None:
    async with FakeModelServer(completes("a")) as kept, FakeModelServer(completes("a")) as gone:
        old = pool_with(provider_at(kept.url, gone.url))
        for _ in range(2):
            await ask(old)
        new = pool_with(provider_at(kept.url), previous=old)
        await old.aclose()
        await gone.wait_until_idle()
        assert kept.open_connections == 1
        await new.aclose()


async def test_a_request_of_the_old_pool_ends_normally_on_what_was_taken_over() -> None:
    async with FakeModelServer(completes("abcdefgh" * 4, delay_s=0.01)) as server:
        provider = provider_at(server.url)
        old = pool_with(provider)
        events = old.client_for(model_named()).infill(INFILL)
        await anext(events)
        new = pool_with(provider, previous=old)
        await old.aclose()
        assert (await text_of(events)).endswith("abcdefgh")
        await new.aclose()


async def test_a_retired_pool_closes_when_its_last_request_has_ended() -> None:
    async with FakeModelServer(completes("abcdefgh" * 4, delay_s=0.01)) as server:
        old = pool_with(provider_at(server.url, token="t"))
        running = [old.client_for(model_named()).infill(INFILL) for _ in range(2)]
        for events in running:
            await anext(events)
        new = pool_with(provider_at(server.url, token="other"), previous=old)
        await old.retire()
        first, second = await asyncio.gather(*(text_of(events) for events in running))
        assert first.endswith("abcdefgh")
        assert second.endswith("abcdefgh")
        await server.wait_until_idle()
        await new.aclose()


async def test_a_retired_pool_without_requests_closes_at_once() -> None:
    async with FakeModelServer(completes("a")) as server:
        pool = pool_with(provider_at(server.url))
        await ask(pool)
        await pool.retire()
        await server.wait_until_idle()


async def test_nothing_is_taken_over_from_a_pool_that_is_closed() -> None:
    async with FakeModelServer(completes("a")) as server:
        old = pool_with(provider_at(server.url))
        await ask(old)
        await old.aclose()
        new = pool_with(provider_at(server.url), previous=old)
        assert await ask(new) == "a"
        await new.aclose()


async def test_equal_endpoints_of_one_provider_stay_two() -> None:
    async with FakeModelServer(completes("a")) as server:
        provider = provider_at(server.url, server.url)
        old = pool_with(provider)
        new = pool_with(provider, previous=old)
        await old.aclose()
        for _ in range(2):
            await ask(new)
        assert [one.served for one in new.endpoints()] == [1, 1]
        await new.aclose()
