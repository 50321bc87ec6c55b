"""The configurations that documentation shows, each followed to where its requests would go."""

import json
from dataclasses import dataclass

import pytest

from config.loading import open_document
from config.model_ref import ModelRef
from providers.errors import ConfigurationError
from providers.routes import routes_for

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


def provider(provider_id: str, kind: str, endpoint: str, token: str = "", **more: object) -> Json:
    side: Json = {"type": kind, "endpoint": endpoint, "accessToken": token, **more}
    return {"id": provider_id, "displayName": provider_id, "serverSideConfig": side}


def compatible(
    provider_id: str,
    *urls: str,
    token: str = "",
    kind: str = "openaicompatible",
    headers: Json | None = None,
    **more: object,
) -> Json:
    one = {"accessToken": token} | ({} if headers is None else {"headers": headers})
    side: Json = {"type": kind, "endpoints": [{"url": url, **one} for url in urls], **more}
    return {"id": provider_id, "displayName": provider_id, "serverSideConfig": side}


def model(ref: str, name: str = "", *, api_model: str = "", **more: object) -> Json:
    written: Json = {
        "modelRef": ref,
        "displayName": ref,
        "modelName": name or ModelRef.parse(ref).model_id,
        "capabilities": ["chat", "autocomplete"],
        "category": "balanced",
        "status": "stable",
        "contextWindow": {"maxInputTokens": 8192, "maxOutputTokens": 4096},
        **more,
    }
    if api_model:
        written["serverSideConfig"] = {"type": "openaicompatible", "apiModel": api_model}
        written["clientSideConfig"] = {"openaicompatible": {}}
    return written


def site(*parts: Json, sourcegraph: Json | None = None, **more: object) -> Json:
    """Make a document of providers and models, told apart by their keys."""
    return {
        "sourcegraph": sourcegraph,
        "providerOverrides": [part for part in parts if "id" in part],
        "modelOverrides": [part for part in parts if "modelRef" in part],
        **more,
    }


RECOMMENDED = ["mistral::v1::mixtral-8x7b-instruct", "bigcode::v1::starcoder2-7b"]
TGI = site(
    compatible("mistral", "https://mistral.example.com/v1", kind="huggingface-tgi"),
    compatible("bigcode", "http://starcoder.example.com/v1", kind="huggingface-tgi"),
    modelOverridesRecommendedSettings=RECOMMENDED,
)
LLAMA = "accounts/fireworks/models/llama-v3p1-70b-instruct"
CODELLAMA_URL = "https://api-inference.huggingface.co/models/meta-llama/CodeLlama-7b-hf/v1"
FIREWORKS_URL = "https://api.fireworks.ai/inference/v1"
MIXED_MODELS = (
    model("fireworks::v1::llama-v3p1-70b-instruct", api_model=LLAMA),
    model("huggingface-codellama::v1::CodeLlama-7b-hf", api_model="meta-llama/CodeLlama-7b-hf"),
)
MIXED = site(
    compatible("fireworks", FIREWORKS_URL, token="t"),
    compatible("huggingface-codellama", f"{CODELLAMA_URL}/", token="t"),
    *MIXED_MODELS,
)
MIXED_BY_CHAT = site(
    compatible("fireworks", FIREWORKS_URL, token="t", useLegacyCompletions=False),
    compatible("huggingface-codellama", CODELLAMA_URL, headers={"X-api-key": "t"}),
    *MIXED_MODELS,
)
SELF_HOSTED = site(
    compatible("vllm", "http://10.1.2.3:8000/v1", token="t"),
    compatible("ollama", "http://127.0.0.1:11434/v1"),
    compatible("lmstudio", "http://localhost:1234/v1"),
    compatible("nim", "http://nim:8000/v1"),
    compatible("lisa", "https://alb.test/v2/serve", headers={"Api-Key": "t"}),
    compatible("chat", "http://h:8080/v1"),
    compatible("fim", "http://h:8012"),
    model("vllm::v1::qwen-coder-32b", "Qwen/Qwen2.5-Coder-32B-Instruct"),
    model("ollama::v1::qwen2.5-coder-7b", api_model="qwen2.5-coder:7b-base"),
    model("lmstudio::v1::loaded"),
    model("nim::v1::meta/llama-3.1-8b-instruct"),
    model("lisa::v1::textgen"),
    model("chat::v1::any"),
    model("fim::v1::any"),
)
AZURE_URL = "https://acme-test.openai.azure.com/"
AZURE_MODELS = (
    model("azure-openai::unknown::gpt-4o"),
    model("azure-openai::unknown::gpt-35-turbo-instruct-test"),
)
AZURE = site(
    provider(
        "azure-openai", "azureOpenAI", AZURE_URL, "t", user="", useDeprecatedCompletionsAPI=True
    ),
    *AZURE_MODELS,
)
AZURE_BY_CHAT = site(
    provider(
        "azure-openai", "azureOpenAI", AZURE_URL, "t", user="", useDeprecatedCompletionsAPI=False
    ),
    *AZURE_MODELS,
)
AZURE_MANAGED = site(
    provider(
        "azure-openai", "azureOpenAI", AZURE_URL, "", user="", useDeprecatedCompletionsAPI=True
    ),
    *AZURE_MODELS,
)
CLAUDE = "aws-bedrock::2025-02-19::claude-3-7-sonnet"
CLAUDE_ON_BEDROCK = model(CLAUDE, "anthropic.claude-3-7-sonnet-20250219-v1:0")
PROVISIONED = CLAUDE_ON_BEDROCK | {
    "serverSideConfig": {"type": "awsBedrockProvisionedThroughput", "arn": "arn:aws:bedrock:x"}
}
VPC = "https://vpce-1.bedrock.us-west-2.vpce.amazonaws.com"


