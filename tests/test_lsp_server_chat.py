"""`foretype.chat` of a real `foretype serve` process against a scripted model server."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, completes
from tests.fake_model_server import routes as routed
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import CANCELLED, CODE, URI, answered, error_of, settings_for

QUESTION = {"messages": [{"role": "user", "content": "Why?"}], "token": "t"}
FAST = "local::v1::quick"
COMPLETER = "local::v1::completer"


def chat_settings(url: str, window: int = 4000, **knobs: Any) -> dict[str, Any]:
    """Three models: one for chats, a fast one, and one that only completes."""
    settings = settings_for(url)
    configuration = settings["modelConfiguration"]
    (model,) = configuration["modelOverrides"]
    model["contextWindow"]["maxInputTokens"] = window
    if knobs:
        model["clientSideConfig"] = {"openaicompatible": knobs}
    quick = {**model, "modelRef": FAST, "modelName": "quick"}
    completer = {**model, "modelRef": COMPLETER, "modelName": "c", "capabilities": ["autocomplete"]}
    configuration["modelOverrides"] += [quick, completer]
    configuration["defaultModels"]["fastChat"] = FAST
    return settings


def said(client: Client, under: str = "t", kind: str = "delta") -> str:
    pieces = client.streamed.get(under, [])
    return "".join(piece["content"] for piece in pieces if piece["type"] == kind)


def messages(*contents: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(contents)]


def streams(*deltas: dict[str, Any], finish: str = "stop", delay_s: float = 0.0) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        for delta in deltas:
            await reply.event({"choices": [{"index": 0, "delta": delta}]})
            await asyncio.sleep(delay_s)
        await reply.event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        await reply.event("[DONE]")

    return handler


async def ask(
    argument: dict[str, Any], handler: Handler | None = None, settings: dict[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One chat: the request's body and the result."""
    async with FakeModelServer(handler or chats("ok")) as model:
        given = {**chat_settings(model.url), **(settings or {})}
        async with connected(settings=given) as client:
            result = await answered(client.command("foretype.chat", argument))
    return model.requests[-1].body, result


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (None, "starcoder2-7b"),
        ("chat", "starcoder2-7b"),
        ("fastChat", "quick"),
        (FAST, "quick"),
        ("quick", "quick"),
    ],
)
async def test_the_model_is_that_of_a_feature_or_the_one_named(
    model: str | None, name: str
) -> None:
    body, result = await ask({**QUESTION, "model": model})

    assert body["model"] == name
    assert result["model"].endswith(name)


@pytest.mark.parametrize(
    ("model", "told"), [(COMPLETER, "cannot chat"), ("nothing-like-it", "There is no model")]
)
async def test_a_model_that_cannot_be_asked_is_told_in_one_sentence(model: str, told: str) -> None:
    async with connected(settings=chat_settings("http://127.0.0.1:9/v1")) as client:
        error = await error_of(client.command("foretype.chat", {**QUESTION, "model": model}))

    assert error.data == {"kind": "configuration"}
    assert told in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize(("own", "expected"), [("", "MODEL"), ("USER", "USER")])
async def test_the_instructions_of_site_and_user_or_model_are_the_system_message(
    own: str, expected: str
) -> None:
    async with FakeModelServer(chats("ok")) as model:
        settings = chat_settings(model.url, chatPreInstruction="MODEL")
        settings["modelConfiguration"]["systemPreInstruction"] = "SITE"
        settings["chat"] = {"preInstruction": own}
        async with connected(settings=settings) as client:
            await answered(client.command("foretype.chat", QUESTION))
    system, question = model.requests[0].body["messages"]

    assert system["role"] == "system"
    assert system["content"].startswith("You are Foretype")
    assert system["content"].endswith(f"SITE\n\n{expected}")
    assert question == {"role": "user", "content": "Why?"}


async def test_turns_alternate_whatever_the_client_kept_of_failed_ones() -> None:
    turns = [
        {"role": "assistant", "content": "Welcome!"},
        *messages("first", "  ", "second", "answer"),
        {"role": "user", "content": "third"},
        {"role": "user", "content": "fourth"},
    ]
    body, result = await ask({"messages": turns})

    assert body["messages"][1:] == messages("first\n\nsecond", "answer", "third\n\nfourth")
    assert result["omitted"] == {"turns": 1, "characters": 0, "files": []}


