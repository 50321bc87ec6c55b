"""Models that refuse a system role: stated, known by name, or learned from the refusal."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from config.rendered import AzureOpenAIProvider, Model, Provider
from providers.errors import ProviderError, RefusedError, refused
from providers.messages import ChatMessage, ChatRequest, Sampling, TextDelta
from providers.secrecy import Place
from providers.system_role import SystemRoles, stated_system_role, without_system_role
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, fails, routes
from tests.provider_models import (
    INFILL,
    client_at,
    model_named,
    pool_of,
    provider_at,
    text_of,
)

ASKED = ChatRequest(
    (
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Hello?"),
        ChatMessage("assistant", "Hello."),
        ChatMessage("user", "Why?"),
    ),
    Sampling(max_tokens=64),
)
FOLDED = [("user", "Be brief.\n\nHello?"), ("assistant", "Hello."), ("user", "Why?")]

ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."

# What servers have been seen to say, each with where it is quoted.
REFUSALS: dict[str, tuple[int, object]] = {
    # Gemma at vLLM before 0.10.1, vllm-project/vllm#2964
    "vllm": (
        400,
        {
            "object": "error",
            "message": "System role not supported",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    # Mixtral at vLLM, infiniflow/ragflow#11021
    "vllm-alternate": (
        400,
        {
            "object": "error",
            "message": f"{ALTERNATE} {ALTERNATE}",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    # vLLM 0.11, suitenumerique/conversations#197
    "vllm-nested": (
        400,
        {
            "error": {
                "message": f"{ALTERNATE} {ALTERNATE}",
                "type": "BadRequestError",
                "param": None,
                "code": 400,
            }
        },
    ),
    # huggingface/text-generation-inference#3198, router/src/infer/mod.rs
    "tgi": (
        422,
        {
            "error": f"Template error: syntax error: {ALTERNATE} (in <string>:1)",
            "error_type": "template_error",
        },
    ),
    # llama.cpp --jinja, nextai-translator/raycast-openai-translator#34
    "llamacpp": (
        500,
        {
            "error": {
                "code": 500,
                "message": "\n------------\nWhile executing CallExpression at line 19, column 27 in"
                " source:\n...% 2 == 0) -%}↵        {{ raise_exception("
                '"Conversation roles must alternate user...\n'
                "                                           ^\n"
                f"Error: Jinja Exception: {ALTERNATE}",
                "type": "server_error",
            }
        },
    ),
    # EricLBuehler/mistral.rs#45
    "mistral-rs": (500, {"message": f"invalid operation: {ALTERNATE} (in chat_template:1)"}),
    # LM Studio, lmstudio-ai/lmstudio-bug-tracker#1054
    "lm-studio": (
        400,
        {
            "error": "Error rendering prompt with jinja template: "
            '"Only user and assistant roles are supported!".\n\nThis is usually an issue with the '
            "model's prompt template."
        },
    ),
    # Ministral 3 at llama.cpp, anomalyco/opencode#5034
    "ministral": (
        500,
        {
            "error": {
                "code": 500,
                "message": "Only user, assistant and tool roles are supported, got system.",
                "type": "server_error",
            }
        },
    ),
    # Google's API for Gemma, microsoft/vscode#258088
    "google": (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "Developer instruction is not enabled for models/gemma-3-27b-it",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
    ),
    # OpenAI's o1-mini, tailcallhq/forgecode#1177
    "openai": (
        400,
        {
            "error": {
                "message": "Unsupported value: 'messages[0].role' does not support 'system' with"
                " this model.",
                "type": "invalid_request_error",
                "param": "messages[0].role",
                "code": "unsupported_value",
            }
        },
    ),
    # transformers serve 5.23; Gemma 2 at SGLang, sgl-project/sglang#892
    "wordless": (500, "Internal Server Error"),
    # Gemma 2 at mistral.rs, EricLBuehler/mistral.rs#506
    "empty": (500, ""),
    # Mistral 7B at Amazon Bedrock, 567-labs/instructor#1753
    "bedrock": (
        400,
        {
            "message": "This model doesn't support system messages. Try again without a system"
            " message or use a model that supports system messages."
        },
    ),
}


def has_system(request: Request) -> bool:
    return any(turn["role"] == "system" for turn in request.body["messages"])


def refuses(status: int, body: object) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        refusal = fails(status, body)
        await (refusal if has_system(request) else chats("ok"))(request, reply)

    return routes({"/v1/chat/completions": handler})


GEMMA = refuses(*REFUSALS["vllm"])


def turns_of(request: Request) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in request.body["messages"]]


def stating(value: bool) -> Model:
    return model_named().model_copy(update={"system_role": value})


@pytest.mark.parametrize(("status", "body"), REFUSALS.values(), ids=REFUSALS)
async def test_a_refused_role_is_left_out_at_once_and_from_then_on(
    status: int, body: object
) -> None:
    async with FakeModelServer(refuses(status, body)) as server, client_at(server.url) as client:
        texts = [await text_of(client.chat(ASKED)) for _ in range(2)]
    assert texts == ["ok", "ok"]
    assert [has_system(request) for request in server.requests] == [True, False, False]
    assert [turns_of(request) for request in server.requests[1:]] == [FOLDED, FOLDED]


async def test_a_refusal_inside_of_the_stream_is_learned_from_too() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if has_system(request):
            await reply.event({"error": {"message": "System role not supported"}})
        else:
            await chats("ok")(request, reply)

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await text_of(client.chat(ASKED)) == "ok"
    assert len(server.requests) == 2


async def test_a_gap_filled_by_conversation_is_asked_without_the_role() -> None:
    async with FakeModelServer(GEMMA) as server:
        provider = provider_at(server.url, legacy_completions=False)
        async with client_at(server.url, provider=provider) as client:
            texts = [await text_of(client.infill(INFILL)) for _ in range(2)]
    assert texts == ["ok", "ok"]
    refused, first, second = map(turns_of, server.requests)
    ((_, task), (_, file)) = refused
    assert file == f"{INFILL.prefix}<CURSOR/>{INFILL.suffix}"
    assert first == second == [("user", f"{task}\n\n{file}")]


async def test_what_a_chat_has_taught_a_gap_does_not_ask_again() -> None:
    async with FakeModelServer(GEMMA) as server:
        provider = provider_at(server.url, legacy_completions=False)
        async with client_at(server.url, provider=provider) as client:
            await text_of(client.chat(ASKED))
            await text_of(client.infill(INFILL))
    assert [has_system(request) for request in server.requests] == [True, False, False]


async def test_only_the_model_that_refused_is_asked_without_the_role() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        is_gemma = request.body["model"] == "gem"
        await (GEMMA if is_gemma else chats("ok"))(request, reply)

    async with FakeModelServer(handler) as server, pool_of(provider_at(server.url)) as pool:
        for name in ("gem", "other"):
            await text_of(pool.client_for(model_named(name)).chat(ASKED))
    assert [has_system(request) for request in server.requests] == [True, False, True]


async def test_several_that_are_refused_at_once_are_all_answered() -> None:
    async with FakeModelServer(GEMMA) as server, client_at(server.url) as client:
        texts = await asyncio.gather(*(text_of(client.chat(ASKED)) for _ in range(4)))
    assert texts == ["ok"] * 4


async def test_a_model_stated_to_refuse_the_role_is_never_sent_it() -> None:
    async with FakeModelServer(GEMMA) as server, client_at(server.url, stating(False)) as client:
        assert await text_of(client.chat(ASKED)) == "ok"
    assert [turns_of(request) for request in server.requests] == [FOLDED]


async def test_a_stated_role_is_kept_whatever_the_server_says() -> None:
    async with FakeModelServer(GEMMA) as server, client_at(server.url, stating(True)) as client:
        for _ in range(2):
            with pytest.raises(RefusedError, match="System role not supported"):
                await text_of(client.chat(ASKED))
    assert [has_system(request) for request in server.requests] == [True, True]


async def test_a_role_that_is_stated_after_it_was_refused_is_sent_again() -> None:
    async with FakeModelServer(GEMMA) as server, pool_of(provider_at(server.url)) as pool:
        await text_of(pool.client_for(model_named()).chat(ASKED))
        server.handler = chats("ok")
        await text_of(pool.client_for(stating(True)).chat(ASKED))
    assert [has_system(request) for request in server.requests] == [True, False, True]


async def test_vendors_are_asked_the_same_way() -> None:
    async def azure(request: Request, reply: Reply) -> None:
        refusal = fails(*REFUSALS["openai"])
        await (refusal if has_system(request) else chats("ok"))(request, reply)

    async with FakeModelServer(azure) as server:
        side = AzureOpenAIProvider(endpoint=server.root, access_token=SecretStr("a-key-of-azure"))
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            assert await text_of(pool.client_for(model_named("o1-mini")).chat(ASKED)) == "ok"
    assert [has_system(request) for request in server.requests] == [True, False]


async def test_a_failure_without_a_word_is_not_blamed_on_a_role_that_has_been_taken() -> None:
    async with FakeModelServer(chats("ok")) as server, client_at(server.url) as client:
        await text_of(client.chat(ASKED))
        server.handler = fails(500, "Internal Server Error")
        with pytest.raises(RefusedError):
            await text_of(client.chat(ASKED))
    assert [has_system(request) for request in server.requests] == [True, True]


async def test_a_failure_without_a_word_teaches_nothing_when_the_role_is_not_to_blame() -> None:
    failure = fails(500, "Internal Server Error")
    async with FakeModelServer(failure) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError):
            await text_of(client.chat(ASKED))
        server.handler = chats("ok")
        assert await text_of(client.chat(ASKED)) == "ok"
    assert [has_system(request) for request in server.requests] == [True, False, True]


async def test_a_refusal_without_a_word_holds_when_the_server_fails_later() -> None:
    refusal = refuses(500, "Internal Server Error")
    async with FakeModelServer(refusal) as server, client_at(server.url) as client:
        await text_of(client.chat(ASKED))
        server.handler = fails(400, {"error": {"message": "another cause"}})
        with pytest.raises(RefusedError):
            await text_of(client.chat(ASKED))
        server.handler = refusal
        await text_of(client.chat(ASKED))
    assert [has_system(request) for request in server.requests] == [True, False, False, False]


WORDLESS = refused(Place("local", ""), "server", "", 500)
WITH_ROLE = {"messages": [{"role": "system"}, {"role": "user"}]}
WITHOUT_ROLE = {"messages": [{"role": "user"}]}


@pytest.mark.parametrize("is_answered", [True, False])
def test_prompts_tell_nothing_about_the_role_of_a_conversation(is_answered: bool) -> None:
    roles = SystemRoles()
    assert roles.is_refused("m", WORDLESS, WITH_ROLE)
    if is_answered:
        roles.note_answer("m", {"prompt": "x = "})
    else:
        assert not roles.is_refused("m", WORDLESS, {"prompt": "x = "})
    assert roles.known("m", None) is False
    assert not roles.is_refused("m", WORDLESS, WITHOUT_ROLE)
    assert roles.known("m", None) is None


def test_a_suspected_model_that_answers_with_the_role_takes_it() -> None:
    roles = SystemRoles()
    assert roles.is_refused("m", WORDLESS, WITH_ROLE)
    roles.note_answer("m", WITH_ROLE)
    assert roles.known("m", None) is None


OTHER_CAUSES: dict[str, tuple[int, object]] = {
    "another-cause": (400, {"error": {"message": "temperature must be at most 2"}}),
    # A template that takes a system message: vllm-project/vllm#6862
    "alternation-after-a-system-message": (
        400,
        {
            "object": "error",
            "message": "After the optional system message, conversation roles must alternate"
            " user/assistant/user/assistant/...",
            "code": 400,
        },
    ),
    "token": (401, {"error": {"message": "system role not supported for this key"}}),
    "operating-system": (500, {"error": {"message": "operating system not supported"}}),
}


@pytest.mark.parametrize(("status", "body"), OTHER_CAUSES.values(), ids=OTHER_CAUSES)
async def test_what_is_refused_for_another_cause_is_not_asked_again(
    status: int, body: object
) -> None:
    async with FakeModelServer(fails(status, body)) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError):
            await text_of(client.chat(ASKED))
    assert len(server.requests) == 1


async def test_turns_that_do_not_alternate_are_not_blamed_on_a_role_that_was_not_sent() -> None:
    only = ChatRequest((ChatMessage("user", "a"), ChatMessage("user", "b")), Sampling(8))
    refusal = fails(*REFUSALS["vllm-alternate"])
    async with FakeModelServer(refusal) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError):
            await text_of(client.chat(only))
    assert len(server.requests) == 1


async def test_a_text_about_such_refusals_is_not_taken_for_one() -> None:
    text = "Why does my server say: System role not supported, in the log?"

    async def quotes(request: Request, reply: Reply) -> None:
        await reply.json(
            {"error": {"message": f"cannot parse {json.dumps(request.body['messages'])}"}}, 400
        )

    asked = ChatRequest((ASKED.messages[0], ChatMessage("user", text)), Sampling(8))
    async with FakeModelServer(quotes) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError):
            await text_of(client.chat(asked))
    assert len(server.requests) == 1


async def test_a_refusal_after_the_first_word_ends_the_answer() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "delta": {"content": "Half"}}]})
        await reply.event({"error": {"message": "System role not supported"}})

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        events = client.chat(ASKED)
        assert await anext(events) == TextDelta("Half")
        with pytest.raises(ProviderError):
            await anext(events)
    assert len(server.requests) == 1


async def test_a_refused_role_costs_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    token = "sk-secret-0123456789abcdef"

    async def quotes(request: Request, reply: Reply) -> None:
        said = f"System role not supported by {request.headers['authorization']}"
        await reply.json({"error": {"message": said}}, 400)

    async with FakeModelServer(quotes) as server:
        provider = provider_at(server.url, token=token)
        with caplog.at_level("DEBUG"):
            async with client_at(server.url, provider=provider) as client:
                with pytest.raises(RefusedError) as caught:
                    await text_of(client.chat(ASKED))
    assert len(server.requests) == 2
    assert token not in f"{caught.value}{caught.value.said}{caplog.text}"
    assert "Be brief." not in caplog.text


CONVERSATIONS: Mapping[str, tuple[list[tuple[Any, str]], list[tuple[str, str]]]] = {
    "first-turn-of-the-user": ([("system", "s"), ("user", "u")], [("user", "s\n\nu")]),
    "several-instructions": (
        [("system", "a"), ("system", "b"), ("user", "u")],
        [("user", "a\n\nb\n\nu")],
    ),
    "first-turn-of-the-assistant": (
        [("system", "s"), ("assistant", "a"), ("user", "u")],
        [("user", "s"), ("assistant", "a"), ("user", "u")],
    ),
    "instructions-between-turns": (
        [("user", "u"), ("system", "s"), ("user", "v"), ("assistant", "a")],
        [("user", "s\n\nu\n\nv"), ("assistant", "a")],
    ),
    "nothing-but-instructions": ([("system", "s")], [("user", "s")]),
    "blank-instructions": ([("system", " \n"), ("user", "u")], [("user", "u")]),
    "blank-first-turn": ([("system", "s"), ("user", "")], [("user", "s")]),
    "no-instructions": ([("user", "u"), ("user", "v")], [("user", "u"), ("user", "v")]),
}


@pytest.mark.parametrize(("given", "expected"), CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_instructions_become_the_beginning_of_the_first_user_turn(
    given: list[tuple[Any, str]], expected: list[tuple[str, str]]
) -> None:
    folded = without_system_role([ChatMessage(role, content) for role, content in given])
    assert [(turn.role, turn.content) for turn in folded] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("google/gemma-7b-it", False),
        ("gemma-1.1-2b-it", False),
        ("gemma-2-27b-it", False),
        ("bartowski/gemma-2-9b-it-GGUF", False),
        ("codegemma-7b-it", False),
        ("gemma-3-27b-it", None),
        ("gemma3:27b", None),
        ("gemma-3n-E4B-it", None),
        ("Qwen2.5-Coder-7B-Instruct", None),
    ],
)
def test_names_tell_the_models_without_the_role(name: str, expected: bool | None) -> None:
    assert stated_system_role(model_named("m", api_model=name)) is expected
    assert stated_system_role(stating(True)) is True
