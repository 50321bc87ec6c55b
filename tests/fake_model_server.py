"""A scripted model server on loopback: real sockets, in the test's own event loop."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """One request as it arrived; `disconnected` is set as soon as the client closes."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    disconnected: asyncio.Event = field(repr=False)


class Reply:
    """Writes the answer to one request, chunk by chunk."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._started = False
        self.is_cut = False

    async def start(
        self,
        status: int = 200,
        content_type: str = "text/event-stream",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send the status line and the headers."""
        lines = [f"HTTP/1.1 {status} Scripted", "Transfer-Encoding: chunked"]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._started = True
        await self._write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def send(self, data: bytes) -> None:
        """Send bytes of the body, starting an event stream when nothing was started."""
        if not self._started:
            await self.start()
        if data:
            await self._write(b"%x\r\n%b\r\n" % (len(data), data))

    async def event(self, payload: object) -> None:
        """Send one server-sent event; a string goes out as it stands, anything else as JSON."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        await self.send(f"data: {text}\n\n".encode())

    async def json(
        self, payload: object, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send one whole JSON answer."""
        await self.start(status, "application/json", headers)
        await self.send(json.dumps(payload).encode())

    async def cut(self) -> None:
        """Drop the connection now, in the middle of the answer."""
        self.is_cut = True
        await asyncio.sleep(0.02)  # lets what was written leave before the reset
        self._writer.transport.abort()

    async def finish(self) -> None:
        """End the answer so that the connection can be used again."""
        if self.is_cut:
            return
        if not self._started:
            await self.start()
        await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        if self.is_cut or self._writer.is_closing():
            raise ConnectionResetError
        self._writer.write(data)
        await self._writer.drain()


Handler = Callable[[Request, Reply], Awaitable[None]]


class _Wire(asyncio.StreamReaderProtocol):
    """Notes the end of a connection even while a handler is not reading."""

    def __init__(self, server: "FakeModelServer") -> None:
        super().__init__(asyncio.StreamReader(limit=2**24), self._connected)
        self.closed = asyncio.Event()
        self._server = server

    def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Awaitable[None]:
        return self._server.serve(reader, writer, self.closed)

    def eof_received(self) -> bool | None:
        self.closed.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        super().connection_lost(exc)


class FakeModelServer:
    """Serves one handler on a free port of loopback for as long as the context lasts."""

    def __init__(
        self,
        handler: Handler,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.handler = handler
        self._tls = tls
        self._host = host
        self.port = port
        self.requests: list[Request] = []
        self.connections_opened = 0
        self.open_connections = 0
        self.most_connections = 0
        self.url = ""
        self._errors: list[Exception] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Wire(self), self._host, self.port, ssl=self._tls
        )
        self.port = self._listener.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"{'https' if self._tls else 'http'}://{host}:{self.port}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listener.wait_closed()
        if error is None and self._errors:
            raise self._errors[0]

    @property
    def root(self) -> str:
        """The address without `/v1`."""
        return self.url.removesuffix("/v1")

    async def wait_for_requests(self, count: int, timeout_s: float = 30.0) -> None:
        """Return once `count` requests have arrived."""
        async with asyncio.timeout(timeout_s):
            while len(self.requests) < count:
                await asyncio.sleep(0.002)

    async def wait_until_idle(self, timeout_s: float = 30.0) -> None:
        """Return once no connection is open."""
        async with asyncio.timeout(timeout_s):
            while self.open_connections:
                await asyncio.sleep(0.002)

    async def serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        closed: asyncio.Event,
    ) -> None:
        """Answer the requests of one connection until either side closes it."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections_opened += 1
        self.open_connections += 1
        self.most_connections = max(self.most_connections, self.open_connections)
        try:
            while await self._answer_one(reader, writer, closed):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, which is what many tests are about
        except Exception as error:  # noqa: BLE001 - a broken script must fail its test
            self._errors.append(error)
        finally:
            self.open_connections -= 1
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort() if closed.is_set() else writer.close()

    async def _answer_one(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        closed: asyncio.Event,
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        pairs = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        request = Request(method, path, headers, body, closed)
        self.requests.append(request)
        reply = Reply(writer)
        await self.handler(request, reply)
        await reply.finish()
        return not reply.is_cut and not closed.is_set()


def completes(text: str, chunk: int = 4, delay_s: float = 0.0, finish: str = "stop") -> Handler:
    """Stream `text` in the form of `/completions`."""
    return _streams(text, chunk, delay_s, finish, lambda piece: {"text": piece})


def chats(text: str, chunk: int = 4, delay_s: float = 0.0, finish: str = "stop") -> Handler:
    """Stream `text` in the form of `/chat/completions`."""
    return _streams(text, chunk, delay_s, finish, lambda piece: {"delta": {"content": piece}})


def fails(status: int, body: object, headers: Mapping[str, str] | None = None) -> Handler:
    """Answer every request with `status` and `body`: JSON, or text when it is a string."""

    async def handler(_: Request, reply: Reply) -> None:
        if isinstance(body, str):
            await reply.start(status, "text/plain", headers)
            await reply.send(body.encode())
        else:
            await reply.json(body, status, headers)

    return handler


def hangs() -> Handler:
    """Accept the request and never answer; ends when the client closes."""

    async def handler(request: Request, _: Reply) -> None:
        await request.disconnected.wait()

    return handler


def routes(table: Mapping[str, Handler]) -> Handler:
    """Choose the handler by path, query apart; 404 for any other path."""

    async def handler(request: Request, reply: Reply) -> None:
        chosen = table.get(request.path.partition("?")[0])
        missing = fails(404, {"error": {"message": f"no route {request.path}"}})
        await (chosen or missing)(request, reply)

    return handler


def _streams(
    text: str, chunk: int, delay_s: float, finish: str, shape: Callable[[str], dict[str, Any]]
) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.start()
        for start in range(0, len(text), chunk):
            if delay_s:
                await asyncio.sleep(delay_s)
            piece = shape(text[start : start + chunk])
            await reply.event({"choices": [{"index": 0, **piece, "finish_reason": None}]})
        await reply.event({"choices": [{"index": 0, **shape(""), "finish_reason": finish}]})
        wanted = isinstance(request.body, dict) and request.body.get("stream_options")
        if wanted:
            usage = {"prompt_tokens": 7, "completion_tokens": max(1, len(text) // 4)}
            await reply.event({"choices": [], "usage": usage})
        await reply.event("[DONE]")

    return handler
