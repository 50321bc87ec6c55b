"""Private authorities, client certificates, proxies and IPv6, over real sockets."""

import asyncio
import contextlib
import os
import ssl
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trustme

from config.rendered import Endpoint
from providers.discovery import list_models
from providers.errors import ProviderError
from providers.proxies import proxy_for
from tests.fake_model_server import FakeModelServer, Reply, Request, completes
from tests.provider_models import CHAT, INFILL, client_at, collect, text_of


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def served_by(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


# --- trust ---


async def test_an_unknown_authority_is_not_trusted(authority: trustme.CA) -> None:
    tls = served_by(authority)
    async with FakeModelServer(completes("a"), tls=tls) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="certificate verify failed") as caught:
            await text_of(client.infill(INFILL))
        assert caught.value.kind == "unreachable"
        assert server.requests == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "FORETYPE_CA_FILE"])
async def test_an_authority_from_a_file_is_trusted(
    variable: str, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(ca_file))
    tls = served_by(authority)
    async with FakeModelServer(completes("a"), tls=tls) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"


async def test_an_authority_is_trusted_for_completion_chat_and_questions_alike(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if request.method == "GET":
            await reply.json({"data": [{"id": "m"}]})
            return
        choice = {"text": "a", "delta": {"content": "a"}, "finish_reason": "stop"}
        await reply.event({"choices": [choice]})
        await reply.event("[DONE]")

    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority)
    async with FakeModelServer(handler, tls=tls) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"
        assert await text_of(client.chat(CHAT)) == "a"
        assert [one.id for one in await list_models(Endpoint(url=server.url))] == ["m"]


async def test_authorities_from_a_folder_are_trusted(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    hashed = await asyncio.create_subprocess_exec(
        "openssl", "x509", "-hash", "-noout", "-in", ca_file, stdout=asyncio.subprocess.PIPE
    )
    name = (await hashed.communicate())[0].decode().strip()
    (folder / f"{name}.0").write_bytes(ca_file.read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}{os.pathsep}{folder}")
    tls = served_by(authority)
    async with FakeModelServer(completes("a"), tls=tls) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"


async def test_a_certificate_for_another_name_is_refused(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority, "other.example")
    async with FakeModelServer(completes("a"), tls=tls) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="certificate verify failed"):
            await text_of(client.infill(INFILL))


