"""What the server makes of messages that are broken, out of turn or not quite LSP."""

import asyncio
from typing import Any

import pytest

from tests.fake_model_server import FakeModelServer, completes
from tests.test_lsp_server_requests import CODE, URI, settings_for
from tests.test_lsp_server_transport import (
    EXIT,
    INITIALIZE,
    INITIALIZED,
    SHUTDOWN,
    Peer,
    is_quiet,
    peer,
    position_at,
)

PARSE, INVALID, PARAMS, UNINITIALIZED = -32700, -32600, -32602, -32002
INLINE = "textDocument/inlineCompletion"
DEEP = b'{"jsonrpc":"2.0","id":1,"method":"foretype/chat","params":' + b"[" * 200_000


@pytest.mark.parametrize(
    ("message", "code", "msg_id"),
    [
        (b"{nonsense", PARSE, None),
        (b'{"jsonrpc":"2.0","id":1', PARSE, None),
        (b"\xff\xfe\xfa", PARSE, None),
        (b"", PARSE, None),
        (DEEP, PARSE, None),
        ([INITIALIZE, INITIALIZED], INVALID, None),
        (7, INVALID, None),
        (None, INVALID, None),
        ({}, INVALID, None),
        ({"jsonrpc": "2.0"}, INVALID, None),
        ({"jsonrpc": "2.0", "id": 4}, INVALID, 4),
        ({"jsonrpc": "2.0", "id": {}, "method": "shutdown"}, INVALID, None),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, INVALID, None),
        ({"jsonrpc": "2.0", "id": 5, "method": 7}, INVALID, 5),
        ({"jsonrpc": "1.0", "id": "a", "method": "shutdown"}, INVALID, "a"),
        ({"id": 6, "method": "shutdown"}, INVALID, 6),
    ],
)
async def test_what_is_no_message_is_refused_and_the_server_goes_on(
    message: object, code: int, msg_id: object
) -> None:
    async with peer() as client:
        await client.start()
        client.send(message)
        refusal = await client.answer_to(msg_id)
        status = await client.ask(90, "workspace/executeCommand", {"command": "foretype.accept"})

    assert refusal["error"]["code"] == code
    assert refusal["id"] == msg_id
    assert "\n" not in refusal["error"]["message"]
    assert status["result"] is None


async def test_objects_inside_parameters_are_not_taken_for_messages() -> None:
    inner = {"jsonrpc": "2.0", "id": 3, "method": "shutdown", "params": {"jsonrpc": "2.0"}}
    async with peer() as client:
        await client.start()
        arguments = {"command": "foretype.accept", "arguments": [inner]}
        answer = await client.ask(1, "workspace/executeCommand", arguments)

    assert answer["result"] is None


@pytest.mark.parametrize(
    "params", [{"command": "foretype.no"}, {"command": "foretype.chat", "arguments": [{}, {}]}]
)
async def test_a_command_that_cannot_be_run_is_refused_with_its_kind(
    params: dict[str, object],
) -> None:
    async with peer() as client:
        await client.start()
        refusal = await client.ask(5, "workspace/executeCommand", params)

    assert refusal["error"]["code"] == PARAMS
    assert refusal["error"]["data"] == {"kind": "bad_request"}


@pytest.mark.parametrize("method", ["initialized", "$/cancelRequest", "textDocument/didSave"])
async def test_a_notification_with_an_id_is_answered(method: str) -> None:
    async with peer() as client:
        await client.start()
        answer = await client.ask(5, method, {"id": 1})

    assert answer["result"] is None


async def test_a_document_opened_with_an_id_is_open() -> None:
    async with FakeModelServer(completes("return a + b")) as model, peer() as client:
        await client.start(settings_for(model.url))
        item = {"uri": URI, "languageId": "python", "version": 1, "text": CODE}
        await client.ask(5, "textDocument/didOpen", {"textDocument": item})
        answer = await client.ask(6, INLINE, position_at(1, 4))

    assert answer["result"]["items"]


@pytest.mark.parametrize("state", ["before", "after"])
async def test_requests_out_of_turn_are_refused_but_ghost_text_is_null(state: str) -> None:
    async with peer() as client:
        if state == "after":
            await client.start()
            client.send(SHUTDOWN)
            await client.answer_to("bye")
        ghost = await client.ask(1, INLINE, position_at(0, 0))
        broken = await client.ask(2, INLINE, None)
        hover = await client.ask(3, "textDocument/hover", position_at(0, 0))
        client.send(EXIT)
        status, said = await client.ended()

    assert ghost["result"] is None
    assert broken["result"] is None
    assert hover["error"]["code"] == (UNINITIALIZED if state == "before" else INVALID)
    assert status == (1 if state == "before" else 0)
    assert is_quiet(said)


