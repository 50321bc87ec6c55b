"""What is said of a connection that is not made: the proxy before it, and servers without TLS."""

import asyncio
import socket

import httpx
import pytest

from providers.advice import endpoint_advice
from providers.errors import ProxyError, from_httpx
from providers.http_client import open_http_client
from providers.secrecy import Place
from tests.provider_models import INFILL, client_at, collect


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("url", ["http://models.example/v1", "https://models.example/v1"])
async def test_a_proxy_that_is_away_is_named_as_the_cause_and_not_the_server(
    url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port}")
    async with client_at(url) as client:
        with pytest.raises(ProxyError) as caught:
            await collect(client.infill(INFILL))
    assert "cannot be reached through the proxy (Connection refused)" in str(caught.value)
    assert "NO_PROXY" in str(caught.value)
    assert "NO_PROXY" in endpoint_advice(caught.value)[0]


@pytest.mark.parametrize(
    ("says", "expected"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"), (b"", "does not answer TLS")],
)
async def test_an_https_url_of_a_server_without_tls_is_told_by_its_cause(
    says: bytes, expected: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(says)
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    async with listener, open_http_client(url) as client:
        deadline = asyncio.get_running_loop().time() + 20
        with pytest.raises(httpx.TransportError) as caught:
            await client.send("GET", url, {}, None, deadline, connect_s=0.5)
    sentence = str(from_httpx(Place("p", url), caught.value))
    assert expected in sentence
    assert "http://" in sentence.replace(url, "")
    assert "_ssl" not in sentence
