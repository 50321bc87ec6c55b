"""Asking a model over real sockets."""

import asyncio
import json
import logging

import pytest

from config.rendered import Endpoint, GatewayProvider, Knobs, Provider
from providers.discovery import list_models
from providers.errors import ErrorKind, IncompleteError, ProviderError, TimedOutError
from providers.messages import (
    ChatMessage,
    ChatRequest,
    Finished,
    InfillRequest,
    ReasoningDelta,
    Sampling,
    TextDelta,
    Usage,
)
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    fails,
    hangs,
    routes,
)
from tests.provider_models import (
    CHAT,
    INFILL,
    client_at,
    collect,
    model_named,
    pool_of,
    provider_at,
    text_of,
)

BOTH = routes(
    {
        "/v1/completions": completes("a + b"),
        "/v1/chat/completions": chats("Hello there."),
    }
)


async def test_a_completion_is_streamed() -> None:
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        assert await collect(client.infill(INFILL)) == [
            TextDelta("a + "),
            TextDelta("b"),
            Usage(7, 1),
            Finished("stop"),
        ]
    (request,) = server.requests
    assert request.path == "/v1/completions"
    assert request.body["prompt"] == INFILL.prefix.rstrip()
    assert request.body["stream_options"] == {"include_usage": True}
    assert "authorization" not in request.headers


async def test_a_chat_answer_is_streamed() -> None:
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        events = await collect(client.chat(CHAT))
    assert events[-1] == Finished("stop")
    assert server.requests[0].body["messages"] == [{"role": "user", "content": "Say hello."}]


async def test_thinking_is_told_apart_from_the_answer() -> None:
    handler = chats("<think>hmm</think>Hello.", chunk=3)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        events = await collect(client.chat(CHAT))
    thought = "".join(event.content for event in events if isinstance(event, ReasoningDelta))
    text = "".join(event.content for event in events if isinstance(event, TextDelta))
    assert (thought, text) == ("hmm", "Hello.")


async def test_the_infill_prompt_is_that_of_the_family() -> None:
    async with (
        FakeModelServer(BOTH) as server,
        client_at(server.url, model_named("qwen2.5-coder")) as client,
    ):
        await collect(client.infill(InfillRequest("P", "S", Sampling(9, stop=("\n",)))))
    body = server.requests[0].body
    assert body["prompt"] == "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"
    assert body["stop"] == ["\n", "<|endoftext|>", "<|file_sep|>", "<|repo_name|>"]


async def test_configured_stops_are_sent_before_those_of_the_family() -> None:
    knobs = Knobs(stop_sequences=("A", "B"), end_of_text="E")
    async with (
        FakeModelServer(BOTH) as server,
        client_at(server.url, model_named("starcoder2", knobs=knobs)) as client,
    ):
        await collect(client.infill(InfillRequest("P", "S", Sampling(9, stop=("\n",)))))
    assert server.requests[0].body["stop"] == ["\n", "E", "A", "B"]


@pytest.mark.parametrize("chunk", [1, 3, 100])
@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("starcoder2", "a + b<file_sep>more", "a + b"),
        ("codellama-7b", "a + b <EOT>more", "a + b"),
        ("smollm2", "a + b<|im_end|>more", "a + b"),
        ("smollm2", "a + b STOP more", "a + b "),
        ("smollm2", "a < b", "a < b"),
        ("starcoder2", "a <file", "a <file"),
        ("starcoder2", "<|endoftext|>", ""),
    ],
)
async def test_text_is_cut_at_stops_the_server_ignored(
    name: str, answer: str, expected: str, chunk: int
) -> None:
    model = model_named(name, knobs=Knobs(stop_sequences=("STOP",)))
    async with (
        FakeModelServer(completes(answer, chunk=chunk)) as server,
        client_at(server.url, model) as client,
    ):
        events = await collect(client.infill(INFILL))
    text = "".join(event.content for event in events if isinstance(event, TextDelta))
    assert text == expected
    assert events[-1] == Finished("stop")


async def test_a_local_stop_closes_the_socket_of_a_server_that_goes_on() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "a<|endoftext|>b"}]})
        await request.disconnected.wait()

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "a"
        await server.wait_until_idle()


