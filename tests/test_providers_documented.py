"""The configurations that documentation shows, each followed to where its requests would go."""

from dataclasses import dataclass

import pytest

from config.build import build
from config.rendered import ModelConfiguration
from providers.errors import ConfigurationError
from providers.routes import routes_for
from tests.configurations import written

Json = dict[str, object]


@dataclass(frozen=True)
class Goes:
    """Where the chats and completions of a model go, as what, and with which header."""

    chat: str
    completion: str
    """A URL, or `chat`."""
    header: str | None
    model_name: str


@dataclass(frozen=True)
class Fails:
    """Words of the sentence that says why a model cannot be reached."""

    words: str


FILES = {one.name: one for one in written()}


def site(side: Json, model: Json) -> Json:
    """Make a document of one provider and one model, for what no file shows."""
    return {
        "sourcegraph": None,
        "providerOverrides": [{"id": "p", "displayName": "P", "serverSideConfig": side}],
        "modelOverrides": [
            {
                "modelRef": "p::v1::m",
                "displayName": "M",
                "capabilities": ["chat", "autocomplete"],
                "category": "balanced",
                "status": "stable",
                "contextWindow": {"maxInputTokens": 8192, "maxOutputTokens": 4096},
                **model,
            }
        ],
    }


AZURE: Json = {
    "type": "azureOpenAI",
    "endpoint": "https://acme-test.openai.azure.com/",
    "user": "",
    "useDeprecatedCompletionsAPI": True,
}
BEDROCK: Json = {"type": "awsBedrock", "endpoint": "us-west-2", "region": "us-west-2"}
VERTEX: Json = {
    "type": "google",
    "accessToken": "oauth",
    "endpoint": "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5",
}
NOVA: Json = {"modelName": "openai.gpt-oss-120b-1:0"}
CLAUDE: Json = {
    "modelName": "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "serverSideConfig": {"type": "awsBedrockProvisionedThroughput", "arn": "arn:aws:bedrock:x"},
}


def at(base: str, header: str | None, name: str, *, by_chat: bool = False) -> Goes:
    completion = "chat" if by_chat else f"{base}/completions"
    return Goes(f"{base}/chat/completions", completion, header, name)


_AUTH = "Authorization"
_HUGGING_FACE = "https://api-inference.huggingface.co/models/meta-llama/CodeLlama-7b-hf/v1"
_FIREWORKS = "https://api.fireworks.ai/inference/v1"
_AZURE = "https://acme-test.openai.azure.com/openai/v1"
_ANTHROPIC = "https://api.anthropic.com/v1"
_GATEWAY = "https://gateway.example.com/.api/llm"
_BEDROCK = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1"


def by_gateway(ref: str, header: str | None = _AUTH) -> Goes:
    return at(_GATEWAY, header, ref, by_chat=True)


