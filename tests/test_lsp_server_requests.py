"""A real `foretype serve` process against a scripted model server: what an editor sees."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    fails,
    hangs,
)
from tests.fake_model_server import routes as routed
from tests.lsp_client import connected

URI = "file:///work/sum.py"
CODE = "def add(a, b):\n    "
TOKEN = "sk-planted-8842"
CANCELLED = -32800
FEATURES = ("chat", "fastChat", "codeCompletion")


def settings_for(url: str, **endpoint: Any) -> dict[str, Any]:
    ref = "local::v1::starcoder2-7b"
    return {
        "inlineCompletion": {"debounceMs": 0},
        "modelConfiguration": {
            "sourcegraph": None,
            "providerOverrides": [
                {
                    "id": "local",
                    "displayName": "Local",
                    "serverSideConfig": {
                        "type": "openaicompatible",
                        "endpoints": [{"url": url, **endpoint}],
                    },
                }
            ],
            "modelOverrides": [
                {
                    "modelRef": ref,
                    "displayName": "StarCoder2",
                    "modelName": "starcoder2-7b",
                    "capabilities": ["chat", "autocomplete"],
                    "category": "balanced",
                    "status": "stable",
                    "contextWindow": {"maxInputTokens": 4000, "maxOutputTokens": 1000},
                }
            ],
            "defaultModels": {"chat": ref, "fastChat": ref, "codeCompletion": ref},
        },
    }


async def answered(request: "asyncio.Future[Any]") -> Any:
    return await asyncio.wait_for(request, 30)


async def error_of(request: "asyncio.Future[Any]") -> JsonRpcException:
    with pytest.raises(JsonRpcException) as raised:
        await answered(request)
    return raised.value


async def disconnected(request: Request) -> None:
    await asyncio.wait_for(request.disconnected.wait(), 30)


@pytest.mark.parametrize(
    "editor", ["neovim@v0.11.0", "emacs@v29.1", "visual-studio-code@v1.65.2"], ids=str
)
async def test_ghost_text_is_offered_at_the_cursor_in_the_clients_encoding(editor: str) -> None:
    async with (
        FakeModelServer(completes("return a + b\n\nprint(1)")) as model,
        connected(settings=settings_for(model.url), editor=editor) as client,
    ):
        capabilities = client.initialized_with.capabilities
        encoding = str(capabilities.position_encoding)
        before = "x = '😀é'; y = "
        column = {"utf-8": 18, "utf-16": 15, "utf-32": 14}[encoding]
        client.open(URI, f"{before}\n")
        answer = await answered(client.ask(URI, 0, column))

    assert capabilities.inline_completion_provider is not None
    (item,) = answer.items
    assert item.insert_text == "return a + b"
    assert item.range == types.Range(types.Position(0, column), types.Position(0, column))
    assert model.requests[0].body["prompt"].startswith(f"<fim_prefix>{before}<fim_suffix>")


async def test_a_block_is_cut_where_it_ends_and_the_model_is_stopped_there() -> None:
    written = "return a + b\n\n\ndef next_one():\n    pass\n" + "    more()\n" * 500
    async with (
        FakeModelServer(completes(written, delay_s=0.002)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        answer = await answered(client.ask(URI, 1, 4))
        await disconnected(model.requests[0])

    assert answer.items[0].insert_text == "return a + b"


async def test_a_model_too_slow_for_its_block_still_gives_the_lines_it_finished() -> None:
    async def slow(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "text": "total = a\n    total += b\n    ret"}]})
        await request.disconnected.wait()

    async with FakeModelServer(slow) as model:
        settings = settings_for(model.url)
        knobs = {"autocompleteMultilineTimeout": 1500}
        model_override = settings["modelConfiguration"]["modelOverrides"][0]
        model_override["clientSideConfig"] = {"openaicompatible": knobs}
        async with connected(settings=settings) as client:
            client.open(URI, CODE)
            answer = await answered(client.ask(URI, 1, 4))

    assert answer.items[0].insert_text == "total = a\n    total += b"
    assert not client.messages


async def test_accepting_runs_a_command_that_counts() -> None:
    async with (
        FakeModelServer(completes("return a + b")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        item = (await answered(client.ask(URI, 1, 4))).items[0]
        assert await answered(client.command(item.command.command, *item.command.arguments)) is None
        status = await answered(client.command("foretype.status"))

    assert status["requests"]["accepted"] == 1
    assert status["requests"]["acceptedCharacters"] == len("return a + b")


async def test_the_newest_request_wins_and_the_older_one_is_cancelled() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        older = client.ask(URI, 1, 4)
        await model.wait_for_requests(1)
        newer = client.ask(URI, 1, 4)
        error = await error_of(older)
        await disconnected(model.requests[0])
        await model.wait_for_requests(2)
        client.cancel(newer)
        await error_of(newer)

    assert error.code == CANCELLED


async def test_cancelling_a_completion_closes_its_connection() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        request = client.ask(URI, 1, 4)
        await model.wait_for_requests(1)
        client.cancel(request)
        error = await error_of(request)
        await disconnected(model.requests[0])

    assert error.code == CANCELLED


async def test_closing_the_document_cancels_its_request() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        request = client.ask(URI, 1, 4)
        await model.wait_for_requests(1)
        identifier = types.TextDocumentIdentifier(URI)
        client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))
        error = await error_of(request)
        after = await answered(client.ask(URI, 1, 4))

    assert error.code == CANCELLED
    assert after is None


QUESTION = {"messages": [{"role": "user", "content": "Why?"}], "token": "t-1"}


@pytest.mark.parametrize("way", ["command", "request"])
async def test_a_chat_streams_its_answer_under_the_token(way: str) -> None:
    async with (
        FakeModelServer(chats("Because it is so.")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        if way == "command":
            result = await answered(client.command("foretype.chat", QUESTION))
        else:
            result = (await answered(client.start("foretype/chat", QUESTION)))._asdict()

    deltas = client.streamed["t-1"]
    assert len(deltas) > 1
    assert {delta["type"] for delta in deltas} == {"delta"}
    assert not any("kind" in delta or "title" in delta for delta in deltas)
    assert "".join(delta["content"] for delta in deltas) == "Because it is so."
    assert result["content"] == "Because it is so."
    assert result["finishReason"] == "stop"
    assert result["model"] == "local::v1::starcoder2-7b"
    assert model.requests[0].body["messages"][-1] == {"role": "user", "content": "Why?"}


async def _two_words_then_nothing(request: Request, reply: Reply) -> None:
    for word in ("one ", "two"):
        await reply.event({"choices": [{"index": 0, "delta": {"content": word}}]})
    await request.disconnected.wait()


@pytest.mark.parametrize("way", ["command", "request", "token"])
async def test_cancelling_a_chat_closes_its_connection_and_ends_its_stream(way: str) -> None:
    async with (
        FakeModelServer(_two_words_then_nothing) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        if way == "request":
            request = client.start("foretype/chat", QUESTION)
        else:
            request = client.command("foretype.chat", QUESTION)
        while len(client.streamed.get("t-1", [])) < 2:
            await asyncio.sleep(0.01)
        if way == "token":
            cancel = types.WorkDoneProgressCancelParams(token="t-1")
            client.window_work_done_progress_cancel(cancel)
        else:
            client.cancel(request)
        error = await error_of(request)
        await disconnected(model.requests[0])

    assert error.code == CANCELLED
    assert len(client.streamed["t-1"]) == 2


async def test_a_chat_cut_short_keeps_what_came() -> None:
    async def cut(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "delta": {"content": "Half an"}}]})
        await reply.cut()

    async with (
        FakeModelServer(cut) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        error = await error_of(client.command("foretype.chat", QUESTION))

    assert error.data == {"kind": "incomplete", "partial": "Half an"}


async def test_context_is_attached_from_the_open_document() -> None:
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, "first\nsecond\nthird\n")
        span = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
        argument = {**QUESTION, "context": [{"uri": URI, "range": span}]}
        await answered(client.command("foretype.chat", argument))

    system = model.requests[0].body["messages"][0]
    assert system["role"] == "system"
    assert "second" in system["content"]
    assert "first" not in system["content"]


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (None, "argument"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "role"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "last message"),
        ({"messages": [{"role": "user", "content": "x"}], "temperature": "hot"}, "temperature"),
        (
            {"messages": [{"role": "user", "content": "x"}], "context": [{"uri": "file:///no"}]},
            "Open",
        ),
    ],
    ids=["none", "empty", "role", "last", "type", "unopened"],
)
async def test_a_chat_argument_that_breaks_the_contract_is_told_in_one_sentence(
    argument: Any, said: str
) -> None:
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        error = await error_of(client.command("foretype.chat", argument))

    assert error.code == types.ErrorCodes.InvalidParams
    assert said in error.message
    assert "\n" not in error.message


FAULTS: list[tuple[Handler, str]] = [
    (fails(401, {"error": {"message": f"bad key {TOKEN}"}}), "auth"),
    (fails(404, {"error": {"message": "no such model"}}), "not_found_model"),
    (fails(500, "<html>oops</html>"), "server"),
]


@pytest.mark.parametrize(("handler", "kind"), FAULTS, ids=[kind for _, kind in FAULTS])
async def test_trouble_is_null_for_ghost_text_told_once_and_an_error_for_chat(
    handler: Handler, kind: str
) -> None:
    async with FakeModelServer(handler) as model:
        settings = settings_for(model.url, accessToken=TOKEN)
        async with connected(settings=settings) as client:
            client.open(URI, CODE)
            for _ in range(3):
                assert await answered(client.ask(URI, 1, 4)) is None
            error = await error_of(client.command("foretype.chat", QUESTION))
            status = await answered(client.command("foretype.status"))

    assert model.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert error.data == {"kind": kind}
    assert len(client.messages) == 1
    assert status["troubles"] == {"Completion": kind}
    said = json.dumps([client.messages[0].message, error.message, status])
    assert TOKEN not in said
    assert "local" in error.message


async def test_an_unreachable_endpoint_is_null_for_ghost_text_and_an_error_for_chat() -> None:
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        client.open(URI, CODE)
        assert await answered(client.ask(URI, 1, 4)) is None
        error = await error_of(client.command("foretype.chat", QUESTION))

    assert error.data == {"kind": "unreachable"}
    assert "127.0.0.1:9" in error.message


async def test_a_bad_configuration_is_told_with_its_place_and_nothing_crashes(
    tmp_path: Path,
) -> None:
    file = tmp_path / "foretype.jsonc"
    file.write_text('{\n  "modelConfiguration": {\n    "providerOverrides": {}\n  }\n}\n')
    async with connected("--config", str(file)) as client:
        client.open(URI, CODE)
        assert await answered(client.ask(URI, 1, 4)) is None
        error = await error_of(client.command("foretype.chat", QUESTION))
        status = await answered(client.command("foretype.status"))

    assert error.data == {"kind": "configuration"}
    assert any(f"{file}:3:" in message.message for message in client.messages)
    assert status["defaultModels"] == {"chat": None, "fastChat": None, "codeCompletion": None}


async def test_settings_of_the_wrong_type_are_told_and_the_defaults_are_used() -> None:
    async with FakeModelServer(completes("return a + b")) as model:
        settings = {**settings_for(model.url), "inlineCompletion": {"enabled": 7, "debounceMS": 1}}
        async with connected(settings=settings) as client:
            client.open(URI, CODE)
            answer = await answered(client.ask(URI, 1, 4))

    assert answer.items
    told = " ".join(message.message for message in client.messages)
    assert "enabled" in told
    assert "debounceMs" in told


@pytest.mark.parametrize(
    ("uri", "language", "option"),
    [
        (URI, "python", {"enabled": False}),
        (URI, "python", {"languages": {"*": True, "python": False}}),
        ("file:///work/.env", "plaintext", {}),
        ("file:///work/secret/id_rsa", "plaintext", {}),
    ],
    ids=["off", "language", "env", "key"],
)
async def test_nothing_is_sent_where_completion_is_off(
    uri: str, language: str, option: dict[str, Any]
) -> None:
    async with FakeModelServer(completes("text")) as model:
        settings = {**settings_for(model.url), "inlineCompletion": {"debounceMs": 0, **option}}
        async with connected(settings=settings) as client:
            client.open(uri, "KEY=\n", language)
            assert await answered(client.ask(uri, 0, 4)) is None

    assert model.requests == []


async def test_a_request_with_unreadable_params_is_answered() -> None:
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        bad = {"textDocument": {"uri": 7}, "position": "top"}
        assert await answered(client.send_raw("textDocument/inlineCompletion", bad)) is None
        error = await error_of(client.command("foretype.nonsense"))

    assert error.code == types.ErrorCodes.InvalidParams


async def test_a_chat_running_at_shutdown_is_answered_and_the_server_ends_cleanly() -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        await model.wait_for_requests(1)
        await asyncio.wait_for(client.shutdown_async(None), 20)
        error = await error_of(request)
        late = await error_of(client.command("foretype.status"))
        client.exit(None)
        while client.exit_status is None:
            await asyncio.sleep(0.01)
        client.capabilities = None  # the session is over

    assert error.code == CANCELLED
    assert late.code == types.ErrorCodes.InvalidRequest
    assert client.exit_status == 0


async def test_a_bare_endpoint_serves_its_first_model() -> None:
    async def models(request: Request, reply: Reply) -> None:
        listed = [{"id": "Qwen/Qwen2.5-Coder-7B", "object": "model", "max_model_len": 8192}]
        await reply.json({"object": "list", "data": listed})

    handler = routed({"/v1/models": models, "/v1/completions": completes("return a + b")})
    async with FakeModelServer(handler) as model, connected("--endpoint", model.url) as client:
        client.open(URI, CODE)
        answer = await answered(client.ask(URI, 1, 4))
        status = await answered(client.command("foretype.status"))

    assert answer.items[0].insert_text == "return a + b"
    completion = next(r for r in model.requests if r.path == "/v1/completions")
    assert completion.body["model"] == "Qwen/Qwen2.5-Coder-7B"
    assert completion.body["prompt"].startswith("<|fim_prefix|>")
    assert status["defaultModels"]["codeCompletion"].startswith("endpoint::v1::")


async def test_a_gateways_models_are_reached_through_the_gateway() -> None:
    document = {
        "schemaVersion": "1.0",
        "revision": "7",
        "providers": [{"id": "team", "displayName": "Team"}],
        "models": [
            {
                "modelRef": "team::v1::starcoder2-7b",
                "displayName": "StarCoder2",
                "modelName": "starcoder2-7b",
                "capabilities": ["autocomplete", "chat"],
                "category": "balanced",
                "status": "stable",
                "contextWindow": {"maxInputTokens": 4000, "maxOutputTokens": 500},
            }
        ],
        "defaultModels": dict.fromkeys(FEATURES, "team::v1::starcoder2-7b"),
    }

    async def fetch(request: Request, reply: Reply) -> None:
        await reply.json(document)

    handler = routed({"/llm/models.json": fetch, "/llm/v1/completions": completes("return a + b")})
    async with FakeModelServer(handler) as model:
        gateway = f"{model.root}/llm/models.json"
        environment = {"FORETYPE_GATEWAY_TOKEN": TOKEN}
        async with connected("--gateway", gateway, environment=environment) as client:
            client.open(URI, CODE)
            answer = await answered(client.ask(URI, 1, 4))

    assert answer.items[0].insert_text == "return a + b"
    assert [r.headers["authorization"] for r in model.requests] == [f"Bearer {TOKEN}"] * 2


async def test_a_server_without_any_configuration_says_what_to_do() -> None:
    async with connected() as client:
        client.open(URI, CODE)
        assert await answered(client.ask(URI, 1, 4)) is None

    assert "--endpoint" in client.messages[0].message


async def test_a_configuration_given_later_is_taken_up_without_a_restart() -> None:
    async with FakeModelServer(completes("return a + b")) as model, connected() as client:
        client.open(URI, CODE)
        assert await answered(client.ask(URI, 1, 4)) is None
        client.configure(settings_for(model.url))
        while (answer := await answered(client.ask(URI, 1, 4))) is None:
            await asyncio.sleep(0.02)

    assert answer.items[0].insert_text == "return a + b"


async def test_a_document_edited_meanwhile_gets_no_misplaced_suggestion() -> None:
    async def waits(request: Request, reply: Reply) -> None:
        await released.wait()
        await completes("return a + b")(request, reply)

    released = asyncio.Event()
    async with (
        FakeModelServer(waits) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        request = client.ask(URI, 1, 4)
        await model.wait_for_requests(1)
        whole = types.TextDocumentContentChangeWholeDocument("x")
        identifier = types.VersionedTextDocumentIdentifier(2, URI)
        client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [whole]))
        await answered(client.command("foretype.status"))
        released.set()
        error = await error_of(request)

    assert error.code == CANCELLED


async def test_an_entry_selected_in_the_popup_menu_is_gone_on_from() -> None:
    async with (
        FakeModelServer(completes("('x')")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, "x = prin\n")
        span = types.Range(types.Position(0, 4), types.Position(0, 8))
        fitting = types.SelectedCompletionInfo(span, "println")
        answer = await answered(client.ask(URI, 0, 8, selected=fitting))
        other = types.SelectedCompletionInfo(span, "format")
        nothing = await answered(client.ask(URI, 0, 8, selected=other))

    assert answer.items[0].insert_text == "println('x')"
    assert answer.items[0].range == span
    assert model.requests[0].body["prompt"].startswith("<fim_prefix>x = println<fim_suffix>")
    assert not nothing.items
    assert len(model.requests) == 1


async def test_a_flaky_server_is_told_of_once_for_each_kind_of_trouble() -> None:
    turns = 0

    async def flaky(request: Request, reply: Reply) -> None:
        nonlocal turns
        turns += 1
        kinds = [fails(500, "oops"), completes("return a + b"), fails(429, "slow down")]
        await kinds[turns % 3](request, reply)

    async with (
        FakeModelServer(flaky) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open(URI, CODE)
        for _ in range(12):
            await answered(client.ask(URI, 1, 4))

    assert len(client.messages) == 2


async def test_an_endpoint_that_comes_up_late_is_found_when_it_is_asked_for() -> None:
    async def models(request: Request, reply: Reply) -> None:
        if not is_up:
            await reply.json({"error": "starting"}, status=503)
        else:
            await reply.json({"object": "list", "data": [{"id": "starcoder2-7b"}]})

    is_up = False
    handler = routed({"/v1/models": models, "/v1/completions": completes("return a + b")})
    async with FakeModelServer(handler) as model, connected("--endpoint", model.url) as client:
        client.open(URI, CODE)
        assert await answered(client.ask(URI, 1, 4)) is None
        is_up = True
        answer = await answered(client.ask(URI, 1, 4))

    assert answer.items[0].insert_text == "return a + b"


async def test_a_client_that_never_says_initialized_is_served() -> None:
    async with (
        FakeModelServer(completes("return a + b")) as model,
        connected(settings=settings_for(model.url), says_initialized=False) as client,
    ):
        client.open(URI, CODE)
        waiting = await answered(client.command("foretype.status"))
        answer = await answered(client.ask(URI, 1, 4))

    assert waiting["isLoading"] is True
    assert answer.items[0].insert_text == "return a + b"


async def test_settings_a_client_pushes_are_taken_when_it_hands_none_out() -> None:
    async with (
        FakeModelServer(completes("return a + b")) as model,
        connected(settings=settings_for(model.url), hands_out_settings=False) as client,
    ):
        client.open(URI, CODE)
        assert (await answered(client.ask(URI, 1, 4))).items
        pushed = {"foretype": {"inlineCompletion": {"enabled": False}}}
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(pushed))
        while await answered(client.ask(URI, 1, 4)) is not None:
            await asyncio.sleep(0.02)


async def test_settings_left_at_an_editors_defaults_erase_none_of_the_start() -> None:
    async with FakeModelServer(completes("return a + b")) as model:
        settings = settings_for(model.url)
        settings["inlineCompletion"]["excludedFiles"] = ["**/a.py"]
        async with connected(settings=settings) as client:
            defaults = {"endpoint": "", "modelConfiguration": None}
            client.configure({**defaults, "inlineCompletion": {"enabled": True}})
            await answered(client.command("foretype.reload"))
            client.open("file:///work/a.py", CODE)
            client.open(URI, CODE)
            excluded = await answered(client.ask("file:///work/a.py", 1, 4))
            answer = await answered(client.ask(URI, 1, 4))

    assert excluded is None
    assert answer.items


@pytest.mark.parametrize("settings", [["endpoint"], "http://127.0.0.1:9/v1"], ids=["list", "text"])
async def test_initialization_options_that_are_no_object_are_told(settings: Any) -> None:
    async with connected(settings=settings) as client:
        await answered(client.command("foretype.reload"))

    assert any("settings" in message.message for message in client.messages)


async def test_a_configuration_folder_that_cannot_be_entered_stops_nothing(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path / ("long" * 100))}
    async with FakeModelServer(completes("return a + b")) as model:
        arguments = ["--endpoint", model.url, "--model", "starcoder2-7b"]
        async with connected(*arguments, environment=environment) as client:
            client.open(URI, CODE)
            answer = await answered(client.ask(URI, 1, 4))

    assert answer.items[0].insert_text == "return a + b"


async def test_a_secret_in_an_endpoints_query_is_never_shown(tmp_path: Path) -> None:
    async def no_models(request: Request, reply: Reply) -> None:
        await reply.json({"data": []})

    log = tmp_path / "log"
    async with FakeModelServer(no_models) as model:
        endpoint = f"{model.url}?api_key={TOKEN}"
        async with connected("--endpoint", endpoint, "--log-file", str(log)) as client:
            error = await error_of(client.command("foretype.chat", QUESTION))
            status = await answered(client.command("foretype.status"))
    said = [message.message for message in client.messages]

    assert "lists no model" in error.message
    assert TOKEN not in json.dumps([said, error.message, status]) + log.read_text()
