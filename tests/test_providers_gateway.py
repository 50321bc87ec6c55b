"""Fetching the document of a gateway."""

import pytest
from pydantic import SecretStr

from providers.errors import ErrorKind, ProviderError
from providers.gateway import fetch_base
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, fails, routes

PATH = "/.api/modelconfig/supported-models.json"
DOCUMENT = '{"schemaVersion": "1.0", "providers": []}\n'
TOKEN = SecretStr("gw-t0ken")


async def test_an_instance_is_asked_for_its_models_with_its_own_scheme() -> None:
    async with FakeModelServer(routes({PATH: fails(200, DOCUMENT)})) as server:
        document = await fetch_base(server.root + "/", TOKEN)
    assert document == {"schemaVersion": "1.0", "providers": []}
    assert server.requests[0].headers["authorization"] == "token gw-t0ken"


async def test_the_path_of_an_instance_is_kept() -> None:
    async with FakeModelServer(routes({"/sg" + PATH: fails(200, DOCUMENT)})) as server:
        assert await fetch_base(server.root + "/sg", None)
    assert "authorization" not in server.requests[0].headers


async def test_a_document_url_is_fetched_as_it_stands_with_bearer() -> None:
    async with FakeModelServer(routes({"/a/m.json": fails(200, DOCUMENT)})) as server:
        assert await fetch_base(server.root + "/a/m.json?x=1", TOKEN)
    assert server.requests[0].path == "/a/m.json?x=1"
    assert server.requests[0].headers["authorization"] == "Bearer gw-t0ken"


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        (fails(401, "Unauthorized\n"), "auth", "Unauthorized"),
        (fails(500, "Internal Server Error\n"), "server", "Internal Server Error"),
        (fails(200, "<html><body>Sign in</body></html>"), "server", "Sign in"),
        (fails(200, '{"schemaVersion": "1.0", '), "incomplete", "not whole"),
        (fails(200, ""), "server", "no JSON"),
        (fails(403, {"error": "echo gw-t0ken"}), "auth", "echo"),
    ],
    ids=["token", "down", "web-page", "cut", "empty", "echo"],
)
async def test_failures_are_sentences(handler: Handler, kind: ErrorKind, words: str) -> None:
    async with FakeModelServer(handler) as server:
        with pytest.raises(ProviderError, match=words) as caught:
            await fetch_base(server.root, TOKEN)
    assert caught.value.kind == kind
    assert "gw-t0ken" not in str(caught.value)


async def test_the_token_goes_to_no_other_host() -> None:
    async with FakeModelServer(fails(200, DOCUMENT)) as elsewhere:
        redirect = fails(302, "", {"Location": elsewhere.root + "/x?secret=1"})
        async with FakeModelServer(redirect) as server:
            with pytest.raises(ProviderError, match="redirects to") as caught:
                await fetch_base(server.root, TOKEN)
        assert elsewhere.requests == []
    assert caught.value.kind == "configuration"
    assert "secret" not in str(caught.value)


async def test_a_redirect_on_the_same_host_is_followed() -> None:
    handler = routes(
        {PATH: fails(301, "", {"Location": "/sg" + PATH}), "/sg" + PATH: fails(200, DOCUMENT)}
    )
    async with FakeModelServer(handler) as server:
        assert await fetch_base(server.root, TOKEN)
    assert server.requests[1].headers["authorization"] == "token gw-t0ken"


async def test_redirects_without_end_are_given_up() -> None:
    async with FakeModelServer(fails(302, "", {"Location": "/again"})) as server:
        with pytest.raises(ProviderError, match="without end"):
            await fetch_base(server.root, TOKEN)


async def test_a_document_cut_on_the_way_is_an_error() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "text/plain")
        await reply.send(b'{"schemaVersion"')
        await reply.cut()

    async with FakeModelServer(handler) as server:
        with pytest.raises(ProviderError) as caught:
            await fetch_base(server.root, TOKEN)
    assert caught.value.kind == "incomplete"


@pytest.mark.parametrize("url", ["", "gateway", "http://user:pw@h", "http://[::1"])
async def test_a_url_that_is_none_is_a_matter_of_configuration(url: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await fetch_base(url, TOKEN)
    assert caught.value.kind == "configuration"
    assert "pw" not in str(caught.value)


async def test_a_token_that_http_cannot_carry_is_refused_unquoted() -> None:
    with pytest.raises(ProviderError) as caught:
        await fetch_base("http://127.0.0.1:1", SecretStr("gw-t0ken\nX: y"))
    assert "gw-t0ken" not in str(caught.value)


async def test_a_gateway_that_refuses_the_token_is_told_with_where_the_token_comes_from() -> None:
    async def refuse(request: Request, reply: Reply) -> None:
        await reply.json({"error": "no"}, status=401)

    async with FakeModelServer(refuse) as server:
        with pytest.raises(ProviderError) as raised:
            await fetch_base(f"{server.root}/models.json", SecretStr("sk-planted"))

    assert str(raised.value).startswith(f"The gateway at {server.root}/models.json refused")
    assert "FORETYPE_GATEWAY_TOKEN" in str(raised.value)
    assert "sk-planted" not in str(raised.value)