def bedrock(token: str, *models: Json, endpoint: str = VPC) -> Json:
    return site(provider("aws-bedrock", "awsBedrock", endpoint, token, region="us-west-2"), *models)


FIREWORKS = site(
    provider("fireworks", "fireworks", f"{FIREWORKS_URL}/completions", "t"),
    model("fireworks::v1::starcoder-16b", "accounts/fireworks/models/starcoder-16b"),
)
GEMINI = site(
    provider("google", "google", "https://generativelanguage.googleapis.com/v1beta/models", "t"),
    model("google::unknown::gemini-2.0-flash"),
)
VERTEX_URL = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
VERTEX = site(
    provider("google", "google", f"{VERTEX_URL}/publishers/anthropic/models"),
    model("google::unknown::claude-3-7-sonnet", "claude-3-7-sonnet@20250219"),
)
OPENAI = site(
    provider("openai", "openai", "https://api.openai.com", "t"),
    model("openai::unknown::gpt-4.1-nano"),
    model("openai::unknown::o3", reasoningEffort="medium", capabilities=["chat", "reasoning"]),
)
ANTHROPIC = site(
    provider("anthropic", "anthropic", "https://api.anthropic.com/v1/messages", "t"),
    model("anthropic::2024-10-22::claude-3-7-sonnet", "claude-3-7-sonnet-latest"),
)
BASE: Json = {
    "schemaVersion": "1.0",
    "providers": [{"id": "anthropic"}, {"id": "fireworks"}],
    "models": [
        model("anthropic::2024-10-22::claude-sonnet-4", "claude-sonnet-4"),
        model("fireworks::v1::deepseek-coder-v2"),
    ],
}
INSTANCE: Json = {"endpoint": "https://sourcegraph.example.com", "accessToken": "t"}
FILTERS: Json = {
    "statusFilter": ["beta", "stable"],
    "allow": ["anthropic::*", "openai::*", "google::*", "fireworks::*"],
    "deny": ["*turbo*", "acmeco::*"],
}
OWN_ANTHROPIC = provider("anthropic", "anthropic", "https://api.anthropic.com", "own")
OWN_SPACE = provider("anthropic-byok", "anthropic", "https://api.anthropic.com/v1/messages", "own")
BY_GATEWAY = Goes(
    "https://sourcegraph.example.com/.api/llm/chat/completions",
    "chat",
    "Authorization",
    "anthropic::2024-10-22::claude-sonnet-4",
)
DEEPSEEK_BY_GATEWAY = Goes(
    "https://sourcegraph.example.com/.api/llm/chat/completions",
    "chat",
    "Authorization",
    "fireworks::v1::deepseek-coder-v2",
)


