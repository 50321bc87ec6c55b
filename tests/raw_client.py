"""The least asynchronous language client: JSON to and from a server process, answers counted."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

Future = asyncio.Future[dict[str, Any]]
_LIMIT = 2**24


class RawClient:
    """Speaks to a language server; an answer is the whole message, be it a result or an error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.answers: Counter[int] = Counter()
        """How often each request has been answered."""
        self.settings: dict[str, Any] | None = None
        """What the server gets when it asks for `workspace/configuration`."""
        self.heard: list[str] = []
        """What the server has asked and told by itself, but for what goes to its log."""
        self.last_id = 0
        self._in, self._out = process.stdin, process.stdout
        self._waiting: dict[int, Future] = {}
        self._reading = asyncio.create_task(self._read())

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> tuple[int, Future]:
        """Send a request; gives its id, and the future of its answer."""
        self.last_id += 1
        future = self._waiting[self.last_id] = asyncio.get_running_loop().create_future()
        body = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self._send(body)
        return self.last_id, future

    async def result(self, method: str, params: Any) -> Any:
        """Send a request and wait for its result."""
        _, future = self.request(method, params)
        answer = await asyncio.wait_for(future, 20)
        assert "error" not in answer, answer
        return answer["result"]

    async def initialize(self, settings: dict[str, Any] | None) -> None:
        """Shake hands; the settings are handed out whenever they are asked for."""
        self.settings = settings
        await self.result(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "capabilities": {"workspace": {"configuration": True}},
                "initializationOptions": settings,
            },
        )
        self.notify("initialized", {})

    async def leave(self) -> None:
        """Shut the server down and wait for its end."""
        await self.result("shutdown", None)
        self.notify("exit", None)
        self._in.close()
        await asyncio.wait_for(self.process.wait(), 30)
        await self._reading

    async def end(self) -> None:
        """Kill the server unless it has ended."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        while head := await self._head():
            message = json.loads(await self._out.readexactly(head))
            if "method" not in message:
                self._take(message)
                continue
            if message["method"] != "window/logMessage":
                self.heard.append(message["method"])
            if "id" in message:
                self._serve(message)

    async def _head(self) -> int:
        length = 0
        while (line := await self._out.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return length

    def _take(self, message: dict[str, Any]) -> None:
        self.answers[message["id"]] += 1
        future = self._waiting.pop(message["id"], None)
        if future is not None and not future.done():
            future.set_result(message)

    def _serve(self, message: dict[str, Any]) -> None:
        result: Any = None
        if message["method"] == "workspace/configuration":
            result = [self.settings for _ in message["params"]["items"]]
        self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})


@asynccontextmanager
async def raw_client(command: Sequence[str]) -> AsyncIterator[RawClient]:
    """Start a language server and kill it at the end unless it has left."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, limit=_LIMIT
    )
    client = RawClient(process)
    try:
        yield client
    finally:
        await client.end()
