"""How the endpoints fare, as an editor sees it."""

from typing import Any

from providers import limits
from tests.fake_model_server import FakeModelServer, completes, fails
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