async def test_a_file_of_authorities_that_changes_is_read_again(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    ca_file.write_bytes(trustme.CA().cert_pem.bytes())
    os.utime(ca_file, (1, 1))
    tls = served_by(authority)
    async with FakeModelServer(completes("a"), tls=tls) as server:
        async with client_at(server.url) as client:
            with pytest.raises(ProviderError, match="certificate verify failed"):
                await text_of(client.infill(INFILL))
        ca_file.write_bytes(authority.cert_pem.bytes())
        async with client_at(server.url) as client:
            assert await text_of(client.infill(INFILL)) == "a"


@pytest.mark.parametrize(
    ("variable", "content", "says"),
    [
        ("SSL_CERT_FILE", None, "SSL_CERT_FILE names a file that does not exist"),
        ("FORETYPE_CA_FILE", None, "FORETYPE_CA_FILE names a file that does not exist"),
        ("FORETYPE_CA_FILE", "words", "FORETYPE_CA_FILE names holds no PEM certificate"),
        ("FORETYPE_CLIENT_CERT", None, "FORETYPE_CLIENT_CERT or FORETYPE_CLIENT_KEY names a file"),
        ("FORETYPE_CLIENT_CERT", "words", "holds no PEM certificate with its key"),
    ],
    ids=["no-store", "no-authority", "no-pem-authority", "no-certificate", "no-pem-certificate"],
)
async def test_a_variable_that_cannot_be_obeyed_is_named(
    variable: str,
    content: str | None,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "file.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    async with client_at("https://127.0.0.1:1/v1") as client:
        with pytest.raises(ProviderError, match=says) as caught:
            await collect(client.infill(INFILL))
    assert caught.value.kind == "configuration"
    with pytest.raises(ProviderError, match=says):
        await list_models(Endpoint(url="https://127.0.0.1:1/v1"))


# --- client certificates ---


@pytest.mark.parametrize("is_apart", [True, False], ids=["key-apart", "key-in-the-same-file"])
async def test_a_client_certificate_is_shown(
    is_apart: bool,
    authority: trustme.CA,
    ca_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = authority.issue_cert("me@example.org")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    if is_apart:
        mine.cert_chain_pems[0].write_to_path(cert)
        mine.private_key_pem.write_to_path(key)
        monkeypatch.setenv("FORETYPE_CLIENT_KEY", str(key))
    else:
        mine.private_key_and_cert_chain_pem.write_to_path(cert)
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority)
    tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(tls)
    async with FakeModelServer(completes("a"), tls=tls) as server:
        async with client_at(server.url) as client:
            with pytest.raises(ProviderError):
                await text_of(client.infill(INFILL))
        monkeypatch.setenv("FORETYPE_CLIENT_CERT", str(cert))
        async with client_at(server.url) as client:
            assert await text_of(client.infill(INFILL)) == "a"


async def test_a_client_key_with_a_password_is_refused_and_not_asked_for(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, locked = tmp_path / "plain.pem", tmp_path / "locked.pem"
    mine = authority.issue_cert("me@example.org")
    mine.private_key_and_cert_chain_pem.write_to_path(plain)
    lock = await asyncio.create_subprocess_exec(
        "openssl", "pkey", "-in", plain, "-aes256", "-passout", "pass:abcd", "-out", locked
    )
    assert await lock.wait() == 0
    locked.write_bytes(locked.read_bytes() + mine.cert_chain_pems[0].bytes())
    monkeypatch.setenv("FORETYPE_CLIENT_CERT", str(locked))
    async with client_at("https://127.0.0.1:1/v1") as client:
        with pytest.raises(ProviderError, match="take the password off"):
            await collect(client.infill(INFILL))


# --- IPv6 ---


# --- balancers and packers on the way ---


async def test_a_cookie_of_a_balancer_is_sent_back() -> None:
    async def balanced(_: Request, reply: Reply) -> None:
        await reply.json({"choices": []}, headers={"Set-Cookie": "replica=7; Path=/; HttpOnly"})

    async with FakeModelServer(balanced) as server, client_at(server.url) as client:
        for stream in (client.infill(INFILL), client.chat(CHAT)):
            with pytest.raises(ProviderError):
                await text_of(stream)
    assert [one.headers.get("cookie") for one in server.requests] == [None, "replica=7"]


async def test_cookies_of_ever_new_names_are_not_gathered_for_ever() -> None:
    async def naming(_: Request, reply: Reply) -> None:
        await reply.json({"choices": []}, headers={"Set-Cookie": f"c{len(server.requests)}=1"})

    async with FakeModelServer(naming) as server, client_at(server.url) as client:
        for _ in range(120):
            with pytest.raises(ProviderError):
                await text_of(client.infill(INFILL))
    sent = [one.headers.get("cookie", "").count("=") for one in server.requests]
    assert 2 < max(sent) <= 50


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_stream_that_is_compressed_unasked_is_read_as_it_comes(encoding: str) -> None:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | (16 if encoding == "gzip" else 0))
    first_seen = asyncio.Event()

    async def packed(_: Request, reply: Reply) -> None:
        await reply.start(headers={"Content-Encoding": encoding})
        for text in ("a", "b"):
            event = f'data: {{"choices": [{{"index": 0, "text": "{text}"}}]}}\n\n'.encode()
            await reply.send(packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH))
            await first_seen.wait()
        await reply.send(packer.compress(b"data: [DONE]\n\n") + packer.flush())

    async with FakeModelServer(packed) as server, client_at(server.url) as client:
        texts = []
        async for event in client.infill(INFILL):
            texts.append(getattr(event, "content", ""))
            first_seen.set()
    assert "".join(texts) == "ab"
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["utf-8", "identity", "chunked"])
async def test_an_encoding_that_is_no_compression_is_passed_over(encoding: str) -> None:
    async def mislabelled(_: Request, reply: Reply) -> None:
        await reply.start(headers={"Content-Encoding": encoding})
        await reply.event({"choices": [{"index": 0, "text": "a"}]})
        await reply.event("[DONE]")

    async with FakeModelServer(mislabelled) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"


async def test_a_stream_in_a_compression_nobody_asked_for_is_refused() -> None:
    async def packed(_: Request, reply: Reply) -> None:
        await reply.start(headers={"Content-Encoding": "br"})
        await reply.send(b"\x8b\x02\x80")

    async with FakeModelServer(packed) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="cannot be decompressed"):
            await text_of(client.infill(INFILL))


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
async def test_an_endpoint_may_be_an_ipv6_literal(
    is_secure: bool, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority, "::1") if is_secure else None
    async with (
        FakeModelServer(completes("a"), tls=tls, host="::1") as server,
        client_at(server.url) as client,
    ):
        assert "[::1]" in server.url
        assert await text_of(client.infill(INFILL)) == "a"