async def test_the_models_knobs_are_sent_zero_included_and_the_arguments_win() -> None:
    knobs: dict[str, Any] = {"chatTemperature": 0, "chatTopP": 0.5, "chatMaxTokens": 321}
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=chat_settings(model.url, **knobs)) as client,
    ):
        await answered(client.command("foretype.chat", QUESTION))
        asked = {**QUESTION, "temperature": 0.9, "maxTokens": 12}
        await answered(client.command("foretype.chat", asked))
    plain, own = (request.body for request in model.requests)

    assert (plain["temperature"], plain["top_p"], plain["max_tokens"]) == (0, 0.5, 321)
    assert (own["temperature"], own["max_tokens"]) == (0.9, 12)


async def test_the_oldest_pairs_go_first_and_the_result_says_so() -> None:
    old = [f"turn {number}: " + "words and more words " * 40 for number in range(40)]
    body, result = await ask({"messages": messages(*old, "the question")})
    _, *kept, newest = body["messages"]

    assert newest["content"] == "the question"
    assert 2 <= len(kept) < 40
    assert [turn["content"] for turn in kept] == old[-len(kept) :]
    assert kept[0]["role"] == "user"
    assert result["omitted"] == {"turns": 40 - len(kept), "characters": 0, "files": []}
    assert all("omitted" not in turn for turn in body["messages"])
    sent = sum(len(turn["content"]) for turn in body["messages"])
    assert 10_000 < sent < 4000 * 5.5


async def test_nothing_is_said_to_be_left_out_when_nothing_is() -> None:
    _, result = await ask(QUESTION)

    assert "omitted" not in result


async def test_an_attachment_is_clipped_and_not_lost_and_a_small_one_stays_whole() -> None:
    large = "".join(f"value_{number} = {number}\n" for number in range(20_000))
    argument = {
        "messages": messages("old question " * 200, "old answer " * 200, "What is it?"),
        "context": [{"uri": "file:///w/large.py"}, {"uri": "file:///w/a%20small.py"}],
    }
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        client.open("file:///w/large.py", large)
        client.open("file:///w/a%20small.py", "small = 1\n")
        result = await answered(client.command("foretype.chat", argument))
    system = model.requests[0].body["messages"][0]["content"]

    assert result["omitted"]["files"] == ["file:///w/large.py"]
    assert result["omitted"]["characters"] > 250_000
    assert f"[... {result['omitted']['characters']} characters are left out here ...]" in system
    assert "large.py:\n```python\nvalue_0 = 0\n" in system
    assert "value_19999 = 19999\n```" in system
    assert "a small.py:\n```python\nsmall = 1\n```" in system
    assert len(model.requests[0].body["messages"]) == 4


async def test_a_range_names_its_lines_and_diagnostics_go_with_it() -> None:
    text = "first\nsecond = unknown\nthird\n"
    span = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
    finding = {
        "range": {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 16}},
        "message": "undefined name\n'unknown'",
        "severity": 1,
        "source": "pyflakes",
        "code": "F821",
    }
    argument = {**QUESTION, "context": [{"uri": URI, "range": span, "diagnostics": [finding, "!"]}]}
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        client.open(URI, text)
        await answered(client.command("foretype.chat", argument))
    system = model.requests[0].body["messages"][0]["content"]

    assert "sum.py, line 2:\n```python\nsecond = unknown\n```\n" in system
    assert "- line 2, error, pyflakes F821: undefined name 'unknown'\n- !" in system
    assert "third" not in system


async def test_a_text_with_fences_is_put_into_a_longer_one() -> None:
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        client.open(URI, "````\nquoted\n````\n", "markdown")
        await answered(client.command("foretype.chat", {**QUESTION, "context": [{"uri": URI}]}))
    system = model.requests[0].body["messages"][0]["content"]

    assert "`````markdown\n````\nquoted\n````\n`````" in system


