"""The configuration while the server runs: changed, broken, mended, chosen from, and written."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.fake_model_server import FakeModelServer, Reply, Request, completes, hangs
from tests.fake_model_server import routes as routed
from tests.lsp_client import Client, connected
from tests.raw_client import raw_client
from tests.test_lsp_server_requests import CODE, TOKEN, URI, answered, settings_for


def write(file: Path, url: str, **changes: str) -> str:
    """Write a configuration with two models, with pieces of its text replaced."""
    document = settings_for(url)["modelConfiguration"]
    (model,) = document["modelOverrides"]
    second = {**model, "modelRef": "local::v1::qwen2.5-coder", "modelName": "qwen2.5-coder"}
    document["modelOverrides"].append(second)
    text = json.dumps(document, indent=2)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return text


@asynccontextmanager
async def editing(file: Path, **arguments: Any) -> AsyncIterator[Client]:
    async with connected("--config", str(file), **arguments) as client:
        client.open(URI, CODE)
        await until(client, FIRST)
        yield client


async def until(client: Client, model_ref: str) -> None:
    """Wait until a model is the default for completion."""
    async with asyncio.timeout(20):
        while (await status(client))["defaultModels"]["codeCompletion"] != model_ref:
            await asyncio.sleep(0.05)


async def status(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = await answered(client.command("foretype.status"))
    return found


FIRST, SECOND = "local::v1::starcoder2-7b", "local::v1::qwen2.5-coder"


async def test_a_changed_file_is_taken_up_and_an_unchanged_endpoint_keeps_its_connection(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.jsonc"
    async with FakeModelServer(completes("return a + b")) as model:
        write(file, model.url)
        async with editing(file) as client:
            await answered(client.ask(URI, 1, 4))
            write(
                file, model.url, **{f'"codeCompletion": "{FIRST}"': f'"codeCompletion": "{SECOND}"'}
            )
            await until(client, SECOND)
            await answered(client.ask(URI, 1, 4))

    assert [request.body["model"] for request in model.requests] == [
        "starcoder2-7b",
        "qwen2.5-coder",
    ]
    assert model.connections_opened == 1


async def test_a_request_that_runs_during_a_reload_ends_on_what_it_began_with(
    tmp_path: Path,
) -> None:
    async def waits(request: Request, reply: Reply) -> None:
        await released.wait()
        await completes("return a + b")(request, reply)

    released = asyncio.Event()
    file = tmp_path / "config.jsonc"
    async with FakeModelServer(waits) as model:
        write(file, model.url)
        async with editing(file) as client:
            running = client.ask(URI, 1, 4)
            await model.wait_for_requests(1)
            write(file, "http://127.0.0.1:9/v1")
            await answered(client.command("foretype.reload"))
            released.set()
            answer = await answered(running)

    assert answer.items[0].insert_text == "return a + b"


async def test_a_mistake_leaves_the_last_good_configuration_and_is_told_once(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.jsonc"
    async with FakeModelServer(completes("return a + b")) as model:
        write(file, model.url)
        async with editing(file) as client:
            write(file, model.url, **{'"openaicompatible"': '"openaicompatibel"'})
            for _ in range(3):
                result = await answered(client.command("foretype.reload"))
            answer = await answered(client.ask(URI, 1, 4))
            told = [message.message for message in client.messages]
            write(file, model.url)
            mended = await answered(client.command("foretype.reload"))

    assert [problem["code"] for problem in result["problems"]] == ["provider-type"]
    assert answer.items[0].insert_text == "return a + b"
    assert len(told) == 1
    assert "config.jsonc:" in told[0]
    assert mended["problems"] == []


async def test_a_file_that_is_written_after_the_start_brings_the_server_to_life(
    tmp_path: Path,
) -> None:
    async with FakeModelServer(completes("return a + b")) as model:
        file = tmp_path / "user-config" / "foretype" / "config.jsonc"
        async with connected() as client:
            client.open(URI, CODE)
            assert await answered(client.ask(URI, 1, 4)) is None
            file.parent.mkdir(parents=True)
            write(file, model.url)
            await until(client, FIRST)
            answer = await answered(client.ask(URI, 1, 4))

    assert answer.items[0].insert_text == "return a + b"


async def test_a_chosen_model_is_the_default_until_the_server_ends(tmp_path: Path) -> None:
    file = tmp_path / "config.jsonc"
    async with FakeModelServer(completes("return a + b")) as model:
        write(file, model.url)
        async with editing(file) as client:
            choice = {"feature": "codeCompletion", "modelRef": SECOND}
            defaults = await answered(client.command("foretype.selectModel", choice))
            await answered(client.command("foretype.reload"))
            await answered(client.ask(URI, 1, 4))

    assert defaults == {"chat": FIRST, "fastChat": FIRST, "codeCompletion": SECOND}
    assert model.requests[0].body["model"] == "qwen2.5-coder"


@pytest.mark.parametrize(
    "choice",
    [
        {"feature": "codeCompletion", "modelRef": "local::v1::missing"},
        {"feature": "poetry", "modelRef": FIRST},
        {"feature": "chat"},
        None,
    ],
    ids=["model", "feature", "incomplete", "none"],
)
async def test_a_choice_that_cannot_be_made_is_refused(choice: Any, tmp_path: Path) -> None:
    file = tmp_path / "config.jsonc"
    write(file, "http://127.0.0.1:9/v1")
    async with editing(file) as client:
        with pytest.raises(JsonRpcException) as raised:
            await answered(client.command("foretype.selectModel", choice))

    assert raised.value.code == types.ErrorCodes.InvalidParams


def rendered_document() -> dict[str, Any]:
    document = settings_for("")["modelConfiguration"]
    return {
        "schemaVersion": "1.0",
        "revision": "1",
        "providers": [{"id": "local", "displayName": "Local"}],
        "models": document["modelOverrides"],
        "defaultModels": document["defaultModels"],
    }


async def test_a_gateways_document_that_cannot_be_used_is_not_kept(tmp_path: Path) -> None:
    rendered = rendered_document()

    async def fetch(request: Request, reply: Reply) -> None:
        await reply.json(rendered)

    async def away(request: Request, reply: Reply) -> None:
        await reply.json({"error": "maintenance"}, status=503)

    async with FakeModelServer(routed({"/models.json": fetch})) as model:
        gateway = f"{model.root}/models.json"
        environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        async with connected("--gateway", gateway, environment=environment) as client:
            await until(client, FIRST)
            rendered["models"] = [{"modelRef": "nonsense"}]
            result = await answered(client.command("foretype.reload"))
        model.handler = away
        async with connected("--gateway", gateway, environment=environment) as client:
            await until(client, FIRST)

    assert [problem["code"] for problem in result["problems"]] == ["ref-parts"]


async def test_the_gateways_last_document_is_used_while_it_is_away(tmp_path: Path) -> None:
    rendered = rendered_document()

    async def fetch(request: Request, reply: Reply) -> None:
        await reply.json(rendered, headers={"ETag": '"1"'})

    async def away(request: Request, reply: Reply) -> None:
        await reply.json({"error": "maintenance"}, status=503)

    async with FakeModelServer(routed({"/models.json": fetch})) as model:
        gateway = f"{model.root}/models.json"
        environment = {"FORETYPE_GATEWAY_TOKEN": TOKEN, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        async with connected("--gateway", gateway, environment=environment) as client:
            await until(client, FIRST)
        model.handler = away
        async with connected("--gateway", gateway, environment=environment) as client:
            await until(client, FIRST)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]

    assert len(client.messages) == 1
    assert "503" in client.messages[0].message
    assert kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert not any(TOKEN in path.read_text() for path in kept)


FILE_URI = "file:///work/settings/foretype.jsonc"


async def diagnostics_of(client: Client, uri: str) -> list[types.Diagnostic]:
    """Wait for the next diagnostics of a document."""
    async with asyncio.timeout(20):
        while uri not in client.diagnostics:
            await asyncio.sleep(0.02)
    return list(client.diagnostics.pop(uri))


def replace_in(client: Client, uri: str, version: int, text: str) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
    )


@pytest.mark.parametrize("editor", ["neovim@v0.11.0", "visual-studio-code@v1.65.2"])
async def test_a_mistake_is_shown_at_its_place_while_typing_and_can_be_mended(
    editor: str, tmp_path: Path
) -> None:
    good = write(tmp_path / "good", "http://127.0.0.1:9/v1")
    bad = good.replace('"openaicompatible"', '/* 😀 */ "openaicompatibel"')
    lines = bad.split("\n")
    line = next(n for n, text in enumerate(lines) if "compatibel" in text)
    before = lines[line][: lines[line].index('"openaicompatibel"')]
    width = len(before.encode()) if "neovim" in editor else len(before.encode("utf-16-le")) // 2
    async with connected(editor=editor) as client:
        client.open(FILE_URI, good, "jsonc")
        assert await diagnostics_of(client, FILE_URI) == []
        replace_in(client, FILE_URI, 2, bad)
        (shown,) = await diagnostics_of(client, FILE_URI)
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(FILE_URI),
                types.Range(shown.range.start, shown.range.start),
                types.CodeActionContext([shown]),
            )
        )
        client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(FILE_URI))
        )
        assert await diagnostics_of(client, FILE_URI) == []

    assert shown.code == "provider-type"
    assert shown.severity == types.DiagnosticSeverity.Error
    assert shown.range.start == types.Position(line, width)
    assert shown.range.end.character - shown.range.start.character == len('"openaicompatibel"')
    assert actions is not None
    (action,) = actions
    assert isinstance(action, types.CodeAction)
    assert action.edit is not None
    assert action.edit.changes is not None
    (edit,) = action.edit.changes[FILE_URI]
    assert (edit.range, edit.new_text) == (shown.range, '"openaicompatible"')


async def test_keys_are_explained_and_values_proposed_in_the_configuration_only() -> None:
    text = '{\n  "sourcegraph": null,\n  "modelOverridesRecommendedSettings": [\n    "\n  ]\n}\n'
    async with connected() as client:
        client.open(FILE_URI, text, "jsonc")
        client.open(URI, text, "jsonc")
        for uri, is_ours in ((FILE_URI, True), (URI, False)):
            document = types.TextDocumentIdentifier(uri)
            hover = await client.text_document_hover_async(
                types.HoverParams(document, types.Position(1, 5))
            )
            proposals = await client.text_document_completion_async(
                types.CompletionParams(document, types.Position(3, 5))
            )
            assert (hover is not None) == is_ours
            assert (proposals is not None) == is_ours
            if hover is not None and isinstance(proposals, types.CompletionList):
                assert isinstance(hover.contents, types.MarkupContent)
                assert "gateway" in hover.contents.value
                labels = [item.label for item in proposals.items]
                assert "bigcode::v1::starcoder2-7b" in labels


async def test_a_storm_of_setting_changes_ends_in_the_last_one() -> None:
    async with FakeModelServer(hangs()) as model, connected() as client:
        for number in range(30):
            settings = settings_for(model.url)
            settings["model"] = str(number)
            client.configure(settings)
        await until(client, FIRST)
        await asyncio.wait_for(client.command("foretype.reload"), 20)

    assert len(client.messages) <= 1


async def test_every_mistake_in_the_settings_is_told_with_its_place() -> None:
    mistakes = {"a1": 1, "a2": 1, "a3": 1, "inlineCompletion": {"debounceMs": "x", "enabld": False}}
    async with (
        FakeModelServer(completes("a")) as model,
        connected(settings={**settings_for(model.url), **mistakes}) as client,
    ):
        await answered(client.command("foretype.reload"))
        told = " ".join(message.message for message in client.messages)
        problems = " ".join((await status(client))["problems"])

    for place in ("/a1", "/a2", "/a3", "/inlineCompletion/debounceMs", "/inlineCompletion/enabld"):
        assert told.count(place) == 1
        assert place in problems


async def test_settings_that_are_no_object_are_told_and_leave_the_rest_in_force() -> None:
    async with (
        FakeModelServer(completes("a")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.set_configuration({"foretype": 5})
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
        await answered(client.command("foretype.reload"))
        await until(client, FIRST)
        told = [message.message for message in client.messages]
        assert len(told) == 1
        assert "object" in told[0]


async def test_a_file_opened_before_it_becomes_the_configuration_is_judged_then(
    tmp_path: Path,
) -> None:
    file = tmp_path / "models.json"
    file.write_text("{}")
    async with connected() as client:
        client.open(file.as_uri(), "{,", "json")
        await answered(client.command("foretype.reload"))
        assert file.as_uri() not in client.diagnostics
        client.configure({"configFile": str(file)})
        async with asyncio.timeout(30):
            while not client.diagnostics.get(file.as_uri()):
                await asyncio.sleep(0.02)
        client.configure({"configFile": ""})
        async with asyncio.timeout(30):
            while client.diagnostics[file.as_uri()]:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["mine.jsonc", "foretype.jsonc"])
async def test_no_model_is_shown_a_configuration_file(tmp_path: Path, name: str) -> None:
    async with FakeModelServer(completes("return a + b")) as model:
        file = tmp_path / "mine.jsonc"
        write(file, model.url)
        opened = (tmp_path / name).as_uri()
        async with editing(file) as client:
            client.open(opened, '{"accessToken": "', "jsonc")
            answer = await answered(client.ask(opened, 0, 17))
            chat = {
                "messages": [{"role": "user", "content": "Why?"}],
                "context": [{"uri": opened}],
            }
            with pytest.raises(JsonRpcException, match=r"never sent|excluded"):
                await answered(client.command("foretype.chat", chat))

    assert answer is None
    assert not [request for request in model.requests if request.method == "POST"]


async def test_settings_that_are_pushed_right_at_the_start_are_not_missed() -> None:
    async with (
        FakeModelServer(completes("return a + b")) as model,
        raw_client([sys.executable, "-P", "-m", "lsp_server", "serve"]) as client,
    ):
        await client.initialize(None)
        accept = {"command": "foretype.accept", "arguments": ["none"]}
        await client.result("workspace/executeCommand", accept)  # `initialized` has been taken
        await asyncio.sleep(0.1)
        client.settings = settings_for(model.url)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        item = {"uri": URI, "languageId": "python", "version": 1, "text": CODE}
        client.notify("textDocument/didOpen", {"textDocument": item})
        place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 4}}
        params = {**place, "context": {"triggerKind": 1}}
        answer = await client.result("textDocument/inlineCompletion", params)

    assert answer["items"][0]["insertText"] == "return a + b"
    assert "window/showMessage" not in client.heard