# --- proxies ---


class Proxy:
    """A forward proxy on loopback that takes every host for the one at `port`."""

    def __init__(self, port: int, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self.first_lines: list[str] = []
        self.heads: list[str] = []
        self.url = ""
        self.tasks: set[asyncio.Task[None]] = set()
        self._port = port
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        self.first_lines.append(self.heads[-1].split("\r\n")[0])
        is_tunnel = head.startswith(b"CONNECT")
        if is_tunnel:
            writer.write(self._answer)
        if is_tunnel and b" 200 " not in self._answer:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        if not is_tunnel:
            back.write(head)
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
    writer.close()


@contextlib.asynccontextmanager
async def proxy_before(port: int, **options: bytes) -> AsyncGenerator[Proxy]:
    proxy = Proxy(port, **options)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as listener:
        proxy.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        yield proxy
        if proxy.tasks:
            await asyncio.wait(proxy.tasks, timeout=2)


async def test_http_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeModelServer(completes("a")) as server, proxy_before(server.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with client_at("http://models.example/v1") as client:
            assert await text_of(client.infill(INFILL)) == "a"
    assert proxy.first_lines == ["POST http://models.example/v1/completions HTTP/1.1"]


async def test_https_goes_through_a_tunnel_that_hides_the_token(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority, "models.example")
    async with (
        FakeModelServer(completes("a"), tls=tls) as server,
        proxy_before(server.port) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with client_at("https://models.example/v1") as client:
            assert await text_of(client.infill(INFILL)) == "a"
        assert server.requests[0].path == "/v1/completions"
    assert proxy.first_lines == ["CONNECT models.example:443 HTTP/1.1"]


async def test_a_proxy_that_refuses_is_named_as_the_cause_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
    async with proxy_before(1, answer=answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//joe:pa55word@"))
        async with client_at("https://models.example/v1") as client:
            with pytest.raises(ProviderError, match="through the proxy") as caught:
                await collect(client.infill(INFILL))
    assert caught.value.kind == "unreachable"
    assert "407" in str(caught.value)
    assert "pa55word" not in str(caught.value)
    assert "Proxy-Authorization: Basic" in proxy.heads[0]


@pytest.mark.parametrize(
    "proxy", ["ftp://joe:pa55word@p:1", "http://[joe:pa55word", "socks5://p:1"]
)
async def test_a_proxy_that_cannot_be_used_is_a_matter_of_configuration(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    async with client_at("https://models.example/v1") as client:
        with pytest.raises(ProviderError, match="names a proxy") as caught:
            await collect(client.infill(INFILL))
    assert caught.value.kind == "configuration"
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        ("https://m.example/v1", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://m.example/v1", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("https://m.example/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://m.example/v1", {"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ("http://m.example/v1", {"HTTP_PROXY": "p:1"}, "http://p:1"),
        ("http://m.example/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "m.example"}, None),
        ("http://a.m.example/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": ".m.example"}, None),
        ("http://a.m.example/v1", {"HTTP_PROXY": "p:1", "no_proxy": "x, m.example"}, None),
        ("http://notm.example/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "m.example"}, "http://p:1"),
        ("http://m.example:8000/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "m.example:8000"}, None),
        ("http://m.example/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "*"}, None),
        ("http://10.1.2.3/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "10.0.0.0/8"}, None),
        ("http://10.1.2.3/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "10.1.2.3"}, None),
        ("http://11.1.2.3/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "10.0.0.0/8"}, "http://p:1"),
        ("http://[fd00::1]:80/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "fd00::/8"}, None),
        ("http://[fd00::1]:80/v1", {"HTTP_PROXY": "p:1", "NO_PROXY": "[fd00::1]"}, None),
        ("http://localhost:8000/v1", {"HTTP_PROXY": "p:1"}, None),
        ("http://127.0.0.2:8000/v1", {"HTTP_PROXY": "p:1"}, None),
        ("http://[::1]:8000/v1", {"HTTP_PROXY": "p:1"}, None),
        ("http://m.example/v1", {}, None),
    ],
)
def test_the_environment_names_the_proxy(
    url: str,
    environment: dict[str, str],
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == expected
