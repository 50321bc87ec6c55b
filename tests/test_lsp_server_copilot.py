"""What clients made for Copilot's language server send, and what they get for it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lsprotocol import types

from lsp_server import __version__
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, completes, fails
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import CODE, URI, answered, error_of, settings_for

EDITOR = {
    "editorInfo": {"name": "Emacs", "version": "28.2"},
    "editorPluginInfo": {"name": "copilot.el", "version": "0.7"},
    "networkProxy": {"host": "127.0.0.1", "port": 3128},
}
REF = "local::v1::starcoder2-7b"
TEXT = "return a + b\n\nprint(1)"


class Told(list[Any]):
    """The notifications of some methods, in the order in which they came."""

    async def until(self, count: int) -> list[Any]:
        async with asyncio.timeout(30):
            while len(self) < count:
                await asyncio.sleep(0.01)
        return list(self)


def listen(client: Client, *methods: str) -> Told:
    told = Told()
    for method in methods:

        def collect(params: Any) -> None:
            told.append(params)

        client.feature(method)(collect)
    return told


@asynccontextmanager
async def copilot_client(
    handler: Handler | None = None, text: str = CODE, **options: Any
) -> AsyncIterator[Client]:
    """Connect as copilot.el does, with a document open."""
    async with FakeModelServer(handler or completes(TEXT)) as model:
        settings = {**settings_for(model.url), **EDITOR}
        settings["inlineCompletion"] |= options
        async with connected(settings=settings, editor="emacs@v29.1") as client:
            client.open(URI, text)
            yield client


async def asked(client: Client, method: str, **params: Any) -> Any:
    return await answered(client.start(method, params))


def tell(client: Client, method: str, **params: Any) -> None:
    client.protocol.notify(method, params)


def doc(line: int, character: int, **rest: Any) -> dict[str, Any]:
    position = {"line": line, "character": character}
    return {"doc": {"uri": URI, "version": 1, "position": position, "tabSize": 4}, **rest}


async def counts(client: Client) -> dict[str, int]:
    status = await answered(client.command("foretype.status"))
    return dict(status["requests"])


async def offered(client: Client, line: int, character: int) -> Any:
    found = await answered(client.ask(URI, line, character))
    return found.items[0]


def change(client: Client, text: str, line: int, start: int, end: int, version: int = 2) -> None:
    span = types.Range(types.Position(line, start), types.Position(line, end))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version=version, uri=URI),
            [types.TextDocumentContentChangePartial(range=span, text=text)],
        )
    )


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("checkStatus", "OK"),
        ("signIn", "AlreadySignedIn"),
        ("signInInitiate", "AlreadySignedIn"),
        ("signInConfirm", "OK"),
        ("signOut", "OK"),
    ],
)
async def test_nobody_has_to_sign_in(method: str, status: str) -> None:
    async with copilot_client() as client:
        answer = await asked(client, method)
        assert (answer.status, answer.user) == (status, "foretype")


async def test_the_introduction_of_a_copilot_client_is_no_mistake_in_the_settings() -> None:
    async with copilot_client() as client:
        await offered(client, 1, 4)
        assert client.messages == []
        assert await asked(client, "setEditorInfo", **EDITOR) == "OK"
        assert (await asked(client, "getVersion")).version == __version__
        assert (await asked(client, "textDocument/copilotInlineEdit")).edits == []


async def test_unknown_notifications_are_passed_over() -> None:
    async with copilot_client() as client:
        tell(client, "textDocument/didShowInlineEdit", item={"command": {"arguments": ["x"]}})
        tell(client, "copilot/didChangeSomething", anything=[1])
        tell(client, "textDocument/didFocus")
        tell(client, "textDocument/didFocus", textDocument={"uri": "file:///elsewhere.py"})
        tell(client, "textDocument/didShowCompletion", item=None)
        tell(client, "textDocument/didShowCompletion", item={"command": {"arguments": ["s99"]}})
        tell(client, "textDocument/didPartiallyAcceptCompletion", acceptedLength="x")
        assert (await offered(client, 1, 4)).insert_text == "return a + b"
        assert client.messages == []


async def test_the_configured_models_are_listed_and_one_can_be_chosen() -> None:
    async with FakeModelServer(completes(TEXT)) as model:
        settings = {**settings_for(model.url), **EDITOR}
        document = settings["modelConfiguration"]
        other = {**document["modelOverrides"][0], "modelRef": "local::v1::other"}
        document["modelOverrides"].append(
            other | {"modelName": "starcoder2-3b", "displayName": "Other"}
        )
        async with connected(settings=settings) as client:
            listed = await asked(client, "copilot/models")
            client.open(URI, CODE)
            for chosen in ("local::v1::other", "gpt-41-copilot", ""):
                github = {"copilot": {"selectedCompletionModel": chosen}}
                params = types.DidChangeConfigurationParams(settings={"github": github})
                client.workspace_did_change_configuration(params)
                # Handlers run in turn: this waits for the settings to be in force.
                await answered(client.command("foretype.reload"))
            await offered(client, 1, 4)
            assert client.messages == []
        described = {each["id"]: (each["modelName"], each["default"]) for each in listed}
        assert described == {REF: ("StarCoder2", True), "local::v1::other": ("Other", False)}
        assert sorted(listed[0]["scopes"]) == ["chat-panel", "completion"]
        assert model.requests[-1].body["model"] == "starcoder2-3b"


async def test_what_is_shown_is_counted_once() -> None:
    async with copilot_client() as client:
        item = await offered(client, 1, 4)
        for _ in range(2):
            tell(
                client,
                "textDocument/didShowCompletion",
                item={"command": {"arguments": item.command.arguments}},
            )
        assert (await counts(client))["shown"] == 1


@pytest.mark.parametrize("edit_comes_first", [False, True])
async def test_a_part_that_is_accepted_is_counted_once(edit_comes_first: bool) -> None:
    async with copilot_client(completes("turn a + b\n"), "def add(a, b):\n    re") as client:
        item = await offered(client, 1, 6)
        assert item.insert_text == "return a + b"
        if edit_comes_first:
            change(client, "turn ", 1, 6, 6)
        tell(
            client,
            "textDocument/didPartiallyAcceptCompletion",
            item={"command": {"arguments": item.command.arguments}},
            acceptedLength=len("return "),
        )
        if not edit_comes_first:
            change(client, "turn ", 1, 6, 6)
        counted = await counts(client)
        assert counted["acceptedPartly"] == 1
        assert counted["acceptedCharacters"] == len("turn ")
        await answered(client.command("foretype.accept", *item.command.arguments))
        change(client, "a + b", 1, 11, 11, version=3)
        counted = await counts(client)
        assert (counted["accepted"], counted["acceptedPartly"]) == (1, 1)
        assert counted["acceptedCharacters"] == len("turn a + b")
        assert counted["passedOver"] == 0


async def test_a_part_that_is_all_of_it_is_accepted_whole() -> None:
    async with copilot_client(completes('turn "🦊é"\n'), "    re") as client:
        item = await offered(client, 0, 6)
        arguments = item.command.arguments
        tell(
            client,
            "textDocument/didPartiallyAcceptCompletion",
            item={"command": {"arguments": arguments}},
            acceptedLength=len('return "🦊'.encode("utf-16-le")) // 2,
        )
        assert (await counts(client))["acceptedCharacters"] == len('turn "🦊')
        tell(
            client,
            "textDocument/didPartiallyAcceptCompletion",
            item={"command": {"arguments": arguments}},
            acceptedLength=len('return "🦊é"'.encode("utf-16-le")) // 2,
        )
        counted = await counts(client)
        assert counted["acceptedCharacters"] == len('turn "🦊é"')
        assert (counted["accepted"], counted["acceptedPartly"]) == (1, 1)


async def test_what_follows_is_prepared_also_when_the_command_comes_before_the_edit() -> None:
    asked_for = asyncio.Queue[str]()

    async def completion(request: Request, reply: Reply) -> None:
        asked_for.put_nowait(str(request.body))
        await completes(TEXT)(request, reply)

    async with copilot_client(completion, prefetch=True) as client:
        item = await offered(client, 1, 4)
        await asked_for.get()
        await answered(client.command("foretype.accept", *item.command.arguments))
        change(client, "return a + b", 1, 4, 4)
        assert "return a + b" in await asyncio.wait_for(asked_for.get(), 20)


async def test_ghost_text_of_before_2024_begins_with_its_line() -> None:
    before = "    s = '🦊é'; tot"
    units = len(before.encode("utf-16-le")) // 2
    async with copilot_client(completes("al = 1\n"), before) as client:
        for method in ("getCompletions", "getCompletionsCycling"):
            (found,) = (await asked(client, method, **doc(0, units))).completions
            assert found.text == before + "al = 1"
            assert found.displayText == "al = 1"
            assert (found.range.start.character, found.range.end.character) == (0, units)
            assert found.position.character == units


async def test_cycling_gets_as_many_as_are_wanted() -> None:
    answers = iter(["a + b\n", "b + a\n", "sum((a, b))\n"])

    async def completion(request: Request, reply: Reply) -> None:
        await completes(next(answers))(request, reply)

    async with copilot_client(completion, "x = ", candidates=3) as client:
        found = (await asked(client, "getCompletionsCycling", **doc(0, 4))).completions
        assert sorted(each.text for each in found) == ["x = a + b", "x = b + a", "x = sum((a, b))"]
        assert len({each.uuid for each in found}) == 3
        counted = await counts(client)
        assert counted["modelRequests"] == 3
        assert counted["tokensGenerated"] >= 3


async def test_outcomes_of_before_2024_are_counted() -> None:
    async with copilot_client() as client:
        (found,) = (await asked(client, "getCompletions", **doc(1, 4))).completions
        for _ in range(2):
            assert await asked(client, "notifyShown", uuid=found.uuid) == "OK"
        length = len(found.text)
        answer = await asked(client, "notifyAccepted", uuid=found.uuid, acceptedLength=length)
        assert answer == "OK"
        change(client, "return ", 1, 4, 4)
        counted = await counts(client)
        assert (counted["shown"], counted["accepted"], counted["acceptedPartly"]) == (1, 0, 1)
        assert await asked(client, "notifyRejected", uuids=[found.uuid, "s99"]) == "OK"
        assert await asked(client, "notifyRejected", uuids=[found.uuid]) == "OK"
        assert (await counts(client))["passedOver"] == 1


async def test_an_unreadable_request_is_refused_in_one_sentence() -> None:
    async with copilot_client() as client:
        refused = await error_of(client.start("getCompletions", {"doc": {"uri": URI}}))
        assert refused.code == types.ErrorCodes.InvalidParams
        refused = await error_of(client.start("conversation/create", {}))
        assert refused.code == types.ErrorCodes.MethodNotFound


async def test_getting_completions_never_fails() -> None:
    async with copilot_client(fails(500, {"error": "down"})) as client:
        assert (await asked(client, "getCompletions", **doc(1, 4))).completions == []
        elsewhere = {"uri": "file:///unheard-of.py", "position": {"line": 0, "character": 0}}
        assert (await asked(client, "getCompletions", doc=elsewhere)).completions == []


async def test_the_panel_gets_each_solution_and_then_the_end() -> None:
    answers = iter(["a + b\n", "b + a\n", "a + b\n"])

    async def completion(request: Request, reply: Reply) -> None:
        await completes(next(answers))(request, reply)

    async with copilot_client(completion, "x = ") as client:
        solutions = listen(client, "PanelSolution")
        ends = listen(client, "PanelSolutionsDone")
        answer = await asked(client, "getPanelCompletions", **doc(0, 4, panelId="1:panel"))
        # copilot.el refuses an answer with anything beside it.
        assert answer._asdict() == {"solutionCountTarget": 3}
        (end,) = await ends.until(1)
        assert (end.panelId, end.status) == ("1:panel", "OK")
        assert sorted(each.completionText for each in solutions) == ["a + b", "b + a"]
        assert {each.panelId for each in solutions} == {"1:panel"}
        assert {each.range.start.character for each in solutions} == {4}
        assert len({each.solutionId for each in solutions}) == 2
        assert await asked(client, "notifyAccepted", uuid=solutions[0].solutionId) == "OK"
        assert (await counts(client))["accepted"] == 1


async def test_a_panel_that_cannot_be_filled_says_why() -> None:
    async with copilot_client(fails(401, {"error": "no"})) as client:
        ends = listen(client, "PanelSolutionsDone")
        await asked(client, "getPanelCompletions", **doc(1, 4, panelId="p"))
        (end,) = await ends.until(1)
        assert end.status == "Error"
        assert end.message
        params = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 4}}
        assert (await error_of(client.start("textDocument/copilotPanelCompletion", params))).message


@pytest.mark.parametrize("token", [None, "panel-token"])
async def test_panel_items_are_streamed_under_their_token(token: str | None) -> None:
    answers = iter(["a + b\n", "b + a\n", "a - b\n"])

    async def completion(request: Request, reply: Reply) -> None:
        await completes(next(answers))(request, reply)

    async with copilot_client(completion, "x = ") as client:
        params: dict[str, Any] = {
            "textDocument": {"uri": URI, "version": 1},
            "position": {"line": 0, "character": 4},
        }
        if token:
            params["partialResultToken"] = token
        answer = await asked(client, "textDocument/copilotPanelCompletion", **params)
        texts = [item.insertText for item in answer.items]
        streamed = (
            [
                item["insertText"]
                for value in client.streamed.get(token, [])
                for item in value["items"]
            ]
            if token
            else []
        )
        assert sorted(streamed if token else texts) == ["a + b", "a - b", "b + a"]
        assert len(texts) + len(streamed) == 3


async def test_a_newer_panel_stops_the_older_ones_models() -> None:
    gate = asyncio.Event()
    waiting: list[Request] = []

    async def completion(request: Request, reply: Reply) -> None:
        if not gate.is_set():
            waiting.append(request)
            await request.disconnected.wait()
            return
        await completes("a + b\n")(request, reply)

    async with copilot_client(completion, "x = ") as client:
        ends = listen(client, "PanelSolutionsDone")
        await asked(client, "getPanelCompletions", **doc(0, 4, panelId="1"))
        async with asyncio.timeout(20):
            while len(waiting) < 3:
                await asyncio.sleep(0.01)
        gate.set()
        await asked(client, "getPanelCompletions", **doc(0, 4, panelId="2"))
        for request in waiting:
            await asyncio.wait_for(request.disconnected.wait(), 30)
        (end,) = await ends.until(1)
        assert end.panelId == "2"


async def test_the_status_is_told_when_it_changes() -> None:
    async with copilot_client() as client:
        told = listen(client, "didChangeStatus")
        older = listen(client, "statusNotification")
        await offered(client, 1, 4)
        states = [(each.kind, each.busy) for each in await told.until(2)]
        assert states[-2:] == [("Normal", True), ("Normal", False)]
        assert [each.status for each in older][-2:] == ["InProgress", "Normal"]


async def test_trouble_and_documents_without_ghost_text_are_told() -> None:
    async with copilot_client(fails(401, {"error": "no"})) as client:
        told = listen(client, "didChangeStatus")
        client.open("file:///work/.env", "KEY=")
        await answered(client.ask("file:///work/.env", 0, 4))
        assert told[-1].kind == "Inactive"
        assert await answered(client.ask(URI, 1, 4)) is None
        assert (told[-1].kind, told[-1].busy) == ("Error", False)
        assert told[-1].message == client.messages[-1].message
        tell(client, "textDocument/didFocus", textDocument={"uri": "file:///work/.env"})


async def test_a_configuration_mistake_is_told_as_a_status() -> None:
    settings = {"configFile": "/nowhere/at-all.jsonc", **EDITOR}
    async with connected(settings=settings) as client:
        told = listen(client, "didChangeStatus")
        (state, *_) = await told.until(1)
        assert state.kind == "Error"
        assert "/nowhere/at-all.jsonc" in state.message


async def test_other_clients_get_no_notification_they_do_not_know() -> None:
    async with (
        FakeModelServer(completes(TEXT)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        told = listen(client, "didChangeStatus", "statusNotification")
        client.open(URI, CODE)
        await offered(client, 1, 4)
        assert told == []
        await asked(client, "checkStatus")
        assert len(await told.until(2)) == 2


def test_the_program_serves_when_it_is_started_as_copilots_is() -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "lsp_server", "--stdio"],
        input=b'Content-Length: 33\r\n\r\n{"jsonrpc":"2.0","method":"exit"}',
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 1
    assert b"usage" not in ended.stderr
