"""`foretype.edit` in a real process: an instruction in, a minimal edit out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types

from tests.editing_editor import Buffer, checks_versions, edit_capabilities
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, fails, hangs
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import (
    CANCELLED,
    URI,
    answered,
    disconnected,
    error_of,
    settings_for,
)

CODE = "def add(a, b):\n«    total = a + b\n    return total\n»\n\nprint(add(1, 2))\n"
RENAMED = "Sure:\n```python\n    amount = a + b\n    return amount\n```\nDone as you asked.\n"
AFTER = CODE.replace("«", "").replace("»", "").replace("total", "amount")


def with_knobs(settings: dict[str, Any], **knobs: Any) -> dict[str, Any]:
    model = settings["modelConfiguration"]["modelOverrides"][0]
    model["clientSideConfig"] = {"openaicompatible": knobs}
    return settings


def says(*pieces: str, kind: str = "content", finish: str = "stop") -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        for piece in pieces:
            await reply.event({"choices": [{"index": 0, "delta": {kind: piece}}]})
        await reply.event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        await reply.event("[DONE]")

    return handler


def waits_for(event: asyncio.Event, text: str) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        for piece in ("```\n", text):
            await reply.event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            await event.wait()
        await reply.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        await reply.event("[DONE]")

    return handler


def asked_of(model: FakeModelServer, index: int = 0) -> str:
    return str(model.requests[index].body["messages"][-1]["content"])


@pytest.mark.parametrize("way", ["command", "request"])
@pytest.mark.parametrize("editor", ["neovim@v0.11.0", "visual-studio-code@v1.65.2"])
async def test_an_edit_touches_only_what_changes_and_is_applied(way: str, editor: str) -> None:
    async with (
        FakeModelServer(chats(RENAMED)) as model,
        connected(
            settings=settings_for(model.url), editor=editor, adjust=checks_versions
        ) as client,
    ):
        buffer = Buffer(client, URI, "x = '😀é'\n" + CODE)
        argument = buffer.argument("Rename total to amount.", token="t")
        if way == "command":
            result = await answered(client.command("foretype.edit", argument))
        else:
            result = (await answered(client.start("foretype/edit", argument)))._asdict()
        status = await answered(client.command("foretype.status"))

    (applied,) = buffer.applied
    assert result["applied"] is True
    assert buffer.text == "x = '😀é'\n" + AFTER
    assert applied.document_changes is not None
    assert isinstance(applied.document_changes[0], types.TextDocumentEdit)
    edits = applied.document_changes[0].edits
    assert [getattr(edit, "new_text", None) for edit in edits] == ["amount", "amount"]
    assert "".join(delta["content"] for delta in client.streamed["t"]) == RENAMED
    assert status["requests"]["edits"] == 1


async def test_the_model_sees_the_selection_what_is_around_it_and_the_instruction() -> None:
    async with (
        FakeModelServer(chats(RENAMED)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        far = "".join(f"line_{number}\n" for number in range(100))
        buffer = Buffer(client, URI, far + CODE + far)
        await answered(client.command("foretype.edit", buffer.argument("Rename it.")))

    system, user = model.requests[0].body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "    total = a + b\n    return total\n" in user["content"]
    assert "def add(a, b):\n" in user["content"]
    assert "print(add(1, 2))" in user["content"]
    assert user["content"].endswith("Instruction: Rename it.")
    seen = {int(word[5:]) for word in user["content"].split() if word.startswith("line_")}
    assert {60, 99, 0, 40} <= seen
    assert not {48, 49} & seen
    body = model.requests[0].body
    assert (body["temperature"], body["max_tokens"]) == (0.2, 1000)


async def test_an_edit_by_a_model_without_a_system_role_keeps_its_instructions() -> None:
    settings = settings_for("")
    model = settings["modelConfiguration"]["modelOverrides"][0]
    model["serverSideConfig"] = {"type": "openaicompatible", "systemRole": False}
    async with FakeModelServer(chats(RENAMED)) as server:
        provider = settings["modelConfiguration"]["providerOverrides"][0]
        provider["serverSideConfig"]["endpoints"] = [{"url": server.url}]
        async with connected(settings=settings) as client:
            buffer = Buffer(client, URI, CODE)
            await answered(client.command("foretype.edit", buffer.argument("Rename it.")))
    (turn,) = server.requests[0].body["messages"]
    assert turn["role"] == "user"
    assert turn["content"].startswith("You are Foretype, which edits source code")
    assert turn["content"].endswith("Instruction: Rename it.")
    assert buffer.text == AFTER


@pytest.mark.parametrize("applies", [True, False], ids=["able", "unable"])
async def test_an_edit_for_a_client_without_versions_is_a_list_of_changes(applies: bool) -> None:
    def adjust(capabilities: types.ClientCapabilities) -> None:
        edit_capabilities(capabilities).document_changes = None
        assert capabilities.workspace is not None
        capabilities.workspace.apply_edit = applies

    async with (
        FakeModelServer(chats(RENAMED)) as model,
        connected(settings=settings_for(model.url), adjust=adjust) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        result = await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    assert list(result["edit"]) == ["changes"]
    assert len(result["edit"]["changes"][URI]) == 2
    assert result["applied"] is applies
    assert len(buffer.applied) == applies


async def test_an_edit_is_not_applied_when_the_caller_or_the_client_does_not_want_it() -> None:
    async with (
        FakeModelServer(chats(RENAMED)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        argument = buffer.argument("Rename.", apply=False)
        given = await answered(client.command("foretype.edit", argument))
        assert not buffer.applied
        buffer.will_apply = False
        refused = await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    assert given["applied"] is refused["applied"] is False
    assert given["edit"] == refused["edit"]


async def test_crlf_tabs_and_the_last_newline_of_the_file_are_kept() -> None:
    marked = "func f() {\r\n«\tif a {\r\n\t\tb()\r\n\t}\r\n»}\r\n"
    async with (
        FakeModelServer(chats("```go\nif a {\n    b()\n    c()\n}\n```")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, "file:///work/a.go", marked, "go")
        await answered(client.command("foretype.edit", buffer.argument("Call c, too.")))

    assert buffer.text == "func f() {\r\n\tif a {\r\n\t\tb()\r\n\t\tc()\r\n\t}\r\n}\r\n"
    (edit,) = (buffer.applied[0].changes or {})["file:///work/a.go"]
    assert edit.new_text == "\t\tc()\r\n"


async def test_an_empty_range_is_a_place_to_insert_at() -> None:
    async with (
        FakeModelServer(chats("```python\nreturn a + b\n```")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, "def add(a, b):\n    «»\n")
        await answered(client.command("foretype.edit", buffer.argument("Write the body.")))

    assert buffer.text == "def add(a, b):\n    return a + b\n"
    assert "def add(a, b):\n    <CURSOR/>" in asked_of(model)


def _edit_both(buffer: Buffer) -> None:
    buffer.insert(0, "# 😀\n")
    buffer.edit("1, 2", "3, 4")


EDITS: dict[str, Callable[[Buffer], None]] = {
    "above": lambda buffer: buffer.insert(0, "import os\n\n"),
    "below": lambda buffer: buffer.edit("print(add(1, 2))", "pass"),
    "both": _edit_both,
    "whole": lambda buffer: buffer.replace_all("# new\n" + buffer.text),
    "end": lambda buffer: buffer.insert(3, "# behind\n"),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
async def test_an_edit_follows_what_changes_around_it(change: Callable[[Buffer], None]) -> None:
    go_on = asyncio.Event()
    async with (
        FakeModelServer(waits_for(go_on, RENAMED.removeprefix("Sure:\n```python\n"))) as model,
        connected(settings=settings_for(model.url), adjust=checks_versions) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        request = client.command("foretype.edit", buffer.argument("Rename.", token="t"))
        await until_streamed(client)
        change(buffer)
        # Once this is answered, the server knows of the change.
        await answered(client.command("foretype.status"))
        expected = buffer.text.replace("total", "amount")
        go_on.set()
        await answered(request)

    assert buffer.text == expected


async def until_streamed(client: Client) -> None:
    async with asyncio.timeout(30):
        while not client.streamed.get("t"):
            await asyncio.sleep(0.01)


TOUCHES: dict[str, Callable[[Buffer], None]] = {
    "inside": lambda buffer: buffer.edit("total = a", "total = 0 + a"),
    "across": lambda buffer: buffer.edit("b):\n    total", "c):\n    total"),
    "whole": lambda buffer: buffer.replace_all(buffer.text.replace("return total", "return 0")),
    "closed": lambda buffer: buffer.client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(URI))
    ),
}


@pytest.mark.parametrize("change", TOUCHES.values(), ids=TOUCHES)
async def test_an_edit_of_what_has_changed_is_refused_and_its_text_kept(
    change: Callable[[Buffer], None],
) -> None:
    go_on = asyncio.Event()
    async with (
        FakeModelServer(waits_for(go_on, "    return 7\n```")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        request = client.command("foretype.edit", buffer.argument("Rename.", token="t"))
        await until_streamed(client)
        change(buffer)
        # Once this is answered, the server knows of the change.
        await answered(client.command("foretype.status"))
        go_on.set()
        error = await error_of(request)

    assert error.data == {"kind": "bad_request", "partial": "    return 7"}
    assert "changed while the model wrote" in error.message
    assert not buffer.applied


NO_EDITS: list[tuple[Handler, str, dict[str, str]]] = [
    (says(""), "wrote no answer", {"kind": "bad_request"}),
    (says("Hmm.", kind="reasoning_content"), "thought and then wrote", {"kind": "bad_request"}),
    (
        says("I cannot see any such variable here."),
        "explanation and no code",
        {"kind": "bad_request", "partial": "I cannot see any such variable here."},
    ),
    (
        says("```python\nx = ", finish="length"),
        "limit of 1000 tokens",
        {"kind": "incomplete", "partial": "```python\nx = "},
    ),
]


@pytest.mark.parametrize(
    ("handler", "said", "data"), NO_EDITS, ids=["nothing", "thinking", "prose", "cut"]
)
async def test_an_answer_that_is_no_edit_is_told_in_a_sentence_and_changes_nothing(
    handler: Handler, said: str, data: dict[str, str]
) -> None:
    async with (
        FakeModelServer(handler) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        error = await error_of(client.command("foretype.edit", buffer.argument("Rename.")))

    assert said in error.message
    assert error.data == data
    assert not buffer.applied


async def test_talk_that_is_cut_off_after_the_code_does_no_harm() -> None:
    async with (
        FakeModelServer(says(RENAMED, "And so on and", finish="length")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    assert buffer.text == AFTER


async def test_thinking_is_streamed_apart_and_is_no_part_of_the_edit() -> None:
    async def thinks(request: Request, reply: Reply) -> None:
        for delta in ({"reasoning_content": "```\nnot this\n```"}, {"content": RENAMED}):
            await reply.event({"choices": [{"index": 0, "delta": delta}]})
        await reply.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})

    async with (
        FakeModelServer(thinks) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        await answered(client.command("foretype.edit", buffer.argument("Rename.", token="t")))

    assert buffer.text == AFTER
    assert client.streamed["t"][0] == {"type": "reasoning", "content": "```\nnot this\n```"}


async def test_a_failure_in_the_middle_keeps_what_came() -> None:
    async def cut(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "delta": {"content": "```\nhalf"}}]})
        await reply.cut()

    async with (
        FakeModelServer(cut) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        error = await error_of(client.command("foretype.edit", buffer.argument("Rename.")))

    assert error.data == {"kind": "incomplete", "partial": "```\nhalf"}


@pytest.mark.parametrize("way", ["command", "request", "token"])
async def test_cancelling_an_edit_closes_its_connection(way: str) -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        argument = Buffer(client, URI, CODE).argument("Rename.", token="t")
        if way == "request":
            request = client.start("foretype/edit", argument)
        else:
            request = client.command("foretype.edit", argument)
        await model.wait_for_requests(1)
        if way == "token":
            client.cancel_progress("t")
        else:
            client.cancel(request)
        error = await error_of(request)
        await disconnected(model.requests[0])

    assert error.code == CANCELLED


@pytest.mark.parametrize(
    ("uri", "more", "said"),
    [
        ("file:///work/other.py", {}, "Open file:///work/other.py"),
        ("file:///work/.env", {}, "excludedFiles"),
        (URI, {"instruction": "  "}, "instruction"),
        (URI, {"range": {"start": {"line": -1, "character": 0}}}, "range"),
        (URI, {"model": "no-such-model"}, "no-such-model"),
        (URI, {"apply": "no"}, "apply"),
    ],
    ids=["unopened", "excluded", "blank", "range", "model", "type"],
)
async def test_what_cannot_be_edited_is_told_in_one_sentence_and_no_model_is_asked(
    uri: str, more: dict[str, Any], said: str
) -> None:
    async with (
        FakeModelServer(chats(RENAMED)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        client.open("file:///work/.env", "KEY=1\n", "plaintext")
        argument = {**Buffer(client, URI, CODE).argument("Rename."), "uri": uri, **more}
        error = await error_of(client.command("foretype.edit", argument))

    assert said in error.message
    assert "\n" not in error.message
    assert error.data in ({"kind": "bad_request"}, {"kind": "configuration"})
    assert not model.requests


@pytest.mark.parametrize(
    ("window", "lines", "said"),
    [((500, 1000), 200, "reads at most 250"), ((4000, 100), 60, "writes at most 100")],
    ids=["input", "output"],
)
async def test_a_selection_too_large_for_the_model_is_told_before_asking(
    window: tuple[int, int], lines: int, said: str
) -> None:
    async with FakeModelServer(chats(RENAMED)) as model:
        settings = settings_for(model.url)
        settings["modelConfiguration"]["modelOverrides"][0]["contextWindow"] = {
            "maxInputTokens": window[0],
            "maxOutputTokens": window[1],
        }
        async with connected(settings=settings) as client:
            buffer = Buffer(client, URI, "«" + "total = 0\n" * lines + "»")
            error = await error_of(client.command("foretype.edit", buffer.argument("Rename.")))

    assert said in error.message
    assert error.data == {"kind": "context_overflow"}
    assert not model.requests


async def test_what_stands_around_gives_way_to_the_window() -> None:
    async with FakeModelServer(chats(RENAMED)) as model:
        settings = settings_for(model.url)
        window = {"maxInputTokens": 1000, "maxOutputTokens": 1000}
        settings["modelConfiguration"]["modelOverrides"][0]["contextWindow"] = window
        async with connected(settings=settings) as client:
            around = "".join(f"some_name_{number} = {number}\n" for number in range(50))
            buffer = Buffer(client, URI, around + CODE + around)
            await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    sent = sum(len(message["content"]) for message in model.requests[0].body["messages"])
    assert 1200 < sent <= 1500
    assert "some_name_49" in asked_of(model)
    assert "\nsome_name_0 = 0\n" in asked_of(model)
    assert buffer.text == around + AFTER + around


async def test_the_knobs_of_edits_are_sent_zeros_too() -> None:
    async with FakeModelServer(chats(RENAMED)) as model:
        knobs = {
            "editTopK": 0, "editTopP": 0, "editTemperature": 0, "editMaxTokens": 77,
            "chatTemperature": 0.9, "chatTopP": 0.8, "chatMaxTokens": 5,
        }  # fmt: skip
        settings = with_knobs(settings_for(model.url), **knobs)
        settings["modelConfiguration"]["providerOverrides"][0]["serverSideConfig"]["type"] = (
            "huggingface-tgi"
        )
        async with connected(settings=settings) as client:
            buffer = Buffer(client, URI, CODE)
            await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    body = model.requests[0].body
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0, 0, 77)


@pytest.mark.parametrize(
    ("user", "said"),
    [("", "Model's own words."), ("User's own words.", "User's own words.")],
    ids=["model", "user"],
)
async def test_the_text_after_an_instruction_is_the_models_unless_the_user_has_one(
    user: str, said: str
) -> None:
    async with FakeModelServer(chats(RENAMED)) as model:
        settings = with_knobs(settings_for(model.url), editPostInstruction="Model's own words.")
        settings["edit"] = {"postInstruction": user}
        async with connected(settings=settings) as client:
            buffer = Buffer(client, URI, CODE)
            await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    assert asked_of(model).endswith(f"Instruction: Rename.\n\n{said}")


async def test_another_model_can_be_named() -> None:
    async with FakeModelServer(chats(RENAMED)) as model:
        settings = settings_for(model.url)
        models = settings["modelConfiguration"]["modelOverrides"]
        models.append({**models[0], "modelRef": "local::v1::big", "modelName": "big"})
        async with connected(settings=settings) as client:
            buffer = Buffer(client, URI, CODE)
            argument = buffer.argument("Rename.", model="local::v1::big")
            await answered(client.command("foretype.edit", argument))

    assert model.requests[0].body["model"] == "big"


async def test_trouble_of_the_model_server_is_an_error_of_its_kind() -> None:
    async with (
        FakeModelServer(fails(401, {"error": {"message": "no"}})) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        error = await error_of(client.command("foretype.edit", buffer.argument("Rename.")))

    assert error.data == {"kind": "auth"}


async def test_an_answer_that_changes_nothing_is_an_edit_without_changes() -> None:
    same = "```python\n    total = a + b\n    return total\n```"
    async with (
        FakeModelServer(chats(same)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        result = await answered(client.command("foretype.edit", buffer.argument("Rename.")))

    assert result == {"edit": {"changes": {}}, "applied": False}
    assert not buffer.applied
