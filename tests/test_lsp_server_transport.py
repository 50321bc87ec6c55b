"""Bytes in, exit status out: how a connection begins, is framed and ends."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fake_model_server import FakeModelServer, hangs
from tests.test_lsp_server_requests import CODE, QUESTION, URI, settings_for
from tests.warm_start import foretype_command

INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"capabilities": {}}}
INITIALIZED = {"jsonrpc": "2.0", "method": "initialized", "params": {}}
SHUTDOWN = {"jsonrpc": "2.0", "id": "bye", "method": "shutdown"}
EXIT = {"jsonrpc": "2.0", "method": "exit"}
NOISE = ("Traceback", "Error", "ERROR", "xception", "Fatal", "never retrieved")


def framed(message: object) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def message_from(reader: asyncio.StreamReader) -> Any:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    (length,) = re.findall(rb"Content-Length: (\d+)", head)
    return json.loads(await reader.readexactly(int(length)))


class Peer:
    """A client that writes bytes as a test wants them, over the pipes of a server process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self.stdin, self.stdout = process, process.stdin, process.stdout

    def send(self, *messages: object) -> None:
        for message in messages:
            self.stdin.write(framed(message))

    async def receive(self) -> Any:
        return await message_from(self.stdout)

    async def answer_to(self, msg_id: object) -> Any:
        while (message := await self.receive()).get("id", "none") != msg_id or "method" in message:
            pass
        return message

    async def ask(self, msg_id: int, method: str, params: Any) -> Any:
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})
        return await self.answer_to(msg_id)

    async def start(self, settings: dict[str, Any] | None = None, **capabilities: Any) -> Any:
        params = {"capabilities": capabilities, "initializationOptions": settings}
        answer = await self.ask(0, "initialize", params)
        self.send(INITIALIZED)
        return answer["result"]

    def open(self, text: str = CODE, **changed: Any) -> None:
        item = {"uri": URI, "languageId": "python", "version": 1, "text": text, **changed}
        params = {"textDocument": item}
        self.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params})

    async def ended(self, within_s: float = 30) -> tuple[int, str]:
        """The exit status, and what was said on standard error."""
        assert self.process.stderr is not None
        async with asyncio.timeout(within_s):
            # `wait` would also wait for the pipes to be read to their ends.
            while (status := self.process.returncode) is None:
                await asyncio.sleep(0.01)
        return status, (await self.process.stderr.read()).decode()