async def test_a_second_initialize_is_refused() -> None:
    async with peer() as client:
        await client.start()
        again = await client.ask(7, "initialize", {"capabilities": {}})

    assert again["error"]["code"] == INVALID


ODD_CAPABILITIES: dict[str, Any] = {
    "hover": {"textDocument": {"hover": {"contentFormat": ["markdown", "html"]}}},
    "symbols": {"workspace": {"symbol": {"symbolKind": {"valueSet": [1, 99, "x"]}}}},
    "operations": {"workspace": {"workspaceEdit": {"resourceOperations": ["create", "melt"]}}},
    "failures": {"workspace": {"workspaceEdit": {"failureHandling": "shrug"}}},
    "tags": {"textDocument": {"publishDiagnostics": {"tagSupport": True}}},
    "tag values": {"textDocument": {"publishDiagnostics": {"tagSupport": {"valueSet": ["a"]}}}},
    "insert mode": {"textDocument": {"completion": {"insertTextMode": 9}}},
    "tokens": {"textDocument": {"semanticTokens": {"formats": ["absolute"], "requests": 7}}},
    "rename": {"textDocument": {"rename": {"prepareSupportDefaultBehavior": 7}}},
    "lists": {"workspace": [], "textDocument": [], "window": []},
}


@pytest.mark.parametrize("odd", ODD_CAPABILITIES.values(), ids=ODD_CAPABILITIES)
async def test_capabilities_that_do_not_matter_do_not_matter(odd: dict[str, Any]) -> None:
    general = {"positionEncodings": ["utf-32"], "markdown": 7}
    workspace = odd.get("workspace", {}) or {"configuration": True}
    async with FakeModelServer(completes("return a + b")) as model, peer() as client:
        result = await client.start(
            settings_for(model.url), **{**odd, "general": general, "workspace": workspace}
        )
        if "configuration" in workspace:
            assert (await client.receive())["method"] == "workspace/configuration"
            return
        client.open()
        answer = await client.ask(1, INLINE, position_at(1, 4))

    assert result["capabilities"]["positionEncoding"] == "utf-32"
    assert answer["result"]["items"]


@pytest.mark.parametrize(
    "params",
    [
        {"capabilities": {}, "trace": "compact"},
        {"capabilities": {}, "rootUri": "file://[bad"},
        {"capabilities": {}, "rootUri": 7, "workspaceFolders": {"no": "list"}, "processId": "x"},
        {"capabilities": [], "clientInfo": "vim"},
        {"capabilities": None},
        None,
    ],
    ids=["trace", "root", "types", "list", "null", "nothing"],
)
async def test_an_odd_initialize_is_answered(params: Any) -> None:
    async with peer() as client:
        answer = await client.ask(0, "initialize", params)

    assert answer["result"]["capabilities"]["inlineCompletionProvider"]


async def asked_text(changes: list[Any], first: Any = CODE, **item: Any) -> str | None:
    """The prompt after these changes at the end of the first line, or None when there is none."""
    async with FakeModelServer(completes("x")) as model, peer() as client:
        await client.start(settings_for(model.url))
        client.open(first, **item)
        for params in changes:
            method = "textDocument/didChange"
            client.send({"jsonrpc": "2.0", "method": method, "params": params})
        await client.ask(1, INLINE, position_at(0, 2**31 - 1))
    return model.requests[0].body["prompt"] if model.requests else None


def change(text: Any, start: Any = None, end: Any = None, **more: Any) -> dict[str, Any]:
    span = None if start is None else {"start": start, "end": end}
    return {
        "textDocument": {"uri": URI, "version": None},
        "contentChanges": [{"text": text, "range": span, **more}],
    }


def at(line: Any, character: Any) -> dict[str, Any]:
    return {"line": line, "character": character}