@pytest.mark.parametrize("chunk", [1, 4, 100])
async def test_without_completions_the_hole_is_filled_by_chat(chunk: int) -> None:
    handler = routes({"/v1/chat/completions": chats("```python\na + b\n```\nDone!", chunk=chunk)})
    async with FakeModelServer(handler) as server:
        provider = provider_at(server.url, legacy_completions=False)
        async with client_at(server.url, provider=provider) as client:
            assert await text_of(client.infill(INFILL)) == "a + b"
    messages = server.requests[0].body["messages"]
    assert messages[-1]["content"] == f"{INFILL.prefix}<CURSOR/>{INFILL.suffix}"


@pytest.mark.parametrize("answer", ["a + b", "    a + b\n", "`a`", "", "x\n```\ny"])
async def test_an_answer_without_fences_stays_as_it_is(answer: str) -> None:
    async with FakeModelServer(chats(answer, chunk=2)) as server:
        provider = provider_at(server.url, legacy_completions=False)
        async with client_at(server.url, provider=provider) as client:
            assert await text_of(client.infill(INFILL)) == answer


async def test_a_sourcegraph_instance_is_asked_through_chat() -> None:
    handler = routes({"/.api/llm/chat/completions": chats("x")})
    async with FakeModelServer(handler) as server:
        provider = Provider(id="local", server_side=GatewayProvider(endpoint=server.root))
        async with client_at(server.root, provider=provider) as client:
            assert await text_of(client.infill(INFILL)) == "x"
    assert server.requests[0].body["model"] == "local::v1::smollm2"


async def test_the_connection_is_used_again_after_a_whole_answer() -> None:
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        for _ in range(3):
            await collect(client.infill(INFILL))
        await collect(client.chat(CHAT))
        assert server.connections_opened == 1


async def test_a_connection_the_server_closed_meanwhile_is_replaced_unnoticed() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if len(server.requests) == 2:
            await reply.cut()  # as when an idle connection ends just as it is used again
            return
        await completes("x")(request, reply)

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "x"
        assert await text_of(client.infill(INFILL)) == "x"
        assert server.connections_opened == 2


async def test_a_server_that_always_hangs_up_is_not_asked_for_ever() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.cut()

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(IncompleteError):
            await collect(client.infill(INFILL))
        assert len(server.requests) == 1


async def test_token_counts_are_waited_for_but_not_long() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "x", "finish_reason": "stop"}]})
        await request.disconnected.wait()

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        async with asyncio.timeout(30):
            events = await collect(client.infill(INFILL))
        assert events == [TextDelta("x"), Finished("stop")]
        await server.wait_until_idle()


async def test_a_connection_cut_after_the_finish_reason_is_a_whole_answer() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "x", "finish_reason": "stop"}]})
        await reply.cut()

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert (await collect(client.infill(INFILL)))[-1] == Finished("stop")


async def test_a_stream_cut_in_the_middle_is_incomplete() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "half"}]})
        await reply.cut()

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        events = client.infill(INFILL)
        assert await anext(events) == TextDelta("half")
        with pytest.raises(IncompleteError):
            await anext(events)


@pytest.mark.parametrize("indent", [None, 2])
async def test_a_whole_json_answer_needs_no_finish_reason(indent: int | None) -> None:
    bodies = {
        "/v1/completions": {"choices": [{"text": "whole"}]},
        "/v1/chat/completions": {"choices": [{"message": {"content": "whole"}}]},
    }

    async def handler(request: Request, reply: Reply) -> None:
        await reply.start(200, "application/json; charset=utf-8")
        await reply.send(json.dumps(bodies[request.path], indent=indent).encode())

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        for events in (client.infill(INFILL), client.chat(CHAT)):
            assert await collect(events) == [TextDelta("whole"), Finished("stop")]


@pytest.mark.parametrize(
    "body",
    [
        '{"choices": [{"text": ""}]}',
        '{"choices": []}',
        '{"choices": [{"text": "half"}]',
        '{"choices": [{"text": "half"}]}\n{"choices": [{"text": "way"}]}\n',
    ],
)
async def test_json_that_is_empty_or_cut_or_goes_on_is_no_whole_answer(body: str) -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "application/json")
        await reply.send(body.encode())

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(IncompleteError):
            await collect(client.infill(INFILL))


