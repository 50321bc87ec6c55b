"""What a server is, told by its answers; how gaps are filled there, learned and corrected."""

import asyncio

import pytest
from pydantic import SecretStr

from config.rendered import (
    Endpoint,
    FimRoute,
    GenericProvider,
    OpenAICompatibleProvider,
    Provider,
    ProviderServerSide,
)
from providers.addresses import addresses_of, endpoint_address
from providers.endpoint_connection import EndpointConnection
from providers.errors import RefusedError
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling, Usage
from providers.probing import fills_gaps, identify
from providers.server_kinds import UNKNOWN, kind_by_reply
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    fails,
    routes,
)
from tests.provider_models import (
    INFILL,
    client_at,
    collect,
    model_named,
    pool_of,
    text_of,
)

NOT_SUPPORTED = {"error": {"code": 501, "message": "Infill is not supported by this model"}}


def says(body: object, headers: dict[str, str] | None = None) -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.json(body, headers=headers)

    return handler


def models(owner: str = "", headers: dict[str, str] | None = None) -> Handler:
    return says({"object": "list", "data": [{"id": "m", "owned_by": owner}]}, headers)


VERSION = says({"version": "1.2.3"})

KINDS: dict[str, tuple[str, dict[str, Handler]]] = {
    "llamacpp-header": ("llama.cpp", {"/v1/models": models("", {"Server": "llama.cpp"})}),
    "llamacpp-owner": ("llama.cpp", {"/v1/models": models("llamacpp")}),
    "llamacpp-props": ("llama.cpp", {"/props": says({"default_generation_settings": {}})}),
    "vllm": ("vLLM", {"/v1/models": models("vllm"), "/version": VERSION}),
    "nim-2-is-vllm-inside": (
        "NIM",
        {
            "/v1/models": models("vllm"),
            "/v1/metadata": says({"modelInfo": [], "version": "2.0.0"}),
        },
    ),
    "sglang": ("SGLang", {"/v1/models": models("sglang")}),
    "sglang-native": (
        "SGLang",
        {"/get_model_info": says({"model_path": "m", "is_generation": True})},
    ),
    "sglang-native-0.5.23": (
        "SGLang",
        {
            "/model_info": says({"model_path": "m", "is_generation": True, "model_type": "x"}),
            "/api/tags": says({"models": []}),
        },
    ),
    "tgi": ("TGI", {"/info": says({"model_id": "m", "max_total_tokens": 4096})}),
    "tei-is-not-tgi": ("unknown", {"/info": says({"model_id": "m", "max_input_length": 512})}),
    "ollama": ("Ollama", {"/v1/models": models("library"), "/api/version": VERSION}),
    "ollama-without-models": (
        "Ollama",
        {"/v1/models": says({"object": "list", "data": None}), "/api/version": VERSION},
    ),
    "lm-studio": ("LM Studio", {"/v1/models": models("organization_owner")}),
    "lm-studio-native": ("LM Studio", {"/api/v0/models": says({"object": "list", "data": []})}),
    "localai-imitates-ollama": (
        "LocalAI",
        {"/system": says({"backends": [], "loaded_models": []}), "/api/version": VERSION},
    ),
    "localai-for-users": (
        "LocalAI",
        {
            "/v1/models": says({"object": "list", "data": [{"id": "m", "object": "model"}]}),
            "/system": fails(403, {"error": {"message": "admin access required", "code": 403}}),
            "/.well-known/localai.json": says({"version": "v4.9.0", "endpoints": {}}),
            "/api/version": VERSION,
        },
    ),
    "koboldcpp-imitates-ollama": (
        "KoboldCpp",
        {"/v1/models": models("koboldcpp"), "/api/version": says({"version": "0.7.0"})},
    ),
    "llama-swap-is-not-ollama": (
        "unknown",
        {
            "/v1/models": models("llama-swap"),
            "/api/version": says({"version": "1", "commit": "a", "build_date": "2026-08-22"}),
        },
    ),
    "lm-studio-knows-every-path": (
        "LM Studio",
        {
            "/v1/models": models("organization_owner"),
            "/api/version": says({"error": "Unexpected endpoint or method. (GET /api/version)"}),
            "/info": says({"error": "Unexpected endpoint or method. (GET /info)"}),
        },
    ),
    "litellm-1.106": (
        "LiteLLM",
        {
            "/v1/models": models("openai"),
            "/health/readiness": says({"status": "healthy", "db": "Not connected"}),
        },
    ),
    "litellm-hides-llamacpp": (
        "LiteLLM",
        {"/v1/models": models("llamacpp", {"x-litellm-version": "1.106.2"})},
    ),
    "transformers-5.23": (
        "transformers serve",
        {
            "/v1/models": models("foretype"),
            "/load_model": fails(405, {"detail": "Method Not Allowed"}, {"Allow": "POST"}),
        },
    ),
    "a-post-elsewhere": (
        "unknown",
        {"/props": fails(405, {"detail": "Method Not Allowed"}, {"Allow": "POST"})},
    ),
    "openai-alike": ("unknown", {"/v1/models": models("openai")}),
    "nothing": ("unknown", {}),
}