@asynccontextmanager
async def peer(*arguments: str, command: Sequence[str] = ()) -> AsyncIterator[Peer]:
    pipe = asyncio.subprocess.PIPE
    started = [*(command or foretype_command()), "serve", *arguments]
    process = await asyncio.create_subprocess_exec(*started, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield Peer(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def is_quiet(said: str) -> bool:
    return not any(word in said for word in NOISE)


@pytest.mark.parametrize(
    "header",
    [
        "content-length:{}\r\n\r\n",
        "CONTENT-LENGTH:   {}\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: {}\r\n\r\n",
        "Content-Length: {}\r\nX-Unknown: 7\r\nContent-Type: anything\r\n\r\n",
        "Content-Length: {}\n\n",
    ],
)
async def test_headers_are_read_in_any_spelling(header: str) -> None:
    body = json.dumps(INITIALIZE).encode()
    async with peer() as client:
        client.stdin.write(header.format(len(body)).encode() + body)
        answer = await client.answer_to(0)

    assert answer["result"]["capabilities"]


@pytest.mark.parametrize("length", ["268435457", "9" * 5000, "many", "-5", "1_0", ""])
async def test_a_length_that_cannot_be_followed_ends_the_server(length: str) -> None:
    async with peer() as client:
        client.send(INITIALIZE)
        await client.answer_to(0)
        client.stdin.write(f"Content-Length: {length}\r\n\r\n".encode())
        client.send(SHUTDOWN)
        status, said = await client.ended()
        left = await client.stdout.read()

    assert status == 1
    assert left == b""
    assert said.count("\n") == 1
    assert "Content-Length" in said


async def test_large_messages_arrive_whole() -> None:
    text = "x" * 3_000_000
    async with FakeModelServer(hangs()) as model, peer() as client:
        await client.start(settings_for(model.url))
        client.open(text)
        answer = await client.ask(1, "textDocument/hover", position_at(0, 0))

    assert answer["result"] is None


def position_at(line: int, character: int) -> dict[str, Any]:
    position = {"line": line, "character": character}
    return {"textDocument": {"uri": URI}, "position": position}


@pytest.mark.parametrize("is_working", [False, True], ids=["idle", "working"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
async def test_the_first_signal_ends_the_server_at_once(
    number: signal.Signals, is_working: bool
) -> None:
    async with FakeModelServer(hangs()) as model, peer() as client:
        await client.start(settings_for(model.url))
        if is_working:
            await work(client, model)
        client.process.send_signal(number)
        status, said = await client.ended(30)
        for request in model.requests:
            await asyncio.wait_for(request.disconnected.wait(), 30)

    assert status == 128 + number
    assert is_quiet(said)


async def work(client: Peer, model: FakeModelServer) -> None:
    """Let a completion and a chat run, which never end by themselves."""
    client.open()
    ask = {**position_at(1, 4), "context": {"triggerKind": 1}}
    method = "textDocument/inlineCompletion"
    client.send({"jsonrpc": "2.0", "id": 8, "method": method, "params": ask})
    client.send({"jsonrpc": "2.0", "id": 9, "method": "foretype/chat", "params": QUESTION})
    await model.wait_for_requests(2)


async def test_a_signal_ends_a_server_whose_client_does_not_read() -> None:
    async with peer() as client:
        await client.start()
        unknown = {"jsonrpc": "2.0", "id": 1, "method": "x" * 50_000}
        # More answers than a pipe and this process's buffer hold: the server blocks in a write.
        for _ in range(20):
            client.send(unknown)
        await asyncio.sleep(0.5)
        client.process.send_signal(signal.SIGINT)
        status, said = await client.ended(30)

    assert status == 130
    assert is_quiet(said)


@pytest.mark.parametrize("end", ["stdin", "exit", "stdout", "middle"])
async def test_a_client_that_leaves_while_work_runs_ends_the_server_quietly(end: str) -> None:
    async with FakeModelServer(hangs()) as model, peer() as client:
        await client.start(settings_for(model.url))
        await work(client, model)
        if end == "exit":
            client.send(EXIT)
        elif end == "stdout":
            client.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
            await asyncio.sleep(0.1)  # the pipe closes in a later turn of the loop
            client.send({"jsonrpc": "2.0", "id": 5, "method": "foretype/unknown"})
        else:
            client.stdin.write(b"" if end == "stdin" else b'Content-Length: 40\r\n\r\n{"json')
            client.stdin.close()
        status, said = await client.ended(30)
        await asyncio.wait_for(model.requests[0].disconnected.wait(), 30)

    assert status == 1
    assert is_quiet(said)


@pytest.mark.parametrize("has_exit", [False, True], ids=["end of input", "exit"])
async def test_shutdown_makes_a_clean_end_even_for_a_client_that_does_not_wait(
    has_exit: bool,
) -> None:
    async with FakeModelServer(hangs()) as model, peer() as client:
        await client.start(settings_for(model.url))
        await work(client, model)
        client.send(SHUTDOWN, *([EXIT] if has_exit else []))
        client.stdin.close()
        assert "error" not in await client.answer_to("bye")
        status, said = await client.ended(30)

    assert status == 0
    assert is_quiet(said)


async def test_an_end_of_input_before_any_message_is_status_1_and_silent() -> None:
    async with peer() as client:
        client.stdin.close()

        assert await client.ended() == (1, "")


@asynccontextmanager
async def listening(log: Path, command: Sequence[str] = ()) -> AsyncIterator[tuple[Peer, int]]:
    arguments = ("--tcp", "127.0.0.1:0", "--log-file", str(log))
    async with peer(*arguments, command=command) as process:
        while not log.exists() or "listening" not in log.read_text():
            assert process.process.returncode is None
            await asyncio.sleep(0.02)
        port = int(re.findall(r"INFO .*listening on 127\.0\.0\.1:(\d+)", log.read_text())[0])
        yield process, port


async def test_tcp_serves_one_client_and_refuses_the_next(tmp_path: Path) -> None:
    async with listening(tmp_path / "log") as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(INITIALIZE))
        assert (await message_from(reader))["id"] == 0
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(SHUTDOWN))
        assert (await message_from(reader))["id"] == "bye"
        writer.write(framed(EXIT))
        status, said = await process.ended()
        rest = await reader.read()
        writer.close()
        printed = await process.stdout.read()

    assert (status, said, printed, rest) == (0, "", b"", b"")
    assert is_quiet((tmp_path / "log").read_text())


async def test_tcp_names_an_address_of_ipv6_as_it_was_written(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with peer("--tcp", "[::1]:0", "--log-file", str(log)):
        async with asyncio.timeout(30):
            while not log.exists() or "listening" not in log.read_text():
                await asyncio.sleep(0.02)

    assert re.search(r"listening on \[::1\]:\d+$", log.read_text().strip())


async def test_tcp_drops_a_client_that_connects_in_the_same_instant(tmp_path: Path) -> None:
    # Not behind a launcher, which alone would be stopped.
    command = [sys.executable, "-P", "-m", "lsp_server"]
    async with listening(tmp_path / "log", command) as (process, port):
        process.process.send_signal(signal.SIGSTOP)
        stopped = os.WSTOPPED | os.WNOWAIT
        await asyncio.to_thread(os.waitid, os.P_PID, process.process.pid, stopped)
        both = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        process.process.send_signal(signal.SIGCONT)
        first, second = [await asyncio.open_connection(sock=sock) for sock in both]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await message_from(second[0])
        first[1].write(framed(INITIALIZE))
        assert (await message_from(first[0]))["id"] == 0
        for _, writer in (first, second):
            writer.close()
        status, _ = await process.ended()

    assert status == 1


@pytest.mark.parametrize("last", [b"", b'Content-Length: 90\r\n\r\n{"json', b"Content-Le"])
@pytest.mark.parametrize("is_reset", [False, True], ids=["close", "reset"])
async def test_tcp_ends_with_a_client_that_leaves(
    last: bytes, is_reset: bool, tmp_path: Path
) -> None:
    async with listening(tmp_path / "log") as (process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(INITIALIZE) + last)
        await message_from(reader)
        if is_reset:
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        status, said = await process.ended()

    assert (status, said) == (1, "")
    assert is_quiet((tmp_path / "log").read_text())


async def test_tcp_ends_at_once_on_a_signal_before_anyone_connects(tmp_path: Path) -> None:
    async with listening(tmp_path / "log") as (process, _):
        process.process.send_signal(signal.SIGINT)
        status, said = await process.ended(30)

    assert (status, said) == (130, "")
