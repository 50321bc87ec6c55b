"""Thinking that comes as text, with and without its opening tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rendered import GenericProvider, Model, Provider
from providers.client import ModelClient
from providers.messages import (
    ChatMessage,
    ChatRequest,
    InfillRequest,
    ReasoningDelta,
    Sampling,
    TextDelta,
)
from providers.thinking import HELD_LIMIT_CHARS, Opening, ThinkingSplitter, may_think
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, completes
from tests.provider_models import CHAT, INFILL, client_at, collect, model_named, provider_at

THINKER = model_named("Qwen3-30B-A3B-Thinking-2507")


def split(
    pieces: list[str], opening: Opening = "unsure", *, is_cut: bool = False, shows: bool = True
) -> tuple[str, str, Opening | None]:
    """Return the answer, the thinking and what was learned."""
    splitter = ThinkingSplitter(opening, shows_doubtful=shows)
    deltas = [delta for piece in pieces for delta in splitter.feed(piece)]
    deltas += splitter.close(is_cut=is_cut)
    text = "".join(one.content for one in deltas if isinstance(one, TextDelta))
    thought = "".join(one.content for one in deltas if isinstance(one, ReasoningDelta))
    return text, thought, splitter.learned


@pytest.mark.parametrize(
    "name",
    [
        "Qwen/Qwen3-8B",
        "qwen3:30b-a3b-thinking",
        "qwq:32b",
        "deepseek-r1:14b",
        "DeepSeek_R1-Distill-Llama",
        "magistral-small",
        "phi-4-reasoning",
        "HuggingFaceTB/SmolLM3-3B",
    ],
)
def test_models_that_think_are_known_by_name(name: str) -> None:
    assert may_think(model_named(name))
    assert may_think(model_named("any", api_model=name))


@pytest.mark.parametrize(
    "name",
    ["qwen3-coder:30b", "Qwen3-4B-Instruct-2507", "qwen2.5-coder", "gpt-oss:20b", "starcoder2"],
)
def test_other_models_are_not(name: str) -> None:
    assert not may_think(model_named(name))


@pytest.mark.parametrize("given", [{"capabilities": ("reasoning",)}, {"reasoning_effort": "low"}])
def test_the_configuration_may_say_it(given: dict[str, object]) -> None:
    assert may_think(model_named("starcoder2").model_copy(update=given))


@pytest.mark.parametrize(
    ("pieces", "opening", "expected"),
    [
        (["hm", "m</th", "ink>\n\nhi"], "unsure", ("hi", "hmm", "prompt")),
        (["</think>hi"], "unsure", ("hi", "", "prompt")),
        (["hi ", "there"], "unsure", ("hi there", "", "tag")),
        (["<think>hmm</think>hi"], "unsure", ("hi", "hmm", "tag")),
        (["hmm</think>hi"], "prompt", ("hi", "hmm", "prompt")),
        (["hi ", "there"], "prompt", ("hi there", "hi there", "unsure")),
        (["<think>hmm</think>hi"], "prompt", ("hi", "hmm", "tag")),
        (["hmm</think>hi"], "tag", ("hmm</think>hi", "", None)),
        ([""], "unsure", ("", "", None)),
    ],
)
def test_thinking_that_began_in_the_prompt(
    pieces: list[str], opening: Opening, expected: tuple[str, str, Opening | None]
) -> None:
    assert split(pieces, opening) == expected


@pytest.mark.parametrize(
    ("opening", "shows", "expected"),
    [
        ("unsure", True, ("hmm hm", "", None)),
        ("unsure", False, ("", "hmm hm", None)),
        ("prompt", True, ("", "hmm hm", None)),
    ],
)
def test_an_answer_cut_before_one_could_know(
    opening: Opening, shows: bool, expected: tuple[str, str, Opening | None]
) -> None:
    assert split(["hmm ", "hm"], opening, is_cut=True, shows=shows) == expected


def test_thinking_is_shown_as_it_comes_once_it_is_expected() -> None:
    splitter = ThinkingSplitter("prompt")
    assert splitter.feed("hmm ") == [ReasoningDelta("hmm ")]
    assert splitter.feed("hm</think>") == [ReasoningDelta("hm")]
    assert splitter.feed("\nhi") == [TextDelta("hi")]


def test_no_more_than_the_limit_is_held_back() -> None:
    splitter = ThinkingSplitter("unsure")
    assert splitter.feed("x" * HELD_LIMIT_CHARS) == []
    (delta,) = splitter.feed("y" * 8)
    assert delta == TextDelta("x" * HELD_LIMIT_CHARS + "y" * 8)
    assert splitter.feed("</think>z") == [TextDelta("</think>z")]


def test_the_limit_is_the_same_however_the_text_is_split() -> None:
    text = "x" * (HELD_LIMIT_CHARS + 20) + "</think>z"
    assert split([text]) == split(list(text)) == (text, "", None)


def test_text_is_not_held_back_when_the_server_sends_the_thinking_apart() -> None:
    splitter = ThinkingSplitter("unsure")
    splitter.note_separate()
    assert splitter.feed("hi") == [TextDelta("hi")]
    late = ThinkingSplitter("unsure")
    assert late.feed("hi") == []
    late.note_separate()
    assert late.feed(" there") == [TextDelta("hi there")]
    assert (splitter.learned, late.learned) == ("tag", "tag")


@given(
    st.text(alphabet="<>/thinkab \n", max_size=40),
    st.integers(1, 7),
    st.sampled_from(["tag", "prompt", "unsure"]),
    st.booleans(),
)
def test_how_it_is_split_makes_no_difference(
    content: str, size: int, opening: Opening, is_cut: bool
) -> None:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert split(pieces, opening, is_cut=is_cut) == split([content], opening, is_cut=is_cut)


async def said(client: ModelClient, request: ChatRequest | InfillRequest) -> tuple[str, str]:
    asked = client.chat(request) if isinstance(request, ChatRequest) else client.infill(request)
    events = await collect(asked)
    text = "".join(one.content for one in events if isinstance(one, TextDelta))
    return text, "".join(one.content for one in events if isinstance(one, ReasoningDelta))


async def test_a_chat_whose_template_opens_the_thinking() -> None:
    handler = chats("Let me see.\n</think>\n\nHello.")
    async with FakeModelServer(handler) as server, client_at(server.url, THINKER) as client:
        assert await said(client, CHAT) == ("Hello.", "Let me see.\n")
        # The second time the endpoint is known, and the thinking is shown as it comes.
        events = client.chat(CHAT)
        assert await anext(events) == ReasoningDelta("Let ")
        await events.aclose()


async def test_only_the_first_answer_of_a_model_that_does_not_think_waits() -> None:
    handler = chats("Hello, all.", finish="stop")
    async with FakeModelServer(handler) as server, client_at(server.url, THINKER) as client:
        assert TextDelta("Hello, all.") in await collect(client.chat(CHAT))
        events = client.chat(CHAT)
        assert await anext(events) == TextDelta("Hell")
        await events.aclose()


@pytest.mark.parametrize("is_chat", [True, False])
async def test_what_is_before_a_closing_tag_never_gets_into_code(is_chat: bool) -> None:
    answers = (chats if is_chat else completes)("The user wants\n\na sum.</think>a + b")
    request = InfillRequest("return ", "\n", Sampling(64, stop=("\n\n",)))
    async with FakeModelServer(answers) as server:
        provider = provider_at(server.url, legacy_completions=not is_chat)
        async with client_at(server.url, THINKER, provider) as client:
            text, _ = await said(client, request)
    assert text == "a + b"
    assert "stop" not in server.requests[0].body, "it would end the thinking"


async def test_code_cut_off_in_doubt_is_not_shown() -> None:
    handler = completes("The user wants a su", finish="length")
    async with FakeModelServer(handler) as server, client_at(server.url, THINKER) as client:
        assert await said(client, INFILL) == ("", "The user wants a su")


async def test_a_file_about_these_tags_is_completed_as_any_other() -> None:
    handler = completes('"</think>", 1)')
    async with FakeModelServer(handler) as server, client_at(server.url, THINKER) as client:
        request = InfillRequest('text.split("</think>")\nother.split(', "", Sampling(64))
        assert (await said(client, request))[0] == '"</think>", 1)'


async def test_a_vendor_that_hides_thinking_is_never_waited_for() -> None:
    handler = chats("Hello.")
    async with FakeModelServer(handler) as server:
        side = GenericProvider(service_name="openai", endpoint=server.url)
        model = thinking_by_capability()
        async with client_at(server.url, model, Provider(id="local", server_side=side)) as client:
            events = client.chat(ChatRequest((ChatMessage("user", "x"),), Sampling(64)))
            assert await anext(events) == TextDelta("Hell")
            await events.aclose()


def thinking_by_capability() -> Model:
    return model_named("o3").model_copy(update={"capabilities": ("chat", "reasoning")})


async def test_thinking_sent_apart_teaches_that_no_text_is_any() -> None:
    async with (
        FakeModelServer(thinks_apart("Hello.")) as server,
        client_at(server.url, THINKER) as client,
    ):
        events = client.chat(CHAT)
        assert [await anext(events), await anext(events)] == [
            ReasoningDelta("hmm"),
            TextDelta("Hello."),
        ]
        await events.aclose()


def thinks_apart(text: str) -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"delta": {"reasoning_content": "hmm"}}]})
        await reply.event({"choices": [{"delta": {"content": text}}]})
        await reply.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})

    return handler