async def test_an_excluded_document_is_never_attached() -> None:
    uri = "file:///w/.env"
    async with (
        FakeModelServer(chats("ok")) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        client.open(uri, "KEY=planted\n")
        argument = {**QUESTION, "context": [{"uri": uri}]}
        error = await error_of(client.command("foretype.chat", argument))

    assert "excludedFiles" in error.message
    assert not model.requests


async def test_a_paste_of_ten_megabytes_is_clipped() -> None:
    paste = "What is wrong here?\n" + "x = compute(x, y)\n" * 580_000 + "Tell me."
    async with (
        FakeModelServer(routed_both("ok")) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        client.open(URI, CODE)
        result = await asyncio.wait_for(
            client.command("foretype.chat", {"messages": messages(paste)}), 20
        )
    sent = model.requests[-1].body["messages"][-1]["content"]

    assert sent.startswith("What is wrong here?\n")
    assert sent.endswith("Tell me.")
    assert len(sent) < 25_000
    assert result["omitted"]["characters"] > 10_000_000


def routed_both(text: str) -> Handler:
    return routed({"/v1/chat/completions": chats(text), "/v1/completions": completes(text)})


async def test_a_window_smaller_than_configured_is_found_and_the_chat_fits_it() -> None:
    async def small(request: Request, reply: Reply) -> None:
        if len(str(request.body["messages"])) > 4000:
            message = "This model's maximum context length is 1024 tokens"
            await reply.json({"error": {"message": message}}, 400)
        else:
            await chats("fits")(request, reply)

    old = ["words and more words " * 20 for _ in range(20)]
    _, result = await ask({"messages": messages(*old, "now?")}, small)

    assert result["content"] == "fits"
    assert result["omitted"]["turns"] >= 10


async def test_a_chat_that_cannot_be_made_smaller_says_that_it_is_too_long() -> None:
    async def refuses(request: Request, reply: Reply) -> None:
        message = "This model's maximum context length is 16 tokens"
        await reply.json({"error": {"message": message}}, 400)

    async with (
        FakeModelServer(refuses) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        error = await error_of(client.command("foretype.chat", QUESTION))

    assert error.data == {"kind": "context_overflow"}
    assert len(model.requests) <= 3


async def test_many_deltas_become_fewer_messages_and_none_is_lost_or_reordered() -> None:
    words = [f"{number} " for number in range(3000)]
    handler = streams(*({"content": word} for word in words))
    async with (
        FakeModelServer(handler) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        result = await asyncio.wait_for(client.command("foretype.chat", QUESTION), 25)

    assert said(client) == result["content"] == "".join(words)
    assert 1 < len(client.streamed["t"]) < 1000


async def test_the_first_delta_goes_out_at_once() -> None:
    async def one_word(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "delta": {"content": "one"}}]})
        await request.disconnected.wait()

    async with (
        FakeModelServer(one_word) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        async with asyncio.timeout(20):
            while not said(client):
                await asyncio.sleep(0.005)
        client.cancel(request)
        await error_of(request)

    assert said(client) == "one"


async def test_what_came_is_sent_though_the_model_pauses() -> None:
    async def pauses(request: Request, reply: Reply) -> None:
        for word in ("one ", "two ", "three"):
            await reply.event({"choices": [{"index": 0, "delta": {"content": word}}]})
        await request.disconnected.wait()

    async with (
        FakeModelServer(pauses) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        async with asyncio.timeout(20):
            while said(client) != "one two three":
                await asyncio.sleep(0.005)
        client.cancel(request)
        error = await error_of(request)

    assert error.code == CANCELLED


async def test_thinking_is_streamed_apart_in_its_place_and_is_no_part_of_the_answer() -> None:
    pieces: Sequence[dict[str, Any]] = [
        {"reasoning_content": "let "},
        {"reasoning_content": "me see"},
        {"content": "It is "},
        {"content": "so."},
    ]
    async with (
        FakeModelServer(streams(*pieces)) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        result = await answered(client.command("foretype.chat", QUESTION))
    kinds = [piece["type"] for piece in client.streamed["t"]]

    assert said(client, kind="reasoning") == "let me see"
    assert said(client) == result["content"] == "It is so."
    assert kinds == sorted(kinds, reverse=True)


@pytest.mark.parametrize("way", ["cancel", "token"])
async def test_a_cancel_while_deltas_pour_in_ends_the_stream_and_the_connection(way: str) -> None:
    pour = streams(*({"content": "x"} for _ in range(100_000)), delay_s=0.001)
    async with (
        FakeModelServer(pour) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        request = client.command("foretype.chat", QUESTION)
        while len(client.streamed.get("t", [])) < 5:
            await asyncio.sleep(0.005)
        if way == "cancel":
            client.cancel(request)
        else:
            client.cancel_progress("t")
        error = await error_of(request)
        at_the_answer = len(client.streamed["t"])
        await asyncio.wait_for(model.requests[0].disconnected.wait(), 30)
        await asyncio.sleep(0.1)
        status = await answered(client.command("foretype.status"))

    assert error.code == CANCELLED
    assert len(client.streamed["t"]) == at_the_answer
    assert status["requests"]["chatCompletionTokens"] > 0


async def test_a_cancel_by_token_ends_all_chats_under_it() -> None:
    pour = streams(*({"content": "x"} for _ in range(100_000)), delay_s=0.001)
    async with (
        FakeModelServer(pour) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        running = [client.command("foretype.chat", QUESTION) for _ in range(2)]
        while len(model.requests) < 2 or not client.streamed.get("t"):
            await asyncio.sleep(0.005)
        client.cancel_progress("t")
        errors = await asyncio.gather(*map(error_of, running))
        for request in model.requests:
            await asyncio.wait_for(request.disconnected.wait(), 30)

    assert [error.code for error in errors] == [CANCELLED, CANCELLED]


async def test_what_an_editor_sends_as_null_is_left_out() -> None:
    nulls = ("model", "context", "maxTokens", "temperature", "token", "show")
    _, result = await ask({**QUESTION, **dict.fromkeys(nulls)}, chats("Because."))

    assert result["content"] == "Because."


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"messages": "Why?"}, "messages: this must be a list"),
        ({"maxTokens": True}, "maxTokens: this must be a whole number"),
        ({"temperature": "0.5"}, "temperature: this must be a number"),
    ],
    ids=["list", "whole-number", "number"],
)
async def test_an_argument_of_a_wrong_type_is_told_in_words_of_json(
    wrong: dict[str, Any], said: str
) -> None:
    async with connected(settings=chat_settings("http://127.0.0.1:9/v1")) as client:
        error = await error_of(client.command("foretype.chat", {**QUESTION, **wrong}))

    assert error.message == f"Invalid argument: {said}."


async def test_several_chats_run_at_once_each_under_its_token() -> None:
    async def echoes(request: Request, reply: Reply) -> None:
        text = request.body["messages"][-1]["content"]
        await chats(text * 20, delay_s=0.002)(request, reply)

    async with (
        FakeModelServer(echoes) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        running = [
            client.command("foretype.chat", {"messages": messages(f"<{name}>"), "token": name})
            for name in "abc"
        ]
        results = await asyncio.wait_for(asyncio.gather(*running), 20)

    for name, result in zip("abc", results, strict=True):
        assert said(client, name) == result["content"] == f"<{name}>" * 20
    assert model.most_connections == 3


async def test_tokens_are_the_servers_where_it_counts_them() -> None:
    _, result = await ask(QUESTION, chats("twelve chars"))

    assert result["usage"] == {"promptTokens": 7, "completionTokens": 3}


async def test_tokens_are_estimated_and_marked_so_where_the_server_counts_none() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 20
    async with (
        FakeModelServer(streams({"content": text})) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        usage = (await answered(client.command("foretype.chat", QUESTION)))["usage"]
        status = await answered(client.command("foretype.status"))

    assert usage["isEstimated"] is True
    assert usage["completionTokens"] == pytest.approx(200, rel=0.2)
    assert 20 < usage["promptTokens"] < 60
    assert status["requests"]["chatPromptTokens"] == usage["promptTokens"]
    assert status["requests"]["chatCompletionTokens"] == usage["completionTokens"]


@pytest.mark.parametrize(
    ("handler", "told", "data"),
    [
        (streams(), "answered nothing", {"kind": "incomplete"}),
        (
            streams({"reasoning_content": "hm"}),
            "gave no answer",
            {"kind": "incomplete", "partial": ""},
        ),
        (
            streams({"reasoning_content": "hm " * 20}, finish="length"),
            "maxTokens",
            {"kind": "incomplete", "partial": ""},
        ),
        (streams(finish="content_filter"), "content filter", {"kind": "incomplete"}),
    ],
    ids=["nothing", "thinking", "thinking-cut", "filtered"],
)
async def test_an_answer_without_a_word_is_told_in_one_sentence(
    handler: Handler, told: str, data: dict[str, str]
) -> None:
    async with (
        FakeModelServer(handler) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        error = await error_of(client.command("foretype.chat", QUESTION))

    assert told in error.message
    assert error.message.count("\n") == 0
    assert error.data == data


async def test_an_error_in_mid_stream_keeps_all_that_came_before_it() -> None:
    words = [f"word{number} " for number in range(50)]

    async def breaks(request: Request, reply: Reply) -> None:
        for word in words:
            await reply.event({"choices": [{"index": 0, "delta": {"content": word}}]})
        await reply.event({"error": {"message": "out of memory", "code": 500}})

    async with (
        FakeModelServer(breaks) as model,
        connected(settings=chat_settings(model.url)) as client,
    ):
        error = await error_of(client.command("foretype.chat", QUESTION))

    assert "out of memory" in error.message
    assert error.data == {"kind": "server", "partial": "".join(words)}
    assert said(client) == "".join(words)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "messages is empty"),
        ([{"role": "user", "content": " \n"}], "blank"),
        ([{"role": "wizard", "content": "x"}], "role"),
        (messages("x", "y"), "last message"),
        ([{"role": "system", "content": "x"}], "last message"),
        ([{"role": "user"}], "content"),
        ([{"role": "user", "content": None}], "content"),
    ],
    ids=["empty", "blank", "role", "answer-last", "only-system", "no-content", "null"],
)
async def test_messages_that_cannot_be_sent_are_told_in_one_sentence(
    given: list[dict[str, Any]], told: str
) -> None:
    async with connected(settings=chat_settings("http://127.0.0.1:9/v1")) as client:
        error = await error_of(client.command("foretype.chat", {"messages": given}))

    assert told in error.message
    assert error.data == {"kind": "bad_request"}


async def test_a_model_that_refuses_the_system_role_chats_edits_and_completes() -> None:
    async def gemma(request: Request, reply: Reply) -> None:
        if request.body["messages"][0]["role"] == "system":
            error = {"object": "error", "message": "System role not supported", "code": 400}
            await reply.json(error, 400)
        else:
            await chats("a + b")(request, reply)

    async with FakeModelServer(routed({"/v1/chat/completions": gemma})) as model:
        settings = chat_settings(model.url)
        side = settings["modelConfiguration"]["providerOverrides"][0]["serverSideConfig"]
        side["useLegacyCompletions"] = False
        async with connected(settings=settings) as client:
            result = await answered(client.command("foretype.chat", QUESTION))
            text = "def add(a, b):\n    return "
            client.open(URI, text)
            offered = await answered(client.ask(URI, 1, 11))
            span = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 11}}
            argument = {"uri": URI, "range": span, "instruction": "Shorter.", "apply": False}
            edited = await answered(client.command("foretype.edit", argument))
            status = await answered(client.command("foretype.status"))
    assert result["content"] == said(client) == "a + b"
    assert [item.insert_text.endswith("a + b") for item in offered.items] == [True]
    assert edited["edit"]
    roles = [[turn["role"] for turn in request.body["messages"]] for request in model.requests]
    assert roles == [["system", "user"], ["user"], ["user"], ["user"]]
    assert "Why?" in model.requests[1].body["messages"][0]["content"]
    assert not status["troubles"]