CHANGES = {
    "null range": [change("total = ")],
    "no version": [{"textDocument": {"uri": URI}, "contentChanges": [{"text": "total = "}]}],
    "huge version": [
        {
            "textDocument": {"uri": URI, "version": 2**40},
            "contentChanges": [{"text": "total = "}],
        }
    ],
    "large numbers": [change("total = ", at(0, 0), at(2**31, 2**63))],
    "infinite": [change("total = ", at(0, 0), at(1e999, 0))],
    "negative": [change("total = ", at(-1, -7), at(9, 0))],
    "length": [change("total = ", at(0, 0), at(9, 0), rangeLength=-1)],
    "floats": [change("total = ", at(0.0, 0.0), at(9.0, 0.0), rangeLength="x")],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
async def test_changes_are_read_as_the_client_means_them(changes: list[Any]) -> None:
    assert await asked_text(changes) == "<fim_prefix>total = <fim_suffix><fim_middle>"


async def test_a_document_opened_without_version_or_language_is_open() -> None:
    prompt = await asked_text([], "total = ", version=None, languageId=None)

    assert prompt == "<fim_prefix>total = <fim_suffix><fim_middle>"


UNREADABLE = {
    "text": [change(None)],
    "number": [change("x", at("1", 0), at(1, 0))],
    "missing": [change("x", {"line": 1}, at(1, 0))],
    "not a number": [change("x", at(float("nan"), 0), at(1, 0))],
    "no list": [{"textDocument": {"uri": URI}, "contentChanges": None}],
    "one of two": [change("y"), change(["x"]), change("z", at(0, 0), at(0, 0))],
}


@pytest.mark.parametrize("changes", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_document_whose_change_cannot_be_read_is_not_sent(changes: list[Any]) -> None:
    assert await asked_text(changes) is None


async def test_a_document_whose_text_cannot_be_read_is_not_sent() -> None:
    assert await asked_text([], first=None) is None


CONTEXTS = {
    "0": {"triggerKind": 0},
    "1": {"triggerKind": 1},
    "missing": {},
    "null": None,
    "array range": {
        "triggerKind": 1,
        "selectedCompletionInfo": {"range": [at(1, 4), at(1, 4)], "text": "return"},
    },
}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
async def test_an_odd_context_of_ghost_text_is_an_explicit_request(context: Any) -> None:
    async with FakeModelServer(completes("return a + b")) as model:
        settings = settings_for(model.url)
        settings["inlineCompletion"] = {"debounceMs": 60_000}  # for automatic requests only
        async with peer() as client:
            await client.start(settings)
            client.open()
            answer = await client.ask(1, INLINE, {**position_at(1, 2**40), "context": context})

    assert answer["result"]["items"]


@pytest.mark.parametrize(
    "reply",
    [{"result": None}, {"result": 7}, {"error": "no"}, {"error": {"code": 1, "message": "no"}}, {}],
    ids=str,
)
async def test_an_answer_that_cannot_be_read_is_no_answer(reply: dict[str, Any]) -> None:
    async with FakeModelServer(completes("return a + b")) as model, peer() as client:
        await client.start(settings_for(model.url), workspace={"configuration": True})
        question = await client.receive()
        assert question["method"] == "workspace/configuration"
        client.send({"jsonrpc": "2.0", "id": question["id"], **reply})
        client.send({"jsonrpc": "2.0", "id": question["id"], "result": [None]})
        client.open()
        answer = await asyncio.wait_for(client.ask(1, INLINE, position_at(1, 4)), 20)
        client.stdin.close()
        _, said = await client.ended()

    assert answer["result"]["items"]
    assert is_quiet(said)


async def memory_kib(client: Peer) -> int:
    listed = await asyncio.create_subprocess_exec(
        "ps", "-o", "rss=", "-p", str(client.process.pid), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await listed.communicate()
    return int(out)


async def test_questions_that_are_never_answered_are_forgotten() -> None:
    async def pull(times: int) -> None:
        for _ in range(times):
            client.send({"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration"})
        await client.ask(1, "textDocument/hover", position_at(0, 0))

    async with peer("--log-level", "error") as client:
        await client.start(workspace={"configuration": True})
        await pull(300)
        before = await memory_kib(client)
        await pull(4000)
        grown = await memory_kib(client) - before

    assert grown < 4000


async def test_work_cut_off_by_shutdown_leaves_no_line_in_the_log() -> None:
    async with peer() as client:
        # `initialized` waits for settings that never come.
        await client.start(workspace={"configuration": True})
        await client.receive()
        client.send(SHUTDOWN)
        await client.answer_to("bye")
        client.send(EXIT)
        status, said = await client.ended()

    assert status == 0
    assert said == ""
