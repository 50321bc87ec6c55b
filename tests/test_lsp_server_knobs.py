"""Every knob of `clientSideConfig.openAICompatible`, seen in what reaches the model server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from config.rendered import Knobs
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    hangs,
    routes,
)
from tests.lsp_client import connected
from tests.test_lsp_server_requests import URI, answered, settings_for

BLOCK = "def add(a, b):\n    "
LINE = "value = "
OTHER_URI = "file:///work/other.txt"
ABSENT = object()


def settings_with(url: str, knobs: dict[str, Any], **options: Any) -> dict[str, Any]:
    settings = settings_for(url)
    (model,) = settings["modelConfiguration"]["modelOverrides"]
    model["clientSideConfig"] = {"openaicompatible": knobs}
    # It has no tokens of its own, so that the prompt is the text.
    model["serverSideConfig"] = {"type": "openaicompatible", "fimFamily": "none"}
    return settings | options


def vllm(answers: Handler) -> Handler:
    """A server that is known to take `top_k`."""

    async def models(_: Request, reply: Reply) -> None:
        await reply.json({"data": [{"id": "starcoder2-7b", "owned_by": "vllm"}]})

    way = {"/v1/completions": answers, "/v1/chat/completions": answers}
    return routes({"/v1/models": models, **way})


async def until_known(server: FakeModelServer, knobs: dict[str, Any]) -> None:
    """Wait until the server has been asked what it is, which is done when a knob needs it."""
    if any(name.endswith("TopK") and value >= 0 for name, value in knobs.items()):
        await server.wait_for_requests(2)
        await asyncio.sleep(1)


async def completed(
    knobs: dict[str, Any], text: str = LINE, written: str = "1"
) -> tuple[dict[str, Any], list[str]]:
    """What is sent to complete a text at its end, and what is offered for it."""
    async with FakeModelServer(vllm(completes(written))) as server:
        async with connected(settings=settings_with(server.url, knobs)) as client:
            lines = text.split("\n")
            # What the server takes is learned beside the first request.
            for uri in (OTHER_URI, URI):
                client.open(uri, text)
                result = await answered(client.ask(uri, len(lines) - 1, len(lines[-1])))
                await until_known(server, knobs)
        body = [request.body for request in server.requests if request.method == "POST"][-1]
    assert isinstance(result, types.InlineCompletionList)
    return body, [str(item.insert_text) for item in result.items]


async def chatted(knobs: dict[str, Any], **options: Any) -> dict[str, Any]:
    async with FakeModelServer(vllm(chats("hello"))) as server:
        async with connected(settings=settings_with(server.url, knobs, **options)) as client:
            argument = {"messages": [{"role": "user", "content": "Hi."}]}
            for _ in range(2):
                await answered(client.command("foretype.chat", argument))
                await until_known(server, knobs)
        body = [request.body for request in server.requests if request.method == "POST"][-1]
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("knob", "value", "field", "sent"),
    [
        ("autoCompleteTopK", 40, "top_k", 40),
        ("autoCompleteTopK", 0, "top_k", 0),
        ("autoCompleteTopK", -1, "top_k", ABSENT),
        ("autoCompleteTopP", 0.5, "top_p", 0.5),
        ("autoCompleteTopP", 0, "top_p", 0),
        ("autoCompleteTopP", -1, "top_p", ABSENT),
        ("autoCompleteTemperature", 0.7, "temperature", 0.7),
        ("autoCompleteTemperature", 0, "temperature", 0),
        ("autoCompleteSinglelineMaxTokens", 17, "max_tokens", 17),
        ("autoCompleteMultilineMaxTokens", 17, "max_tokens", 80),
    ],
)
async def test_the_sampling_of_completions(
    knob: str, value: float, field: str, sent: object
) -> None:
    body, _ = await completed({knob: value})
    assert body.get(field, ABSENT) == sent


async def test_the_length_of_blocks_is_a_knob_of_its_own() -> None:
    knobs = {"autoCompleteSinglelineMaxTokens": 17, "autoCompleteMultilineMaxTokens": 171}
    block, _ = await completed(knobs, BLOCK)
    line, _ = await completed(knobs, LINE)
    assert (block["max_tokens"], line["max_tokens"]) == (171, 17)


@pytest.mark.parametrize(
    ("knob", "value", "field", "sent"),
    [
        ("chatTopK", 40, "top_k", 40),
        ("chatTopK", 0, "top_k", 0),
        ("chatTopK", -1, "top_k", ABSENT),
        ("chatTopP", 0.5, "top_p", 0.5),
        ("chatTopP", 0, "top_p", 0),
        ("chatTopP", -1, "top_p", ABSENT),
        ("chatTemperature", 0.7, "temperature", 0.7),
        ("chatTemperature", 0, "temperature", 0),
        ("chatMaxTokens", 17, "max_tokens", 17),
        ("chatMaxTokens", 5000, "max_tokens", 1000),
    ],
)
async def test_the_sampling_of_chats(knob: str, value: float, field: str, sent: object) -> None:
    assert (await chatted({knob: value})).get(field, ABSENT) == sent


async def test_chats_begin_with_the_models_instruction_unless_the_user_has_one() -> None:
    knobs = {"chatPreInstruction": "Answer in verse."}
    models = (await chatted(knobs))["messages"][0]
    users = (await chatted(knobs, chat={"preInstruction": "Answer in prose."}))["messages"][0]
    assert (models["role"], users["role"]) == ("system", "system")
    assert "Answer in verse." in models["content"]
    assert "Answer in prose." in users["content"]
    assert "verse" not in users["content"]


async def test_stops_are_sent_and_end_the_answer() -> None:
    knobs = {"stopSequences": ["@@", "%%"]}
    body, offered = await completed(knobs, written="compute(1)%% and more")
    assert body["stop"][:2] == ["@@", "%%"]
    assert offered == ["compute(1)"]
    chat = await chatted(knobs)
    assert chat["stop"] == ["@@", "%%"]


async def test_the_end_of_text_is_sent_and_cut_off() -> None:
    body, offered = await completed({"endOfText": "<EOX>"}, written="compute(1)<EOX>import os")
    assert "<EOX>" in body["stop"]
    assert offered == ["compute(1)"]


async def test_the_size_of_everything_is_a_limit() -> None:
    text = "value = 1\n" * 1000 + LINE
    small, _ = await completed({"contextSizeHintTotalCharacters": 1000}, text)
    large, _ = await completed({"contextSizeHintTotalCharacters": 4000}, text)
    assert 400 < len(small["prompt"]) <= 1000
    assert 1600 < len(large["prompt"]) <= 4000


async def test_the_size_of_the_text_before_the_cursor_is_a_limit() -> None:
    text = "value = 1\n" * 1000 + LINE
    body, _ = await completed({"contextSizeHintPrefixCharacters": 500}, text)
    assert 300 < len(body["prompt"]) <= 500


@pytest.mark.parametrize("size", [0, 500])
async def test_the_size_of_the_text_after_the_cursor_is_a_limit(size: int) -> None:
    knobs = {"contextSizeHintSuffixCharacters": size}
    async with FakeModelServer(completes("1")) as server:
        settings = settings_with(server.url, knobs)
        (model,) = settings["modelConfiguration"]["modelOverrides"]
        model["serverSideConfig"]["fimFamily"] = "starcoder"
        async with connected(settings=settings) as client:
            client.open(URI, LINE + "\n" + "value = 1\n" * 1000)
            await answered(client.ask(URI, 0, len(LINE)))
        prompt = server.requests[0].body["prompt"]
    suffix = prompt.partition("<fim_suffix>")[2].removesuffix("<fim_middle>")
    assert len(suffix) == size


@pytest.mark.parametrize(
    ("knob", "text", "is_for_it"),
    [
        ("autocompleteSinglelineTimeout", LINE, True),
        ("autocompleteSinglelineTimeout", BLOCK, False),
        ("autocompleteMultilineTimeout", BLOCK, True),
        ("autocompleteMultilineTimeout", LINE, False),
    ],
)
async def test_waiting_ends_after_the_time_for_a_line_or_a_block(
    knob: str, text: str, *, is_for_it: bool
) -> None:
    other = {
        "autocompleteSinglelineTimeout": 90_000,
        "autocompleteMultilineTimeout": 90_000,
    }
    async with FakeModelServer(hangs()) as server:
        settings = settings_with(server.url, {**other, knob: 400})
        async with connected(settings=settings) as client:
            client.open(URI, text)
            lines = text.split("\n")
            request = client.ask(URI, len(lines) - 1, len(lines[-1]))
            await server.wait_for_requests(1)
            if is_for_it:
                assert await answered(request) is None
            else:
                await asyncio.sleep(1.0)
                assert not request.done()


async def edited(knobs: dict[str, Any]) -> dict[str, Any]:
    async with FakeModelServer(vllm(chats("```python\nvalue = 2\n```"))) as server:
        async with connected(settings=settings_with(server.url, knobs)) as client:
            client.open(URI, "value = 1\n")
            whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
            argument = {"uri": URI, "range": whole, "instruction": "Count.", "apply": False}
            for _ in range(2):
                await answered(client.command("foretype.edit", argument))
                await until_known(server, knobs)
        body = [request.body for request in server.requests if request.method == "POST"][-1]
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize(
    ("knob", "value", "field", "sent"),
    [
        ("editTopK", 40, "top_k", 40),
        ("editTopK", 0, "top_k", 0),
        ("editTopK", -1, "top_k", ABSENT),
        ("editTopP", 0.5, "top_p", 0.5),
        ("editTopP", 0, "top_p", 0),
        ("editTemperature", 0.7, "temperature", 0.7),
        ("editTemperature", 0, "temperature", 0),
        ("editMaxTokens", 17, "max_tokens", 17),
    ],
)
async def test_the_sampling_of_edits(knob: str, value: float, field: str, sent: object) -> None:
    assert (await edited({knob: value})).get(field, ABSENT) == sent


async def test_edits_end_with_the_models_instruction() -> None:
    sent = await edited({"editPostInstruction": "Use tabs."})
    assert sent["messages"][-1]["content"].endswith("Use tabs.")


def test_every_knob_has_a_test_here() -> None:
    fields = Knobs.model_fields.values()
    names = {str(field.alias) for field in fields}
    text = Path(__file__).read_text(encoding="utf-8")
    assert len(names) == 22
    assert {name for name in names if f'"{name}"' not in text} == set()