async def test_a_stream_that_ends_politely_without_an_end_is_incomplete() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"text": "half"}]})

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(IncompleteError):
            await collect(client.infill(INFILL))


async def test_a_refused_wish_for_token_counts_is_remembered() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        if "stream_options" in request.body:
            await reply.json({"error": "unknown field `stream_options`"}, 422)
        else:
            await completes("x")(request, reply)

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        for _ in range(3):
            assert await text_of(client.infill(INFILL)) == "x"
    assert ["stream_options" in request.body for request in server.requests] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": {"message": "bad key"}}, "auth"),
        (404, {"error": {"message": "no such model"}}, "not_found_model"),
        (429, {"error": {"message": "slow down"}}, "overloaded"),
        (400, {"error": {"message": "the context size is 4096"}}, "context_overflow"),
        (422, {"error": "Input validation error"}, "bad_request"),
        (500, {"error": "CUDA"}, "server"),
        (502, "<html><title>502 Bad Gateway</title></html>", "server"),
        (307, "", "configuration"),
    ],
)
async def test_a_refusal_has_its_kind_and_status(
    status: int, body: object, kind: ErrorKind
) -> None:
    handler = fails(status, body, {"Retry-After": "3"})
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await collect(client.chat(CHAT))
        assert caught.value.kind == kind
        assert str(status) in str(caught.value)
        assert server.url in str(caught.value)
        if kind != "configuration":
            assert (caught.value.status, caught.value.retry_after_s) == (status, 3.0)


@pytest.mark.parametrize("status", [200, 404])
async def test_an_address_without_v1_that_is_not_known_there_is_told_so(status: int) -> None:
    # LM Studio answers so with status 200: lmstudio-ai/lmstudio-bug-tracker#618
    error = {"error": "Unexpected endpoint or method. (POST /api/chat/completions)"}
    async with FakeModelServer(fails(status, error)) as server:
        for url, is_told in ((f"{server.root}/api", True), (server.url, False)):
            async with client_at(url) as client:
                with pytest.raises(ProviderError) as caught:
                    await collect(client.chat(CHAT))
            assert caught.value.kind == "not_found_model"
            assert str(caught.value).endswith("the URL often ends in /v1.") is is_told


async def test_an_error_answer_that_never_ends_is_not_waited_for() -> None:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.start(500, "text/plain")
        await reply.send(b"boom")
        await request.disconnected.wait()

    request = InfillRequest("a", "", Sampling(1), timeout_s=1.0)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await collect(client.infill(request))
        assert (caught.value.kind, caught.value.status) == ("server", 500)


async def test_a_redirect_is_never_followed_with_the_token() -> None:
    async with FakeModelServer(BOTH) as elsewhere:
        handler = fails(308, "", {"Location": elsewhere.url + "/completions"})
        async with FakeModelServer(handler) as server:
            provider = provider_at(server.url, token="t0k")
            async with client_at(server.url, provider=provider) as client:
                with pytest.raises(ProviderError, match="redirects"):
                    await collect(client.infill(INFILL))
    assert elsewhere.requests == []


async def test_a_web_page_is_not_an_answer() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, "text/html")
        await reply.send(b"<html><title>Sign in</title></html>")

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="Sign in") as caught:
            await collect(client.infill(INFILL))
    assert caught.value.kind == "server"


@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain"])
async def test_a_server_that_does_not_stream_is_understood(content_type: str) -> None:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(200, content_type)
        await reply.send(b'{\n  "choices": [\n    {"text": "x", "finish_reason"')
        await reply.send(b': "stop"}\n  ]\n}\n')

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        assert await collect(client.infill(INFILL)) == [TextDelta("x"), Finished("stop")]


async def test_nobody_listening_is_unreachable() -> None:
    async with FakeModelServer(hangs()) as server:
        url = server.url
    async with client_at(url) as client:
        with pytest.raises(ProviderError, match="refused") as caught:
            await collect(client.infill(INFILL))
    assert caught.value.kind == "unreachable"


