"""Answers that no document is, and documents that have not changed."""

import asyncio
import gzip
import tracemalloc
import zlib

import pytest
from pydantic import SecretStr

from providers.errors import ProviderError
from providers.fetching import Marks
from providers.gateway import Changed, Failed, GatewayDocument, Unchanged, ask_gateway
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, fails, routes

TOKEN = SecretStr("gw-t0ken")
MARKS = {"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}


def offers(text: str = '{"revision": "1"}', marks: dict[str, str] = MARKS) -> Handler:
    """Serve a document, and 304 to whoever knows it by one of its marks."""

    async def handler(request: Request, reply: Reply) -> None:
        asked = {request.headers.get("if-none-match"), request.headers.get("if-modified-since")}
        if asked & set(marks.values()):
            await reply.start(304, "", marks)
        else:
            await reply.start(200, "text/plain; charset=utf-8", marks)
            await reply.send(text.encode())

    return handler


async def ask(server: FakeModelServer, known: GatewayDocument | None = None) -> GatewayDocument:
    answer = await ask_gateway(server.root, TOKEN, known)
    assert isinstance(answer, Changed)
    return answer.document


async def refusal_of(server: FakeModelServer, timeout_s: float = 20.0) -> ProviderError:
    answer = await ask_gateway(server.root, TOKEN, timeout_s=timeout_s)
    assert isinstance(answer, Failed)
    assert "gw-t0ken" not in str(answer.error)
    return answer.error


@pytest.mark.parametrize(
    "marks",
    [MARKS, {"ETag": 'W/"x"'}, {"Last-Modified": MARKS["Last-Modified"]}],
    ids=["both", "etag", "date"],
)
async def test_a_known_document_is_not_sent_again(marks: dict[str, str]) -> None:
    async with FakeModelServer(offers(marks=marks)) as server:
        known = await ask(server)
        answer = await ask_gateway(server.root, TOKEN, known)
    assert answer == Unchanged(known)
    assert server.requests[0].headers.keys().isdisjoint({"if-none-match", "if-modified-since"})


async def test_a_changed_document_is_sent_with_its_new_marks() -> None:
    async with FakeModelServer(offers()) as server:
        known = await ask(server)
        server.handler = offers('{"revision": "2"}', {"ETag": '"v2"'})
        changed = await ask(server, known)
    assert changed.value == {"revision": "2"}
    assert (changed.marks.etag, changed.marks.last_modified) == ('"v2"', "")


async def test_an_equal_document_without_marks_is_unchanged() -> None:
    async with FakeModelServer(offers('{"a": 1, "b": []}', {})) as server:
        known = await ask(server)
        server.handler = offers('{"b": [], "a": 1}', {"ETag": '"v2"'})
        answer = await ask_gateway(server.root, TOKEN, known)
    assert isinstance(answer, Unchanged)
    assert answer.document.marks.etag == '"v2"'


async def test_unchanged_means_nothing_to_whoever_knows_nothing() -> None:
    async with FakeModelServer(fails(304, "")) as server:
        assert (await refusal_of(server)).status == 304


async def test_a_failure_leaves_the_known_document() -> None:
    async with FakeModelServer(offers()) as server:
        known = await ask(server)
        server.handler = fails(503, "", {"Retry-After": "7"})
        answer = await ask_gateway(server.root, TOKEN, known)
    assert isinstance(answer, Failed)
    assert answer.last_good == known
    assert (answer.error.kind, answer.error.retry_after_s) == ("overloaded", 7.0)


@pytest.mark.parametrize("text", ["[]", '"x"', "null", "5"])
async def test_json_that_is_no_document_is_refused(text: str) -> None:
    async with FakeModelServer(fails(200, text)) as server:
        assert "no configuration document" in str(await refusal_of(server))


async def test_an_endless_document_is_given_up_on_the_way() -> None:
    sent = 0

    async def handler(_: Request, reply: Reply) -> None:
        nonlocal sent
        await reply.start(200, "application/json")
        for _megabyte in range(50):
            await reply.send(b" " * 1024 * 1024)
            sent += 1

    async with FakeModelServer(handler) as server:
        error = await refusal_of(server)
        await server.wait_until_idle()
    assert (error.kind, error.status) == ("server", 200)
    assert "larger than 16384 KiB" in str(error)
    assert sent < 30


async def test_a_document_that_says_it_is_too_long_is_not_read() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n")
        while await reader.read(1000):
            pass  # until the client leaves
        writer.close()
        has_left.set()

    has_left = asyncio.Event()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        answer = await ask_gateway(f"http://{host}:{port}", TOKEN)
        await has_left.wait()
    assert isinstance(answer, Failed)
    assert "larger than" in str(answer.error)


@pytest.mark.parametrize(
    ("encoding", "wbits"), [("gzip", zlib.MAX_WBITS | 16), ("deflate", zlib.MAX_WBITS)]
)
async def test_a_document_compressed_unasked_is_read(encoding: str, wbits: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    text = b'{"long": "%b"}' % (b"x" * 300_000)
    packed = packer.compress(text) + packer.flush()

    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "application/json", {"Content-Encoding": encoding})
        for at in range(0, len(packed), 100):
            await reply.send(packed[at : at + 100])

    async with FakeModelServer(handler) as server:
        document = await ask(server)
    assert document.value == {"long": "x" * 300_000}


@pytest.mark.parametrize("status", [200, 500])
async def test_a_compressed_document_is_measured_unpacked(status: int) -> None:
    bomb = gzip.compress(b" " * 200 * 1024 * 1024, 9)

    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(status, "application/json", {"Content-Encoding": "gzip"})
        await reply.send(bomb)

    async with FakeModelServer(handler) as server:
        tracemalloc.start()
        error = await refusal_of(server)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (error.kind, error.status) == ("server", status)
    assert peak_bytes < 64 * 1024 * 1024, "a piece was unpacked whole"


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"no gzip"), ("br", b"x"), ("gzip, gzip", b"x")]
)
async def test_what_cannot_be_unpacked_is_refused(encoding: str, body: bytes) -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "application/json", {"Content-Encoding": encoding})
        await reply.send(body)

    async with FakeModelServer(handler) as server:
        error = await refusal_of(server)
    assert "cannot be decompressed" in str(error)


