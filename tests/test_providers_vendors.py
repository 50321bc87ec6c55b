"""Every provider type leads to a route of the one client, or says why it cannot."""

from typing import Any

import pytest
from pydantic import SecretStr

from config.model_ref import ModelRef
from config.rendered import (
    AccessTokenQuery,
    AwsBedrockProvider,
    AzureOpenAIProvider,
    ContextWindow,
    Endpoint,
    GatewayProvider,
    GenericProvider,
    GoogleWorkloadIdentity,
    Model,
    OpenAICompatibleProvider,
    Provider,
    ProviderServerSide,
)
from providers.addresses import BrokenEndpoint, find_addresses
from providers.dialects import COMPATIBLE, in_dialect
from providers.endpoint_urls import shown_url
from providers.errors import ConfigurationError
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling
from providers.routes import Route, routes_for
from providers.vendors import ANTHROPIC, GOOGLE, OPENAI
from tests.fake_model_server import FakeModelServer, chats, routes
from tests.provider_models import model_named, pool_of, text_of

KEY = SecretStr("s3cr3t")
QUERY = AccessTokenQuery(url="https://tokens.test")


def generic(service: Any, url: str, key: SecretStr | None = KEY, **more: Any) -> GenericProvider:
    return GenericProvider(service_name=service, endpoint=url, access_token=key, **more)


def azure(url: str = "https://r.openai.azure.com/", **more: Any) -> AzureOpenAIProvider:
    return AzureOpenAIProvider(endpoint=url, **{"access_token": KEY, **more})


def bedrock(
    endpoint: str = "us-west-2", key: str | None = "bedrock-key", **more: Any
) -> AwsBedrockProvider:
    token = SecretStr(key) if key is not None else None
    return AwsBedrockProvider(
        endpoint=endpoint, access_token=token, **{"region": "us-west-2"} | more
    )


def route_of(side: ProviderServerSide | None, model: Model | None = None) -> Route:
    provider = Provider(id="local", server_side=side)
    (route,) = routes_for(provider, model or model_named())
    return route


_VERTEX = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/l"


