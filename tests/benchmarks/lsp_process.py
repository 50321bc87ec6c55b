"""The least language client: blocking, over pipes, so that it adds next to nothing to a time."""

import json
import subprocess
from types import TracebackType
from typing import Any, Self


class LspProcess:
    """A language server process."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._last_id = 0
        self._version = 1
        self._passed: set[int] = set()
        self.progress: list[dict[str, Any]] = []
        """The values of `$/progress` that have passed by."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._in.close()
        self._process.wait(10)
        self._out.close()

    def initialize(self, settings: dict[str, Any] | None = None) -> None:
        """Shake hands."""
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "capabilities": {},
                "initializationOptions": settings,
            },
        )
        self.notify("initialized", {})

    def open(self, uri: str, text: str) -> None:
        """Open a Python document."""
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Replace a range, given by lines and characters."""
        self._version += 1
        span = {
            name: {"line": line, "character": character}
            for name, (line, character) in (("start", start), ("end", end))
        }
        document = {"uri": uri, "version": self._version}
        params = {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        self.notify("textDocument/didChange", params)

    def complete(self, uri: str, line: int, character: int, *, is_automatic: bool = False) -> Any:
        """Ask for inline completion, as an explicit request unless told otherwise."""
        return self.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": {"line": line, "character": character},
                "context": {"triggerKind": 2 if is_automatic else 1},
            },
        )

    def command(self, name: str) -> Any:
        """Run a command and give its result."""
        return self.request("workspace/executeCommand", {"command": name, "arguments": []})

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def begin(self, command: str, *arguments: Any) -> int:
        """Start a command and give the id that `is_answered` takes."""
        self._last_id += 1
        params = {"command": command, "arguments": list(arguments)}
        method = "workspace/executeCommand"
        self._send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def is_answered(self, request_id: int) -> bool:
        """Tell whether the answer has passed by while other answers were waited for."""
        return request_id in self._passed

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its result; other messages are dropped."""
        self._last_id += 1
        self._send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" not in message:
                self._passed.add(message["id"])
            elif message["method"] == "$/progress":
                self.progress.append(message["params"]["value"])
            if message.get("id") == self._last_id and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._in.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while (line := self._out.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        received: dict[str, Any] = json.loads(self._out.read(length))
        return received