@pytest.mark.parametrize("case", KINDS)
async def test_a_server_is_told_by_its_answers(case: str) -> None:
    expected, table = KINDS[case]
    async with FakeModelServer(routes(table)) as server:
        address = endpoint_address("p", Endpoint(url=server.url, access_token=SecretStr("t0k")))
        kind = await identify(address)
    assert kind.name == expected
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer t0k"}
    assert {request.method for request in server.requests} == {"GET"}


async def test_a_server_that_is_not_there_is_unknown() -> None:
    address = endpoint_address("p", Endpoint(url="http://127.0.0.1:9/v1"))
    assert await identify(address) is UNKNOWN


@pytest.mark.parametrize(
    ("headers", "fingerprint", "expected"),
    [
        ({"server": "llama.cpp"}, "", "llama.cpp"),
        ({"server": "nginx"}, "b6789-a1b2c3d", "llama.cpp"),
        ({}, "fp_ollama", "Ollama"),
        ({}, "3.3.4-sha-0a1b2c3", "TGI"),
        ({"server": "uvicorn"}, "vllm-0.33.0-tp2-3fa9c01b", "vLLM"),
        ({"x-litellm-call-id": "1"}, "b0-unknown", "LiteLLM"),
        ({"server": "uvicorn"}, "fp_44709d6fcb", "unknown"),
    ],
)
def test_an_ordinary_answer_gives_some_away(
    headers: dict[str, str], fingerprint: str, expected: str
) -> None:
    assert kind_by_reply(headers, fingerprint).name == expected


def llama_cpp(infill: Handler) -> Handler:
    completion = completes("plain")

    async def named(request: Request, reply: Reply) -> None:
        await reply.start(headers={"Server": "llama.cpp"})
        await completion(request, Started(reply))

    return routes({"/v1/completions": named, "/infill": infill})


