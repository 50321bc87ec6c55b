"""The early answer to `initialize`: soon, once, and the same as the whole server's."""

import asyncio
import json
import subprocess
import time
from typing import Any

import pytest
from pytest_lsp import client_capabilities

from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from lsp_server.framing import frame
from lsp_server.greeting import answer_to
from lsp_server.protocol import plain_converter
from tests.lsp_client import SERVE

EDITORS = [
    *("neovim@v0.6.1", "neovim@v0.10.0", "neovim@v0.11.0"),
    *("emacs@v29.1", "visual-studio-code@v1.65.2"),
]
ODD: list[dict[str, Any]] = [
    {},
    {"general": None, "textDocument": {}},
    {"general": {}},
    {"general": {"positionEncodings": []}},
    {"general": {"positionEncodings": ["klingon"]}},
    {"general": {"positionEncodings": ["klingon", "utf-32", "utf-8"]}},
    {"general": {"positionEncodings": ["utf-8"], "markdown": 7}},
    {"notebookDocument": None},
    {"notebookDocument": {"synchronization": {"dynamicRegistration": True}}},
    {"textDocument": {"rename": {"prepareSupport": True}, "completion": 7}},
    {"workspace": {"fileOperations": {"willRename": True}}},
]


def request(capabilities: object, msg_id: object = 1, **others: Any) -> bytes:
    params = {"processId": None, "rootUri": None, "capabilities": capabilities}
    message = {"jsonrpc": "2.0", "id": msg_id, "method": "initialize", "params": params}
    return json.dumps({**message, **others}).encode()


def of_editor(name: str) -> Any:
    return json.loads(json.dumps(plain_converter().unstructure(client_capabilities(name))))


async def whole_servers_answer(body: bytes) -> Any:
    server = build_server(Invocation())
    written: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    server.protocol.connect(written.set_result, lambda: None)
    server.protocol.receive(body)
    sent = await asyncio.wait_for(written, 20)
    server.protocol.hang_up()
    return json.loads(sent.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "capabilities", [*map(of_editor, EDITORS), *ODD], ids=[*EDITORS, *map(str, ODD)]
)
async def test_the_early_answer_is_the_whole_servers(capabilities: object) -> None:
    early = answer_to(request(capabilities, "one"))
    whole = await whole_servers_answer(request(capabilities, "one"))

    # pygls tells some clients what the server does not do.
    sync = whole["result"]["capabilities"]["textDocumentSync"]
    for name in ("willSave", "willSaveWaitUntil"):
        assert sync.pop(name, False) is False
    assert early == whole


UNORDINARY = {
    "nothing": b"",
    "no JSON": b"{",
    "too deep": b"[" * 50_000,
    "no object": b"[]",
    "no parameters": b'{"jsonrpc": "2.0", "id": 1, "method": "initialize"}',
    "null id": request({}, None),
    "fraction as id": request({}, 1.5),
    "boolean id": request({}, True),
    "no capabilities": request(None),
    "another JSON-RPC": request({}, jsonrpc="1.0"),
    "another method": request({}, method="shutdown"),
    "unreadable encoding": request({"general": {"positionEncodings": [7]}}),
    "unreadable notebooks": request({"notebookDocument": 7}),
}


@pytest.mark.parametrize("name", UNORDINARY)
def test_what_is_out_of_the_ordinary_is_left_to_the_server(name: str) -> None:
    assert answer_to(UNORDINARY[name]) is None


def answers(process: "subprocess.Popen[bytes]", count: int) -> list[tuple[float, Any]]:
    """The next answers, each with the time it came."""
    assert process.stdout is not None
    found: list[tuple[float, Any]] = []
    while len(found) < count:
        length = int(process.stdout.readline().partition(b":")[2])
        process.stdout.readline()
        message = json.loads(process.stdout.read(length))
        if "method" not in message:
            found.append((time.perf_counter(), message))
    return found


SHUTDOWN = frame(b'{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}')
EXIT = frame(b'{"jsonrpc": "2.0", "method": "exit"}')


@pytest.mark.parametrize(
    "first",
    [
        frame(request({})),
        b"Content-Type: x\nCONTENT-LENGTH : %d\n\n%b" % (len(request({})), request({})),
        frame(request(None)),
    ],
    ids=["ordinary", "another spelling", "no capabilities"],
)
def test_initialize_is_answered_once_whoever_answers_it_and_nothing_is_lost(first: bytes) -> None:
    with subprocess.Popen(
        SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for at in range(0, len(first), 50):
            process.stdin.write(first[at : at + 50])
            process.stdin.flush()
        process.stdin.write(SHUTDOWN + EXIT)
        process.stdin.flush()
        (_, one), (_, two) = answers(process, 2)
        assert process.stdout.read() == b""

    assert one["result"]["serverInfo"]["name"] == "foretype"
    assert (one["id"], two["id"]) == (1, 2)
    assert process.returncode == 0


def test_initialize_is_answered_before_the_server_is_loaded() -> None:
    began = time.perf_counter()
    with subprocess.Popen(
        SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(frame(request({})) + SHUTDOWN + EXIT)
        process.stdin.flush()
        (early, _), (late, _) = answers(process, 2)

    assert early - began < (late - began) / 2


async def test_the_server_itself_says_nothing_to_what_was_answered_before() -> None:
    server = build_server(Invocation())
    sent: list[bytes] = []
    server.protocol.connect(sent.append, lambda: None)
    server.protocol.answered_before = 1
    server.protocol.receive(request({}))
    server.protocol.receive(request({}, 2))
    await asyncio.sleep(0)

    assert [json.loads(each.partition(b"\r\n\r\n")[2])["id"] for each in sent] == [2]
