"""Answers `initialize` at once, while the rest of the server is still being loaded.

Loading takes longer than starting Python does, and the answer depends on little of it. What is out
of the ordinary is left to the server itself, which gets the same bytes; its own answer to a request
that was answered here is equal, and is not sent again. Imported first, so it imports little.
"""

import json
import re
import threading
from contextlib import suppress
from typing import Any

from lsp_server import __version__
from lsp_server.descriptors import read_some, write_all
from lsp_server.leaving import leave_signals_to_the_main_thread

# A longer first message is left to the server.
_LONGEST = 1 << 20
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,7})[ \t]*\r?$")
_ENCODINGS = ("utf-8", "utf-16", "utf-32")

# What `features` and `notebooks` register, as pygls announces it.
CAPABILITIES: dict[str, Any] = {
    "textDocumentSync": {"openClose": True, "change": 2, "save": True},
    "completionProvider": {"triggerCharacters": ['"']},
    "hoverProvider": True,
    "codeActionProvider": {
        "codeActionKinds": ["quickfix", "refactor.rewrite", ""],
        "resolveProvider": True,
    },
    "executeCommandProvider": {
        "commands": [
            "foretype.chat",
            "foretype.edit",
            "foretype.accept",
            "foretype.status",
            "foretype.models",
            "foretype.reload",
            "foretype.selectModel",
        ]
    },
    "inlineCompletionProvider": {"workDoneProgress": False},
    "workspace": {
        "workspaceFolders": {"supported": True, "changeNotifications": True},
        "fileOperations": {},
    },
}
NOTEBOOK_SYNC = {"notebookSelector": [{"notebook": "*"}]}


class Greeter:
    """Reads the client's first message in a thread of its own, and answers it if it can."""

    def __init__(self, stdin: int, stdout: int) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._received = b""
        self._answered: str | int | None = None
        self._thread = threading.Thread(target=self._greet, name="greeting", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def finish(self) -> tuple[bytes, str | int | None]:
        """Wait for the first message; give all bytes read so far, and the id that was answered."""
        self._thread.join()
        return self._received, self._answered

    def _greet(self) -> None:
        leave_signals_to_the_main_thread()
        while (body := _first_body(self._received)) is None:
            chunk = read_some(self._stdin)
            self._received += chunk
            if not chunk:
                return
        answer = answer_to(body)
        if answer is not None:
            written = json.dumps(answer).encode()
            with suppress(OSError):
                write_all(self._stdout, b"Content-Length: %d\r\n\r\n%b" % (len(written), written))
                self._answered = answer["id"]


def answer_to(body: bytes) -> dict[str, Any] | None:
    """Give the answer to an ordinary `initialize`, None to anything else."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("method") != "initialize":
        return None
    is_request = type(message.get("id")) in (int, str) and message.get("jsonrpc") == "2.0"
    capabilities = _child(_child(message, "params"), "capabilities")
    encoding = _encoding(capabilities)
    if not is_request or capabilities is None or encoding is None:
        return None
    announced = {"positionEncoding": encoding, **CAPABILITIES}
    if _child(_child(capabilities, "notebookDocument"), "synchronization") is not None:
        announced["notebookDocumentSync"] = NOTEBOOK_SYNC
    elif capabilities.get("notebookDocument") is not None:
        return None
    server = {"name": "foretype", "version": __version__}
    result = {"capabilities": announced, "serverInfo": server}
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _first_body(received: bytes) -> bytes | None:
    """The body of the first message; None while it is not whole, empty if it cannot be told."""
    end = _HEADER_END.search(received)
    if end is None:
        return None if len(received) < _LONGEST else b""
    length = _LENGTH.search(received, 0, end.end())
    if length is None or int(length[1]) > _LONGEST:
        return b""
    body = received[end.end() : end.end() + int(length[1])]
    return body if len(body) == int(length[1]) else None


def _encoding(capabilities: dict[str, Any] | None) -> str | None:
    """The first of the client's position encodings that we have; None where it is not plain."""
    given = (_child(capabilities, "general") or {}).get("positionEncodings")
    if given is None:
        return "utf-16"
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        return None
    return next((each for each in given if each in _ENCODINGS), "utf-16")


def _child(value: dict[str, Any] | None, key: str) -> dict[str, Any] | None:
    child = None if value is None else value.get(key)
    return child if isinstance(child, dict) else None