class Started(Reply):
    """A reply whose headers are written already."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply._writer)
        self._started = True

    async def start(self, *_: object, **__: object) -> None:
        pass


async def infills(request: Request, reply: Reply) -> None:
    counts = {"tokens_predicted": 2, "tokens_evaluated": 42}
    await reply.event({"index": 0, "content": "fill", "stop": False, **counts})
    await reply.event({"index": 0, "content": "ed", "stop": False, **counts})
    await reply.event(
        {"content": "", "stop": True, "stop_type": "eos", "prompt": "<PRE>...", **counts}
    )


async def test_llamacpp_is_asked_by_infill_once_it_has_shown_itself() -> None:
    async with FakeModelServer(llama_cpp(infills)) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "plain"
        events = await collect(client.infill(INFILL))
    assert [request.path for request in server.requests] == ["/v1/completions", "/infill"]
    body = server.requests[1].body
    assert body["input_prefix"] == INFILL.prefix
    assert body["input_suffix"] == INFILL.suffix
    assert body["n_predict"] == 64
    assert body["stream"] is True
    assert not {"prompt", "max_tokens", "stream_options"} & body.keys()
    assert "".join(getattr(event, "content", "") for event in events) == "filled"
    assert Usage(42, 2) in events


async def test_llamacpp_without_fim_tokens_is_asked_in_the_old_way_and_remembered() -> None:
    handler = llama_cpp(fails(501, NOT_SUPPORTED))
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        for _ in range(3):
            assert await text_of(client.infill(INFILL)) == "plain"
    paths = [request.path for request in server.requests]
    assert paths == ["/v1/completions", "/infill", "/v1/completions", "/v1/completions"]


async def test_other_errors_of_infill_are_not_taken_for_a_missing_ability() -> None:
    handler = llama_cpp(fails(503, {"error": {"message": "no slot available"}}))
    async with FakeModelServer(handler) as server, client_at(server.url) as client:
        await text_of(client.infill(INFILL))
        for _ in range(2):
            with pytest.raises(RefusedError):
                await text_of(client.infill(INFILL))
    assert [request.path for request in server.requests[1:]] == ["/infill", "/infill"]


def ollama(request_error: dict[str, object] | None) -> Handler:
    async def completion(request: Request, reply: Reply) -> None:
        if request_error is not None and "suffix" in request.body:
            await reply.json(request_error, 400)
            return
        finish = {"index": 0, "text": "x", "finish_reason": "stop"}
        await reply.event({"choices": [finish], "system_fingerprint": "fp_ollama"})
        await reply.event("[DONE]")

    return routes({"/v1/completions": completion, "/v1/chat/completions": chats("chatted")})


async def test_ollama_is_given_the_suffix() -> None:
    async with FakeModelServer(ollama(None)) as server, client_at(server.url) as client:
        for _ in range(2):
            await text_of(client.infill(INFILL))
    assert server.requests[1].body["prompt"] == INFILL.prefix
    assert server.requests[1].body["suffix"] == INFILL.suffix


async def test_ollama_with_a_template_without_suffix_is_asked_by_chat() -> None:
    error: dict[str, object] = {"error": {"message": "m:7b does not support insert"}}
    async with FakeModelServer(ollama(error)) as server, client_at(server.url) as client:
        answers = [await text_of(client.infill(INFILL)) for _ in range(3)]
    assert answers == ["x", "chatted", "chatted"]
    assert [request.path for request in server.requests[-2:]] == ["/v1/chat/completions"] * 2


async def test_a_server_without_completions_is_asked_by_chat() -> None:
    table = {"/v1/chat/completions": chats("chatted")}
    async with FakeModelServer(routes(table)) as server, client_at(server.url) as client:
        assert await text_of(client.infill(INFILL)) == "chatted"
        assert await text_of(client.infill(INFILL)) == "chatted"
    assert len(server.requests) == 3


async def test_an_unknown_model_is_not_taken_for_a_missing_route() -> None:
    error = {"object": "error", "message": "The model `m` does not exist.", "code": 404}
    table = {"/v1/completions": fails(404, error), "/v1/chat/completions": chats("x")}
    async with FakeModelServer(routes(table)) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError) as caught:
            await text_of(client.infill(INFILL))
    assert caught.value.kind == "not_found_model"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("way", "path", "key"),
    [
        ("infill", "/infill", "input_suffix"),
        ("suffix", "/v1/completions", "suffix"),
        ("tokens", "/v1/completions", "prompt"),
        ("chat", "/v1/chat/completions", "messages"),
    ],
)
async def test_the_way_somebody_has_stated_is_taken(way: FimRoute, path: str, key: str) -> None:
    table = {"/infill": infills, "/v1/completions": completes("c")}
    table["/v1/chat/completions"] = chats("c")
    async with FakeModelServer(routes(table)) as server:
        side = OpenAICompatibleProvider(endpoints=(Endpoint(url=server.url),), fim_route=way)
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            await text_of(pool.client_for(model_named()).infill(INFILL))
    assert server.requests[0].path == path
    assert key in server.requests[0].body


async def test_a_stated_way_is_never_changed() -> None:
    async with FakeModelServer(routes({"/v1/completions": completes("c")})) as server:
        side = OpenAICompatibleProvider(endpoints=(Endpoint(url=server.url),), fim_route="infill")
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            with pytest.raises(RefusedError):
                await text_of(pool.client_for(model_named()).infill(INFILL))
    assert len(server.requests) == 1


TOP = ChatRequest((ChatMessage("user", "x"),), Sampling(8, top_k=40, top_p=1.0))


async def until_identified() -> None:
    """Wait until the server, which is asked beside the first request, is known."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    await asyncio.gather(*(task for task in tasks if "_identify" in repr(task.get_coro())))


async def test_top_k_waits_until_the_server_is_known_to_take_it() -> None:
    table = {"/v1/chat/completions": chats("x"), "/v1/models": models("vllm")}
    async with FakeModelServer(routes(table)) as server, client_at(server.url) as client:
        await text_of(client.chat(TOP))
        await until_identified()
        await text_of(client.chat(TOP))
        await text_of(client.chat(TOP))
    bodies = [request.body for request in server.requests if request.method == "POST"]
    assert ["top_k" in body for body in bodies] == [False, True, True]
    assert [request.path for request in server.requests].count("/v1/models") == 1


async def picky(request: Request, reply: Reply) -> None:
    """Refuse `top_k`."""
    if "top_k" in request.body:
        await reply.json({"error": {"message": "Unknown field: top_k"}}, 400)
    else:
        await chats("x")(request, reply)


@pytest.mark.parametrize(
    ("handler", "expected"),
    [(chats("x"), [False, True, True]), (picky, [False, True, False, False])],
)
async def test_top_k_goes_to_a_server_that_nothing_is_known_of_once_it_was_asked(
    handler: Handler, expected: list[bool]
) -> None:
    table = {"/v1/chat/completions": handler}
    async with FakeModelServer(routes(table)) as server, client_at(server.url) as client:
        await text_of(client.chat(TOP))
        await until_identified()
        assert await text_of(client.chat(TOP)) == "x"
        assert await text_of(client.chat(TOP)) == "x"
    bodies = [request.body for request in server.requests if request.method == "POST"]
    assert ["top_k" in body for body in bodies] == expected