@pytest.mark.parametrize(
    ("service", "url", "base"),
    [
        ("openai", "https://api.openai.com", "https://api.openai.com/v1"),
        ("openai", "https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("openai", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("openai", "https://eu.api.openai.com", "https://eu.api.openai.com/v1"),
        ("openai", "https://proxy.test", "https://proxy.test/v1"),
        ("openai", "https://proxy.test/team/openai", "https://proxy.test/team/openai"),
        ("openai", "https://proxy.test/a/v1/responses", "https://proxy.test/a/v1"),
        ("openai", "https://proxy.test/a%2Fb/v1?k=1", "https://proxy.test/a%2Fb/v1"),
        (
            "fireworks",
            "https://api.fireworks.ai/inference/v1",
            "https://api.fireworks.ai/inference/v1",
        ),
        (
            "fireworks",
            "https://api.fireworks.ai/inference/v1/completions",
            "https://api.fireworks.ai/inference/v1",
        ),
        ("fireworks", "https://api.fireworks.ai", "https://api.fireworks.ai/inference/v1"),
        ("fireworks", "https://proxy.test/fw/v1", "https://proxy.test/fw/v1"),
        (
            "google",
            "https://generativelanguage.googleapis.com/v1beta/models",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "google",
            "https://generativelanguage.googleapis.com",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "google",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        ("google", "https://proxy.test/g/v1beta/models", "https://proxy.test/g/v1beta/openai"),
        ("google", "https://proxy.test/g/openai/v1", "https://proxy.test/g/openai/v1"),
        ("google", f"{_VERTEX}/publishers/google/models", f"{_VERTEX}/endpoints/openapi"),
        ("google", f"{_VERTEX}/endpoints/openapi", f"{_VERTEX}/endpoints/openapi"),
        (
            "google",
            f"{_VERTEX}/endpoints/openapi/chat/completions",
            f"{_VERTEX}/endpoints/openapi",
        ),
        ("google", f"{_VERTEX}/endpoints/123", f"{_VERTEX}/endpoints/123"),
        ("anthropic", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"),
        ("anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1"),
        ("anthropic", "https://proxy.test/claude/v1/messages", "https://proxy.test/claude/v1"),
        ("anthropic", "https://proxy.test/messages", "https://proxy.test/v1"),
    ],
)
def test_the_url_of_a_vendor_leads_to_its_compatible_api(service: str, url: str, base: str) -> None:
    route = route_of(generic(service, url))
    assert route.address.shown_url == base
    assert [name for name, _ in route.address.headers] == ["Authorization"]
    assert route.address.headers[0][1].get_secret_value() == "Bearer s3cr3t"
    assert route.address.has_completions == (service == "fireworks")


def test_a_proxys_query_is_kept_and_not_shown() -> None:
    route = route_of(generic("openai", "https://proxy.test/v1?k=1"))
    assert route.chat_url == "https://proxy.test/v1/chat/completions?k=1"
    assert "k=1" not in str(route.place)


@pytest.mark.parametrize(
    ("url", "version", "chat"),
    [
        ("https://r.azure.test/", None, "https://r.azure.test/openai/v1/chat/completions"),
        ("https://r.azure.test", "2024-06-01", "https://r.azure.test/openai/v1/chat/completions"),
        ("https://r.azure.test/openai", None, "https://r.azure.test/openai/v1/chat/completions"),
        (
            "https://r.azure.test/openai/v1/?api-version=preview",
            None,
            "https://r.azure.test/openai/v1/chat/completions?api-version=preview",
        ),
        ("https://apim.test/ai", None, "https://apim.test/ai/openai/v1/chat/completions"),
        (
            "https://r.azure.test/openai/deployments/d/chat/completions?api-version=1",
            "2",
            "https://r.azure.test/openai/deployments/d/chat/completions?api-version=1",
        ),
        (
            "https://r.azure.test/openai/deployments/d",
            "2024-06-01",
            "https://r.azure.test/openai/deployments/d/chat/completions?api-version=2024-06-01",
        ),
    ],
)
def test_azure_is_asked_at_its_resource_or_deployment(
    url: str, version: str | None, chat: str
) -> None:
    route = route_of(azure(url, api_version=version))
    assert route.chat_url == chat
    assert [(name, value.get_secret_value()) for name, value in route.address.headers] == [
        ("api-key", "s3cr3t")
    ]


@pytest.mark.parametrize("is_deprecated_api_used", [True, False])
def test_azure_completes_by_chat_unless_told_otherwise(is_deprecated_api_used: bool) -> None:
    route = route_of(azure(use_deprecated_completions_api=is_deprecated_api_used))
    assert route.address.has_completions is is_deprecated_api_used


@pytest.mark.parametrize(
    ("side", "base"),
    [
        (bedrock(), "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1"),
        (bedrock("us-gov-west-1"), "https://bedrock-runtime.us-gov-west-1.amazonaws.com/openai/v1"),
        (bedrock("cn-north-1"), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn/openai/v1"),
        (bedrock(""), "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1"),
        (bedrock("https://vpce-1.test/"), "https://vpce-1.test/openai/v1"),
        (bedrock("https://vpce-1.test/openai/v1"), "https://vpce-1.test/openai/v1"),
        (bedrock("https://proxy.test/b", url_builder="direct"), "https://proxy.test/b"),
        (
            bedrock(key="a:b", auth_method="direct"),
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
        ),
    ],
)
def test_bedrock_is_asked_in_its_region_or_at_its_url(side: AwsBedrockProvider, base: str) -> None:
    assert route_of(side).address.shown_url == base


def test_bedrock_knows_a_model_by_its_arn() -> None:
    model = model_named().model_copy(update={"arn": SecretStr("arn:aws:x")})
    route = route_of(bedrock(), model)
    assert route.model_name.get_secret_value() == "arn:aws:x"
    assert "arn:aws:x" not in repr(route)
    assert route.is_model_name_secret
    assert route_of(azure(), model).model_name.get_secret_value() == "smollm2"


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (None, "no serverSideConfig"),
        (OpenAICompatibleProvider(endpoints=()), "no endpoint"),
        (GatewayProvider(endpoint=" "), "sourcegraph.endpoint"),
        (generic("openai", "https://api.openai.com", None), "an API key of OpenAI"),
        (generic("anthropic", "https://api.anthropic.com", SecretStr(" ")), "of Anthropic"),
        (
            generic("anthropic", "https://proxy.test", None, access_token_query=QUERY),
            "accessTokenQuery is not supported",
        ),
        (
            generic(
                "google",
                "https://proxy.test",
                None,
                google_workload_identity=GoogleWorkloadIdentity(credentials_file="x"),
            ),
            "an API key for Gemini",
        ),
        (generic("google", f"{_VERTEX}/publishers/google/models", None), "OAuth tokens only"),
        (generic("google", f"{_VERTEX}/publishers/anthropic/models", None), "models of anthropic"),
        (generic("google", "https://aiplatform.googleapis.com/v1"), "projects/PROJECT"),
        (generic("openai", "https://u:s3cr3t@h"), "user name"),
        (generic("openai", "api.openai.com"), "http:// or https://"),
        (generic("openai", "https://api.openai.com", SecretStr("s3cr3t\n€")), "Authorization"),
        (azure(access_token=None), "managed identities"),
        (azure(access_token=None, access_token_query=QUERY), "accessTokenQuery"),
        (azure("nowhere"), "http:// or https://"),
        (bedrock(key=None), "Amazon Bedrock API key"),
        (bedrock(key=""), "Amazon Bedrock API key"),
        (bedrock(key="AKIA:s3cr3t"), "Amazon Bedrock API key"),
        (bedrock(key="AKIA:s3cr3t:session"), "not signed"),
        (bedrock(key=None, access_token_query=QUERY), "accessTokenQuery"),
        (bedrock("nowhere"), "http:// or https://"),
    ],
)
def test_what_cannot_work_says_why_without_a_secret(
    side: ProviderServerSide | None, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        route_of(side)
    assert words in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.kind == "configuration"


@pytest.mark.parametrize(
    ("token", "headers", "is_usable"),
    [(None, None, False), ("", None, False), ("t", None, True), (None, {"X-Key": "k"}, True)],
)
def test_a_token_query_never_means_no_token(
    token: str | None, headers: dict[str, str] | None, is_usable: bool
) -> None:
    endpoint = Endpoint(
        url="http://h/v1",
        access_token=None if token is None else SecretStr(token),
        headers=headers and {name: SecretStr(value) for name, value in headers.items()},
        access_token_query=QUERY,
    )
    side = OpenAICompatibleProvider(endpoints=(endpoint,))
    (found,) = find_addresses(Provider(id="local", server_side=side))
    assert isinstance(found, BrokenEndpoint) is not is_usable


@pytest.mark.parametrize("url", ["user:pa55@host/v1", "//user:pa55@host/v1", "user:pa55@host"])
def test_a_url_in_no_form_at_all_is_shown_without_its_password(url: str) -> None:
    assert "pa55" not in shown_url(url)


def reasoner(name: str = "o3-mini", effort: str | None = None, *capabilities: str) -> Model:
    return Model(
        model_ref=ModelRef("local", "v1", name),
        context_window=ContextWindow(max_input_tokens=4000, max_output_tokens=5000),
        reasoning_effort=effort,
        capabilities=capabilities,
    )


BODY = {
    "model": "m",
    "max_tokens": 64,
    "temperature": 0.2,
    "top_p": 0.9,
    "top_k": 40,
    "stop": ["\n", "END"],
    "stream": True,
}


def test_self_hosted_servers_are_sent_everything() -> None:
    assert in_dialect(BODY, COMPATIBLE, reasoner("o3", "low", "reasoning")) == BODY


def test_openai_is_sent_no_top_k() -> None:
    body = in_dialect(BODY, OPENAI.dialect, model_named("gpt-4o"))
    assert body == {key: value for key, value in BODY.items() if key != "top_k"}


@pytest.mark.parametrize(
    "model",
    [
        reasoner("o3-mini"),
        reasoner("gpt-5-mini"),
        reasoner("openai/o4-mini"),
        reasoner("our-deployment", "low"),
        reasoner("our-deployment", None, "chat", "reasoning"),
    ],
    ids=["name", "gpt-5", "prefix", "effort", "capability"],
)
def test_reasoning_models_are_asked_in_their_own_form(model: Model) -> None:
    body = in_dialect(BODY, OPENAI.dialect, model)
    room = 1024 if model.reasoning_effort else 4096
    expected = {"model": "m", "max_completion_tokens": 64 + room, "stream": True}
    if model.reasoning_effort:
        expected["reasoning_effort"] = "low"
    assert body == expected


def test_the_room_for_thinking_ends_with_the_models_window() -> None:
    body = in_dialect(BODY, OPENAI.dialect, reasoner("o3", "high"))
    assert body["max_completion_tokens"] == 5000


def test_claude_takes_one_of_temperature_and_top_p_and_no_blank_stop() -> None:
    body = in_dialect(BODY, ANTHROPIC.dialect, model_named("claude-sonnet-4-5"))
    assert (body["temperature"], body["stop"]) == (0.2, ["END"])
    assert not {"top_p", "top_k"} & body.keys()
    blank = in_dialect({"stop": ["\n\n"], "top_p": 0.5}, ANTHROPIC.dialect, model_named())
    assert blank == {"top_p": 0.5}


def test_gemini_is_sent_no_top_k() -> None:
    assert "top_k" not in in_dialect(BODY, GOOGLE.dialect, model_named("gemini-2.5-pro"))


async def test_azure_is_told_the_user() -> None:
    handler = routes({"/ai/openai/v1/chat/completions": chats("hi")})
    async with FakeModelServer(handler) as server:
        side = azure(f"{server.root}/ai", user="team-7")
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            request = ChatRequest((ChatMessage("user", "x"),), Sampling(64, top_k=3))
            assert await text_of(pool.client_for(model_named("gpt-4o")).chat(request)) == "hi"
    (sent,) = server.requests
    assert (sent.body["user"], sent.headers["api-key"]) == ("team-7", "s3cr3t")
    assert "authorization" not in sent.headers
    assert "top_k" not in sent.body


async def test_code_is_completed_by_chat_where_there_is_nothing_else() -> None:
    handler = routes({"/claude/v1/chat/completions": chats("a + b\n\nrest")})
    async with FakeModelServer(handler) as server:
        side = generic("anthropic", f"{server.root}/claude/v1/messages")
        async with pool_of(Provider(id="local", server_side=side)) as pool:
            request = InfillRequest("return ", "\n", Sampling(64, temperature=0.0, stop=("\n\n",)))
            client = pool.client_for(model_named("claude-haiku-4-5"))
            assert await text_of(client.infill(request)) == "a + b"
    assert server.requests[0].headers["authorization"] == "Bearer s3cr3t"
    assert "stop" not in server.requests[0].body