def at(base: str, header: str | None, name: str, *, by_chat: bool = False) -> Goes:
    completion = "chat" if by_chat else f"{base}/completions"
    return Goes(f"{base}/chat/completions", completion, header, name)


_AUTH = "Authorization"
_MIXTRAL, _STARCODER = RECOMMENDED
_ANTHROPIC_V1 = "https://api.anthropic.com/v1"
_AZURE_V1 = "https://acme-test.openai.azure.com/openai/v1"

TABLE: list[tuple[str, Json, str, Goes | Fails]] = [
    (
        "01-tgi-chat",
        TGI,
        _MIXTRAL,
        at("https://mistral.example.com/v1", None, "mixtral-8x7b-instruct"),
    ),
    ("01-tgi-code", TGI, _STARCODER, at("http://starcoder.example.com/v1", None, "starcoder2-7b")),
    (
        "02-fireworks",
        MIXED,
        "fireworks::v1::llama-v3p1-70b-instruct",
        at(FIREWORKS_URL, _AUTH, LLAMA),
    ),
    (
        "02-huggingface",
        MIXED,
        "huggingface-codellama::v1::CodeLlama-7b-hf",
        at(CODELLAMA_URL, _AUTH, "meta-llama/CodeLlama-7b-hf"),
    ),
    (
        "03-no-legacy",
        MIXED_BY_CHAT,
        "fireworks::v1::llama-v3p1-70b-instruct",
        at(FIREWORKS_URL, _AUTH, LLAMA, by_chat=True),
    ),
    (
        "03-headers",
        MIXED_BY_CHAT,
        "huggingface-codellama::v1::CodeLlama-7b-hf",
        at(CODELLAMA_URL, "X-api-key", "meta-llama/CodeLlama-7b-hf"),
    ),
    (
        "04-vllm",
        SELF_HOSTED,
        "vllm::v1::qwen-coder-32b",
        at("http://10.1.2.3:8000/v1", _AUTH, "Qwen/Qwen2.5-Coder-32B-Instruct"),
    ),
    (
        "05-ollama",
        SELF_HOSTED,
        "ollama::v1::qwen2.5-coder-7b",
        at("http://127.0.0.1:11434/v1", None, "qwen2.5-coder:7b-base"),
    ),
    (
        "06-lm-studio",
        SELF_HOSTED,
        "lmstudio::v1::loaded",
        at("http://localhost:1234/v1", None, "loaded"),
    ),
    (
        "07-nim",
        SELF_HOSTED,
        "nim::v1::meta/llama-3.1-8b-instruct",
        at("http://nim:8000/v1", None, "meta/llama-3.1-8b-instruct"),
    ),
    (
        "08-lisa",
        SELF_HOSTED,
        "lisa::v1::textgen",
        at("https://alb.test/v2/serve", "Api-Key", "textgen"),
    ),
    ("09-llama-cpp-chat", SELF_HOSTED, "chat::v1::any", at("http://h:8080/v1", None, "any")),
    ("09-llama-cpp-fim", SELF_HOSTED, "fim::v1::any", at("http://h:8012/v1", None, "any")),
    (
        "10-azure",
        AZURE,
        "azure-openai::unknown::gpt-35-turbo-instruct-test",
        at(_AZURE_V1, "api-key", "gpt-35-turbo-instruct-test"),
    ),
    (
        "10-azure-by-chat",
        AZURE_BY_CHAT,
        "azure-openai::unknown::gpt-4o",
        at(_AZURE_V1, "api-key", "gpt-4o", by_chat=True),
    ),
    (
        "10-azure-managed-identity",
        AZURE_MANAGED,
        "azure-openai::unknown::gpt-4o",
        Fails("managed identities"),
    ),
    (
        "11-bedrock-access-key",
        bedrock("KEY:SECRET", PROVISIONED),
        CLAUDE,
        Fails("create an Amazon Bedrock API key"),
    ),
    (
        "11-bedrock-ambient",
        bedrock("", CLAUDE_ON_BEDROCK, endpoint="us-west-2"),
        CLAUDE,
        Fails("create an Amazon Bedrock API key"),
    ),
    (
        "11-bedrock-api-key",
        bedrock("bedrock-api-key", CLAUDE_ON_BEDROCK, endpoint="us-west-2"),
        CLAUDE,
        at(
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
            _AUTH,
            "anthropic.claude-3-7-sonnet-20250219-v1:0",
            by_chat=True,
        ),
    ),
    (
        "11-bedrock-provisioned",
        bedrock("bedrock-api-key", PROVISIONED),
        CLAUDE,
        at(f"{VPC}/openai/v1", _AUTH, "arn:aws:bedrock:x", by_chat=True),
    ),
    (
        "12-fireworks",
        FIREWORKS,
        "fireworks::v1::starcoder-16b",
        at(FIREWORKS_URL, _AUTH, "accounts/fireworks/models/starcoder-16b"),
    ),
    (
        "13-gemini",
        GEMINI,
        "google::unknown::gemini-2.0-flash",
        at(
            "https://generativelanguage.googleapis.com/v1beta/openai",
            _AUTH,
            "gemini-2.0-flash",
            by_chat=True,
        ),
    ),
    (
        "14-vertex-anthropic",
        VERTEX,
        "google::unknown::claude-3-7-sonnet",
        Fails("no OpenAI-compatible address for models of anthropic"),
    ),
    (
        "15-openai",
        OPENAI,
        "openai::unknown::gpt-4.1-nano",
        at("https://api.openai.com/v1", _AUTH, "gpt-4.1-nano", by_chat=True),
    ),
    (
        "15-openai-reasoning",
        OPENAI,
        "openai::unknown::o3",
        at("https://api.openai.com/v1", _AUTH, "o3", by_chat=True),
    ),
    (
        "16-anthropic",
        ANTHROPIC,
        "anthropic::2024-10-22::claude-3-7-sonnet",
        at(_ANTHROPIC_V1, _AUTH, "claude-3-7-sonnet-latest", by_chat=True),
    ),
    (
        "17-gateway-nowhere",
        site(sourcegraph={}),
        "anthropic::2024-10-22::claude-sonnet-4",
        Fails("sourcegraph.endpoint"),
    ),
    (
        "17-gateway",
        site(sourcegraph=INSTANCE),
        "anthropic::2024-10-22::claude-sonnet-4",
        BY_GATEWAY,
    ),
    (
        "18-gateway-filters",
        site(sourcegraph=INSTANCE | {"modelFilters": FILTERS}),
        "fireworks::v1::deepseek-coder-v2",
        DEEPSEEK_BY_GATEWAY,
    ),
    (
        "19-provider-taken-over",
        site(OWN_ANTHROPIC, sourcegraph=INSTANCE),
        "anthropic::2024-10-22::claude-sonnet-4",
        at(_ANTHROPIC_V1, _AUTH, "claude-sonnet-4", by_chat=True),
    ),
    (
        "19-the-other-provider",
        site(OWN_ANTHROPIC, sourcegraph=INSTANCE),
        "fireworks::v1::deepseek-coder-v2",
        DEEPSEEK_BY_GATEWAY,
    ),
    (
        "20-own-namespace",
        site(OWN_SPACE, model("anthropic-byok::v1::claude"), sourcegraph=INSTANCE),
        "anthropic-byok::v1::claude",
        at(_ANTHROPIC_V1, _AUTH, "claude", by_chat=True),
    ),
]


def followed(document: Json, ref: str) -> Goes | str:
    """Return where a model's requests go, or the sentence that says why nowhere."""
    opened = open_document(json.dumps(document), environ={}, read_file=str)
    configuration, problems = opened.build(BASE if document["sourcegraph"] is not None else None)
    assert configuration is not None, problems
    model = next(one for one in configuration.models if str(one.model_ref) == ref)
    provider = next(one for one in configuration.providers if one.id == model.model_ref.provider_id)
    try:
        (route,) = routes_for(provider, model)
    except ConfigurationError as error:
        return str(error)
    return Goes(
        route.chat_url,
        route.completions_url if route.address.has_completions else "chat",
        next((name for name, _ in route.address.headers), None),
        route.model_name.get_secret_value(),
    )


@pytest.mark.parametrize(
    ("document", "ref", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_documented_configuration_leads_to(
    document: Json, ref: str, expected: Goes | Fails
) -> None:
    found = followed(document, ref)
    if isinstance(expected, Goes):
        assert found == expected
    else:
        assert isinstance(found, str)
        assert expected.words in found
        assert found.endswith("correct the configuration.")