@pytest.mark.parametrize("does_answer", [True, False], ids=["body", "head"])
async def test_a_gateway_that_trickles_is_given_up_in_time(does_answer: bool) -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if does_answer:
            await reply.start(200, "application/json")
        while not request.disconnected.is_set():
            if does_answer:
                await reply.send(b" ")
            await asyncio.sleep(0.02)

    async with FakeModelServer(handler) as server:
        error = await refusal_of(server, timeout_s=0.3)
        await server.wait_until_idle()
    assert error.kind == "timeout"


@pytest.mark.parametrize(("hops", "is_followed"), [(5, True), (6, False)])
async def test_five_redirects_on_the_same_host_are_followed(hops: int, is_followed: bool) -> None:
    table = {f"/{hop}": fails(302, "", {"Location": f"/{hop + 1}"}) for hop in range(1, hops)}
    start = "/.api/modelconfig/supported-models.json"
    table |= {start: fails(302, "", {"Location": "/1"}), f"/{hops}": offers()}
    async with FakeModelServer(routes(table)) as server:
        answer = await ask_gateway(server.root, TOKEN)
    assert isinstance(answer, Changed) is is_followed
    assert all(one.headers["authorization"] == "token gw-t0ken" for one in server.requests)


@pytest.mark.parametrize(
    "location", ["http://localhost:1/x", "https://127.0.0.1/x", "//other.test/x"]
)
async def test_the_token_follows_no_redirect_to_another_origin(location: str) -> None:
    async with FakeModelServer(fails(307, "", {"Location": location})) as server:
        error = await refusal_of(server)
        assert len(server.requests) == 1
    assert error.kind == "configuration"
    assert "redirects to" in str(error)


async def test_a_redirect_to_no_url_at_all_is_not_asked_for_again() -> None:
    async with FakeModelServer(fails(307, "", {"Location": "http://[::1/x"})) as server:
        await refusal_of(server)
        assert len(server.requests) == 1


async def test_a_mark_that_http_cannot_carry_is_left_out() -> None:
    async with FakeModelServer(offers(marks={})) as server:
        tampered = GatewayDocument({}, Marks("a\r\nX-Evil: 1", "é"))
        await ask(server, tampered)
    assert "x-evil" not in server.requests[0].headers
    assert "if-none-match" not in server.requests[0].headers