@pytest.mark.parametrize("sends_something", [False, True])
async def test_an_answer_that_takes_too_long_is_given_up(sends_something: bool) -> None:
    handler: Handler = completes("x" * 100, delay_s=0.05) if sends_something else hangs()
    request = InfillRequest("a", "", Sampling(1), timeout_s=0.2)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(TimedOutError, match=r"0\.2 seconds"):
            await collect(client.infill(request))
        await server.wait_until_idle()


async def test_the_time_limit_does_not_strike_a_reader_that_is_busy() -> None:
    request = InfillRequest("a", "", Sampling(1), timeout_s=1.5)
    async with FakeModelServer(completes("abcdefgh")) as server, client_at(server.url) as client:
        events = client.infill(request)
        await anext(events)
        await asyncio.sleep(1.7)
        await events.aclose()


async def test_an_empty_conversation_is_refused_without_asking() -> None:
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="empty") as caught:
            await collect(client.chat(ChatRequest((), Sampling(1))))
        assert caught.value.kind == "bad_request"
        assert server.requests == []


async def test_a_flood_is_stopped() -> None:
    async def handler(_: Request, reply: Reply) -> None:
        while True:
            await reply.send(b"data: " + b"x" * 65536)

    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="too long"):
            await collect(client.infill(INFILL))


async def test_many_requests_share_one_endpoint() -> None:
    handler = completes("x", delay_s=0.01)
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        answers = await asyncio.gather(*(text_of(client.infill(INFILL)) for _ in range(20)))
    assert answers == ["x"] * 20


async def test_each_request_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        await collect(client.infill(INFILL))
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
    (line,) = [text for text in lines if not text.startswith("endpoint URL")]
    assert "infill model=local::v1::smollm2" in line
    assert "status=200" in line
    assert "received_chars=5" in line
    assert "outcome=stop" in line
    assert "return" not in line


async def test_messages_keep_their_order() -> None:
    turns = tuple(ChatMessage(role, role) for role in ("system", "user", "assistant", "user"))
    async with FakeModelServer(BOTH) as server, client_at(server.url) as client:
        await collect(client.chat(ChatRequest(turns, Sampling(1))))
    sent = [message["role"] for message in server.requests[0].body["messages"]]
    assert sent == ["system", "user", "assistant", "user"]


async def test_a_pool_that_is_closed_says_so() -> None:
    async with FakeModelServer(BOTH) as server, pool_of(provider_at(server.url)) as pool:
        client = pool.client_for(model_named())
        await pool.aclose()
        with pytest.raises(ProviderError, match="replaced"):
            await collect(client.infill(INFILL))


async def test_no_proxy_is_asked_for_a_server_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with FakeModelServer(BOTH) as server:
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            async with client_at(url) as client:
                assert await text_of(client.infill(INFILL)) == "a + b"


async def test_another_server_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeModelServer(hangs()) as server:
        monkeypatch.setenv("HTTP_PROXY", server.root)
        request = InfillRequest("a", "", Sampling(1), timeout_s=1.0)
        async with client_at("http://model.invalid/v1") as client:
            with pytest.raises(TimedOutError):
                await collect(client.infill(request))
    assert server.requests[0].path == "http://model.invalid/v1/completions"


async def test_an_answer_that_cannot_be_read_is_not_asked_for_without_end() -> None:
    async with FakeModelServer(completes("a")) as server, client_at(server.url) as client:
        await collect(client.infill(INFILL))
        server.handler = fails(200, "", {"No header": "has a space in its name"})
        with pytest.raises(ProviderError):
            await collect(client.infill(INFILL))
        assert len(server.requests) == 3, "once on the old connection, once on a new one"


@pytest.mark.parametrize("location", ["http://[::1/x", "http://xn--zzzz\xe9/", "\x01", "mailto:x"])
async def test_a_redirect_to_what_is_no_url_is_refused_like_any_other(location: str) -> None:
    handler = fails(307, "", {"Location": location})
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProviderError, match="redirects elsewhere"):
            await collect(client.infill(INFILL))
        with pytest.raises(ProviderError) as caught:
            await list_models(Endpoint(url=server.url))
    assert caught.value.kind == "configuration"