async def test_tgi_is_sent_no_top_p_that_it_refuses() -> None:
    table = {
        "/v1/chat/completions": chats("x"),
        "/info": says({"model_id": "m", "max_total_tokens": 4096}),
    }
    async with FakeModelServer(routes(table)) as server, client_at(server.url) as client:
        await text_of(client.chat(TOP))
        await until_identified()
        await text_of(client.chat(TOP))
    bodies = [request.body for request in server.requests if request.method == "POST"]
    assert not {"top_k", "top_p"} & bodies[1].keys()


async def test_a_field_that_a_server_refuses_is_left_out_from_then_on() -> None:
    async def picky(request: Request, reply: Reply) -> None:
        if "top_p" in request.body:
            error = {"error": "`top_p` must be > 0.0 and < 1.0", "error_type": "validation"}
            await reply.json(error, 422)
            return
        await chats("x")(request, reply)

    request = ChatRequest(TOP.messages, Sampling(8, top_p=1.0))
    async with FakeModelServer(picky) as server, client_at(server.url) as client:
        assert await text_of(client.chat(request)) == "x"
        assert await text_of(client.chat(request)) == "x"
    assert len(server.requests) == 3


def counts_prompt(sees_suffix: bool) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        tokens = 9 + (20 if sees_suffix and "suffix" in request.body else 0)
        choice = {"index": 0, "text": "42", "finish_reason": "length"}
        await reply.json({"choices": [choice], "usage": {"prompt_tokens": tokens}})

    return routes({"/v1/completions": handler})


@pytest.mark.parametrize("sees_suffix", [True, False], ids=["honoured", "ignored-as-by-llamacpp"])
async def test_a_suffix_counts_only_by_its_effect(sees_suffix: bool) -> None:
    async with FakeModelServer(counts_prompt(sees_suffix)) as server:
        connection = EndpointConnection(endpoint_address("local", Endpoint(url=server.url)))
        connection.hold()
        assert await fills_gaps(connection, model_named(), "suffix", 5.0) is sees_suffix
        assert not await fills_gaps(connection, model_named(), "infill", 5.0)
        await connection.let_go()


async def test_a_complaint_about_a_gap_does_not_quote_it() -> None:
    async def echoes(request: Request, reply: Reply) -> None:
        await reply.json({"error": {"message": f"cannot fill {request.body}"}}, 400)

    request = InfillRequest("secret_prefix_text = 1\n", "secret_suffix_text = 2\n", Sampling(8))
    for way in ("infill", "suffix"):
        async with FakeModelServer(echoes) as server:
            side = OpenAICompatibleProvider(endpoints=(Endpoint(url=server.url),), fim_route=way)
            async with pool_of(Provider(id="local", server_side=side)) as pool:
                with pytest.raises(RefusedError) as caught:
                    await text_of(pool.client_for(model_named()).infill(request))
        assert "secret" not in str(caught.value) + caught.value.said


async def test_a_field_refused_to_several_at_once_is_left_out_for_each() -> None:
    async def picky(request: Request, reply: Reply) -> None:
        await asyncio.sleep(0.05)
        if "top_p" in request.body:
            await reply.json({"error": "`top_p` must be > 0.0 and < 1.0"}, 422)
            return
        await chats("x")(request, reply)

    request = ChatRequest(TOP.messages, Sampling(8, top_p=1.0))
    async with FakeModelServer(picky) as server, client_at(server.url) as client:
        texts = await asyncio.gather(*(text_of(client.chat(request)) for _ in range(4)))
    assert texts == ["x"] * 4


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (GenericProvider(service_name="fireworks", endpoint="https://api.fireworks.ai"), "vendor"),
        (OpenAICompatibleProvider(endpoints=(Endpoint(url="https://h/v2/serve"),)), "LISA"),
        (OpenAICompatibleProvider(endpoints=(Endpoint(url="https://h/v1"),)), "unknown"),
    ],
    ids=["vendor", "lisa", "unknown"],
)
def test_what_the_configuration_says_of_a_server_is_known_unasked(
    side: ProviderServerSide, expected: str
) -> None:
    if isinstance(side, GenericProvider):
        side = side.model_copy(update={"access_token": SecretStr("t0k")})
    (address,) = addresses_of(Provider(id="p", server_side=side))
    assert EndpointConnection(address).server.kind.name == expected


async def test_an_address_where_nothing_is_found_teaches_nothing() -> None:
    async with FakeModelServer(routes({})) as server, client_at(server.url) as client:
        with pytest.raises(RefusedError):
            await text_of(client.infill(INFILL))
        server.handler = routes({"/v1/completions": completes("back")})
        assert await text_of(client.infill(INFILL)) == "back"
