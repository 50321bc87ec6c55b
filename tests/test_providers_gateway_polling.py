"""Keeping up with a gateway that changes its mind, goes away and comes back."""

import asyncio
import logging
from contextlib import aclosing
from pathlib import Path

import pytest
from pydantic import SecretStr

from providers.gateway import Changed, Failed, GatewayAnswer, GatewayDocument, Unchanged
from providers.gateway_cache import GatewayCache
from providers.gateway_polling import GatewayPoller, poll_delay_s
from tests.fake_model_server import FakeModelServer, Handler, fails
from tests.test_providers_fetching import offers

TOKEN = SecretStr("gw-t0ken")
FAST_S = 0.02


def revision(number: int) -> Handler:
    return offers(f'{{"revision": "{number}"}}', {"ETag": f'"v{number}"'})


async def used(poller: GatewayPoller) -> GatewayAnswer:
    """Ask, and say that the document could be used."""
    answer = await poller.ask()
    if not isinstance(answer, Failed):
        await poller.keep(answer.document.value)
    return answer


def revision_of(document: GatewayDocument | None) -> str:
    assert document is not None
    assert isinstance(document.value, dict)
    return str(document.value["revision"])


async def stored_revision(number: int, url: str, cache: GatewayCache) -> None:
    """Leave in the cache what an earlier start has seen."""
    document = GatewayDocument({"revision": str(number)})
    await asyncio.to_thread(cache.store, url, document)


async def test_each_new_document_is_given_once() -> None:
    async with FakeModelServer(revision(1)) as server:
        poller = GatewayPoller(server.root, TOKEN)
        async with asyncio.timeout(20), aclosing(poller.watch(FAST_S)) as documents:
            assert revision_of(await anext(documents)) == "1"
            following = asyncio.ensure_future(anext(documents))
            await server.wait_for_requests(4)
            assert not following.done()
            server.handler = revision(2)
            assert revision_of(await following) == "2"
    assert all(one.headers["if-none-match"] == '"v1"' for one in server.requests[1:4])


async def test_what_was_asked_for_before_is_not_given_again() -> None:
    async with FakeModelServer(revision(1)) as server:
        poller = GatewayPoller(server.root, TOKEN)
        assert isinstance(await poller.ask(), Changed)
        assert isinstance(await poller.ask(), Unchanged)
        async with asyncio.timeout(20), aclosing(poller.watch(FAST_S)) as documents:
            following = asyncio.ensure_future(anext(documents))
            await server.wait_for_requests(4)
            assert not following.done()
            server.handler = revision(2)
            assert revision_of(await following) == "2"


async def test_a_failure_is_told_once_and_over_when_the_gateway_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeModelServer(revision(1)) as server:
        poller = GatewayPoller(server.root, TOKEN)
        with caplog.at_level(logging.INFO, "providers.gateway_polling"):
            async with asyncio.timeout(20), aclosing(poller.watch(FAST_S)) as documents:
                await anext(documents)
                server.handler = fails(500, "down gw-t0ken")
                following = asyncio.ensure_future(anext(documents))
                await server.wait_for_requests(4)
                assert poller.failure is not None
                assert poller.failure.kind == "server"
                server.handler = revision(2)
                await following
        assert poller.failure is None
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO"]
    assert "gw-t0ken" not in caplog.text


async def test_a_start_without_the_gateway_goes_on_with_the_last_document(tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path)
    async with FakeModelServer(revision(1)) as server:
        await used(GatewayPoller(server.root, TOKEN, cache))
        server.handler = fails(503, "")
        poller = GatewayPoller(server.root, TOKEN, cache)
        answer = await poller.ask()
        assert isinstance(answer, Failed)
        assert revision_of(answer.last_good) == "1"
        assert answer.error.kind == "overloaded"
        server.handler = revision(1)
        assert isinstance(await poller.ask(), Unchanged)
        server.handler = revision(2)
        assert isinstance(await used(poller), Changed)
    after = await asyncio.to_thread(cache.load, server.root)
    assert revision_of(after) == "2"


async def test_watching_begins_with_the_stored_document_while_the_gateway_is_away(
    tmp_path: Path,
) -> None:
    cache = GatewayCache(tmp_path)
    async with FakeModelServer(fails(500, "")) as server:
        await stored_revision(1, server.root, cache)
        poller = GatewayPoller(server.root, TOKEN, cache)
        async with asyncio.timeout(20), aclosing(poller.watch(FAST_S)) as documents:
            assert revision_of(await anext(documents)) == "1"
            server.handler = revision(2)
            assert revision_of(await anext(documents)) == "2"


async def test_the_stored_document_saves_sending_it_again(tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path)
    async with FakeModelServer(revision(1)) as server:
        await used(GatewayPoller(server.root, TOKEN, cache))
        answer = await GatewayPoller(server.root, TOKEN, cache).ask()
    assert isinstance(answer, Changed), "the new poller has given out nothing yet"
    assert server.requests[1].headers["if-none-match"] == '"v1"'


@pytest.mark.parametrize(
    "handler",
    [fails(401, "Unauthorized"), fails(302, "", {"Location": "//x"})],
    ids=["token", "redirect"],
)
async def test_a_gateway_that_refuses_is_not_away(handler: Handler, tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path)
    async with FakeModelServer(handler) as server:
        await stored_revision(1, server.root, cache)
        answer = await GatewayPoller(server.root, TOKEN, cache).ask()
    assert isinstance(answer, Failed)
    assert answer.last_good is None


async def test_without_a_cache_there_is_nothing_to_go_on_with() -> None:
    answer = await GatewayPoller("http://127.0.0.1:1", None).ask()
    assert isinstance(answer, Failed)
    assert (answer.error.kind, answer.last_good) == ("unreachable", None)


async def test_watching_ends_at_once_when_cancelled() -> None:
    async with FakeModelServer(revision(1)) as server:
        poller = GatewayPoller(server.root, TOKEN)

        async def watch() -> None:
            async with aclosing(poller.watch(300.0)) as documents:
                async for _ in documents:
                    pass

        task = asyncio.create_task(watch())
        await server.wait_for_requests(1)
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.wait_until_idle()


def test_the_usual_wait_is_jittered() -> None:
    waits = {poll_delay_s(300.0, 0) for _ in range(200)}
    assert len(waits) > 100
    assert 270 <= min(waits) < max(waits) <= 330


@pytest.mark.parametrize(
    ("failures", "factor"), [(1, 1 / 16), (2, 1 / 8), (5, 1), (7, 4), (8, 4), (5000, 4)]
)
def test_failures_lengthen_the_wait(failures: int, factor: float) -> None:
    wait_s = poll_delay_s(300.0, failures)
    assert 0.9 <= wait_s / (300 * factor) <= 1.1


@pytest.mark.parametrize(("asked", "expected"), [(60.0, 60.0), (1e9, 3600.0)])
def test_the_gateways_own_wish_counts(asked: float, expected: float) -> None:
    assert poll_delay_s(300.0, 1, asked) == expected