# A file of `data/configurations` or a document, the model asked for, and where that leads.
TABLE: list[tuple[str | Json, str, Goes | Fails]] = [
    (
        "01-tgi-two-servers",
        "mistral::v1::mixtral-8x7b-instruct",
        at("https://mistral.example.com/v1", None, "mixtral-8x7b-instruct"),
    ),
    (
        "01-tgi-two-servers",
        "bigcode::v1::starcoder2-7b",
        at("http://starcoder.example.com/v1", None, "starcoder2-7b"),
    ),
    (
        "02-openai-compatible-mixed",
        "fireworks::v1::llama-v3p1-70b-instruct",
        at(_FIREWORKS, _AUTH, "accounts/fireworks/models/llama-v3p1-70b-instruct"),
    ),
    (
        "02-openai-compatible-mixed",
        "huggingface-codellama::v1::CodeLlama-7b-hf",
        at(_HUGGING_FACE, _AUTH, "meta-llama/CodeLlama-7b-hf"),
    ),
    (
        "03-chat-route-and-headers",
        "proxy::v1::qwen2.5-coder-32b-instruct",
        at(
            "https://llm.example.com/openai/v1",
            "X-api-key",
            "qwen2.5-coder-32b-instruct",
            by_chat=True,
        ),
    ),
    (
        "04-vllm",
        "vllm::v1::qwen-coder-32b",
        at("http://10.1.2.3:8000/v1", _AUTH, "Qwen/Qwen2.5-Coder-32B-Instruct"),
    ),
    (
        "05-ollama",
        "ollama::v1::qwen2.5-coder-7b",
        at("http://127.0.0.1:11434/v1", None, "qwen2.5-coder:7b-base"),
    ),
    (
        "05-ollama",
        "ollama::v1::llama3.1-8b",
        at("http://127.0.0.1:11434/v1", None, "llama3.1:8b"),
    ),
    (
        "06-lm-studio",
        "lmstudio::v1::openai/gpt-oss-20b",
        at("http://localhost:1234/v1", None, "openai/gpt-oss-20b"),
    ),
    (
        "07-nim",
        "nim::v1::meta/llama-3.1-8b-instruct",
        at("http://nim:8000/v1", None, "meta/llama-3.1-8b-instruct"),
    ),
    (
        "08-lisa",
        "lisa::v1::starcoder2-15b",
        at("https://lisa-rest-alb.example.com/v2/serve", "Api-Key", "starcoder2-15b"),
    ),
    ("09-llama-cpp-pair", "chat::v1::any", at("http://h:8080/v1", None, "any")),
    (
        "09-llama-cpp-pair",
        "fim::v1::qwen2.5-coder-1.5b",
        at("http://h:8012/v1", None, "qwen2.5-coder-1.5b"),
    ),
    (
        "10-azure",
        "azure-openai::unknown::gpt-35-turbo-instruct-test",
        at(_AZURE, "api-key", "gpt-35-turbo-instruct-test"),
    ),
    (
        "10-azure",
        "azure-openai::unknown::gpt-4.1-nano",
        at(_AZURE, "api-key", "gpt-4.1-nano", by_chat=True),
    ),
    (
        "10-azure",
        "azure-openai::unknown::o3-mini",
        at(_AZURE, "api-key", "o3-mini", by_chat=True),
    ),
    (site(AZURE, {}), "p::v1::m", Fails("managed identities")),
    (
        "11-bedrock",
        "aws-bedrock::2025-02-19::claude-3-7-sonnet",
        Fails("create an Amazon Bedrock API key"),
    ),
    (site(BEDROCK, NOVA), "p::v1::m", Fails("create an Amazon Bedrock API key")),
    (
        site(BEDROCK | {"accessToken": "bedrock-api-key"}, NOVA),
        "p::v1::m",
        at(_BEDROCK, _AUTH, "openai.gpt-oss-120b-1:0", by_chat=True),
    ),
    (
        site(BEDROCK | {"accessToken": "k", "endpoint": "https://vpce.test"}, CLAUDE),
        "p::v1::m",
        at("https://vpce.test/openai/v1", _AUTH, "arn:aws:bedrock:x", by_chat=True),
    ),
    (
        "12-fireworks",
        "fireworks::v1::starcoder-16b",
        at(_FIREWORKS, _AUTH, "accounts/fireworks/models/starcoder-16b"),
    ),
    (
        "13-google-gemini",
        "google::v1::gemini-2.0-flash",
        at(
            "https://generativelanguage.googleapis.com/v1beta/openai",
            _AUTH,
            "gemini-2.0-flash",
            by_chat=True,
        ),
    ),
    (
        "14-vertex-anthropic",
        "google::20250219::claude-3-7-sonnet",
        Fails("no OpenAI-compatible address for models of anthropic"),
    ),
    (
        site(VERTEX, {"modelName": "google/gemini-2.0-flash"}),
        "p::v1::m",
        at(
            f"{VERTEX['endpoint']}/endpoints/openapi",
            _AUTH,
            "google/gemini-2.0-flash",
            by_chat=True,
        ),
    ),
    (site(VERTEX | {"accessToken": ""}, {}), "p::v1::m", Fails("OAuth tokens only")),
    (
        "15-openai",
        "openai::unknown::gpt-4.1-nano",
        at("https://api.openai.com/v1", _AUTH, "gpt-4.1-nano", by_chat=True),
    ),
    (
        "15-openai",
        "openai::unknown::o3",
        at("https://api.openai.com/v1", _AUTH, "o3", by_chat=True),
    ),
    (
        "16-anthropic",
        "anthropic::2024-10-22::claude-3-7-sonnet-extended-thinking",
        at(_ANTHROPIC, _AUTH, "claude-3-7-sonnet-latest", by_chat=True),
    ),
    ("17-gateway", "anthropic::2023-06-01::claude-3-haiku", Fails("sourcegraph.endpoint")),
    (
        "18-gateway-with-filters",
        "anthropic::2023-06-01::claude-3-haiku",
        by_gateway("anthropic::2023-06-01::claude-3-haiku", None),
    ),
    (
        "19-gateway-one-provider-taken-over",
        "anthropic::2023-06-01::claude-3-haiku",
        at(_ANTHROPIC, _AUTH, "claude-3-haiku-20240307", by_chat=True),
    ),
    (
        "19-gateway-one-provider-taken-over",
        "fireworks::v1::deepseek-coder-v2-lite-base",
        Fails("sourcegraph.endpoint"),
    ),
    (
        "20-gateway-and-own-namespace",
        "anthropic-byok::2023-06-01::claude-3-7-sonnet",
        at(_ANTHROPIC, _AUTH, "claude-3-7-sonnet-latest", by_chat=True),
    ),
    (
        "20-gateway-and-own-namespace",
        "fireworks::v1::deepseek-coder-v2-lite-base",
        by_gateway("fireworks::v1::deepseek-coder-v2-lite-base"),
    ),
]


def opened(document: str | Json) -> ModelConfiguration:
    configuration, problems = (
        FILES[document].build() if isinstance(document, str) else build(document)
    )
    assert configuration is not None, problems
    return configuration


def followed(document: str | Json, ref: str) -> Goes | str:
    """Return where a model's requests go, or the sentence that says why nowhere."""
    configuration = opened(document)
    model = next(one for one in configuration.models if str(one.model_ref) == ref)
    owner = model.model_ref.provider_id
    provider = next(one for one in configuration.providers if one.id == owner)
    try:
        (route,) = routes_for(provider, model)
    except ConfigurationError as error:
        return str(error)
    return Goes(
        route.chat_url,
        route.completions_url if route.has_completions else "chat",
        next((name for name, _ in route.address.headers), None),
        route.model_name.get_secret_value(),
    )


def named(row: tuple[str | Json, str, Goes | Fails], number: int) -> str:
    document, ref, _ = row
    return f"{document if isinstance(document, str) else number}-{ref}"


@pytest.mark.parametrize(
    ("document", "ref", "expected"), TABLE, ids=[named(row, at) for at, row in enumerate(TABLE)]
)
def test_a_documented_configuration_leads_to(
    document: str | Json, ref: str, expected: Goes | Fails
) -> None:
    found = followed(document, ref)
    if isinstance(expected, Goes):
        assert found == expected
    else:
        assert isinstance(found, str)
        assert expected.words in found
        assert found.endswith("correct the configuration.")


def test_every_documented_configuration_is_in_the_table() -> None:
    assert {row[0] for row in TABLE if isinstance(row[0], str)} == FILES.keys()
