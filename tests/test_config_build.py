"""What a site document and a base become, and what is reported of them."""

import copy
import json
from typing import Any

import pytest

from config.build import build
from config.problems import Problem
from config.rendered import (
    AwsBedrockProvider,
    AzureOpenAIProvider,
    GatewayProvider,
    GenericProvider,
    Model,
    ModelConfiguration,
    OpenAICompatibleProvider,
)

Json = dict[str, Any]


def site(**more: object) -> Json:
    """One provider `box` with one model `m` that can do everything."""
    return {"sourcegraph": None, "providerOverrides": [box()], "modelOverrides": [model()], **more}


def box(**more: object) -> Json:
    server = {"type": "openaicompatible", "endpoints": [{"url": "http://gpu:8000/v1"}]}
    return {"id": "box", "displayName": "Box", "serverSideConfig": server, **more}


def model(ref: str = "box::v1::m", **more: object) -> Json:
    window = {"maxInputTokens": 8192, "maxOutputTokens": 4096}
    return {
        "modelRef": ref,
        "displayName": "m",
        "modelName": "m",
        "capabilities": ["chat", "autocomplete"],
        "category": "balanced",
        "status": "stable",
        "contextWindow": window,
        **more,
    }


def base(**more: object) -> Json:
    """A base with provider `vendor`: an able model, a fast one, a deprecated one."""
    return {
        "schemaVersion": "1.0",
        "revision": "r1",
        "providers": [{"id": "vendor", "displayName": "Vendor"}],
        "models": [
            model("vendor::v1::able", category="accuracy", tier="pro"),
            model("vendor::v1::fast", category="speed"),
            model("vendor::v1::old", status="deprecated"),
        ],
        "defaultModels": {
            "chat": "vendor::v1::able",
            "fastChat": "vendor::v1::fast",
            "codeCompletion": "vendor::v1::fast",
        },
        **more,
    }


def built(document: object, base_document: object = None) -> ModelConfiguration:
    configuration, problems = build(document, base_document)
    assert configuration is not None, problems
    return configuration


def the_model(configuration: ModelConfiguration, ref: str = "box::v1::m") -> Model:
    (found,) = [model for model in configuration.models if str(model.model_ref) == ref]
    return found


def found(document: object, base_document: object = None) -> list[tuple[str, str, str]]:
    _, problems = build(document, base_document)
    return [(problem.severity, problem.code, problem.pointer) for problem in problems]


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def at(document: Json, path: str, value: object) -> Json:
    """Give a copy of the document with another value at a pointer; `...` removes it."""
    changed = copy.deepcopy(document)
    *parents, last = path.split("/")[1:]
    inner: Any = changed
    for part in parents:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    if value is ...:
        del inner[last]
    elif isinstance(inner, list):
        inner[int(last)] = value
    else:
        inner[last] = value
    return changed


_SERVER = "/providerOverrides/0/serverSideConfig"
_URL = _SERVER + "/endpoints/0/url"
_TOKEN = _SERVER + "/endpoints/0/accessToken"
_HEADERS = _SERVER + "/endpoints/0/headers"
_MODEL = "/modelOverrides/0"


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        ("/sourcegraph", {"endpoint": "ftp://x"}, "gateway-url", "/sourcegraph/endpoint"),
        ("/sourcegraph", {"endpoint": ""}, "gateway-url", "/sourcegraph/endpoint"),
        ("/sourcegraph", True, "wrong-type", "/sourcegraph"),
        ("/providerOverrides", {}, "wrong-type", "/providerOverrides"),
        ("/providerOverrides/0", None, "wrong-type", "/providerOverrides/0"),
        ("/providerOverrides/0/id", "", "provider-id", "/providerOverrides/0/id"),
        ("/providerOverrides/0/id", "a:b", "provider-id", "/providerOverrides/0/id"),
        ("/providerOverrides/0/id", 7, "wrong-type", "/providerOverrides/0/id"),
        ("/providerOverrides/0/id", ..., "missing-field", "/providerOverrides/0"),
        (_SERVER, ..., "provider-no-server-config", "/providerOverrides/0"),
        (_SERVER, None, "provider-no-server-config", "/providerOverrides/0"),
        (_SERVER, {}, "provider-type", _SERVER),
        (_SERVER, {"type": "unused"}, "provider-type", _SERVER + "/type"),
        (_SERVER, {"type": 1}, "provider-type", _SERVER + "/type"),
        (_SERVER + "/endpoints", [], "endpoints-empty", _SERVER + "/endpoints"),
        (_SERVER + "/endpoints", None, "endpoints-empty", _SERVER),
        (_SERVER + "/endpoints", ..., "missing-field", _SERVER),
        (_SERVER + "/endpoints/0", {}, "missing-field", _SERVER + "/endpoints/0"),
        (_URL, "gpu:8000", "endpoint-url", _URL),
        (_URL, "http://", "endpoint-url", _URL),
        (_URL, "http://h:port/", "endpoint-url", _URL),
        (_URL, "http://h/a b", "endpoint-url", _URL),
        (_URL, "http://[::1", "endpoint-url", _URL),
        (_URL, "http://user:pw@h/", "endpoint-url", _URL),
        (_URL, "http://h/#part", "endpoint-url", _URL),
        (_URL, "http://h/v1#", "endpoint-url", _URL),
        (_URL, "http://h\u200b/v1", "endpoint-url", _URL),
        (_URL, "http://h/v1/\x7f", "endpoint-url", _URL),
        (_HEADERS, {"X Y": "k"}, "bad-header", f"{_HEADERS}/X Y"),
        (_HEADERS, {"X": "k\r\nY: z"}, "bad-header", f"{_HEADERS}/X"),
        (_HEADERS, {"X": "cl\u00e9"}, "bad-header", f"{_HEADERS}/X"),
        (_HEADERS, {"content-LENGTH": "7"}, "bad-header", f"{_HEADERS}/content-LENGTH"),
        (_HEADERS, {"Transfer-Encoding": "chunked"}, "bad-header", f"{_HEADERS}/Transfer-Encoding"),
        (_TOKEN, "k\nl", "bad-header", _TOKEN),
        (
            _SERVER,
            {"type": "openai", "endpoint": "https://h", "accessToken": "cl\u00e9"},
            "bad-header",
            _SERVER + "/accessToken",
        ),
        (_SERVER, {"type": "openai", "endpoint": "https://h"}, "missing-field", _SERVER),
        (_SERVER, {"type": "google"}, "missing-field", _SERVER),
        (_SERVER, {"type": "azureOpenAI", "endpoint": "h"}, "endpoint-url", _SERVER + "/endpoint"),
        (_SERVER, {"type": "awsBedrock", "endpoint": "us-west-2"}, "missing-field", _SERVER),
        ("/providerOverrides/0/displayName", "x" * 129, "display-name", None),
        (_MODEL + "/modelRef", "", "ref-blank", _MODEL + "/modelRef"),
        (_MODEL + "/modelRef", "box/m", "ref-parts", _MODEL + "/modelRef"),
        (_MODEL + "/modelRef", ..., "missing-field", _MODEL),
        (_MODEL + "/modelRef", "other::v1::m", "unknown-provider", _MODEL + "/modelRef"),
        (_MODEL + "/displayName", "x" * 129, "display-name", None),
        (_MODEL + "/contextWindow/maxInputTokens", -1, "context-input", None),
        (_MODEL + "/contextWindow/maxOutputTokens", -1, "context-output", None),
        (_MODEL + "/contextWindow/maxInputTokens", 0.5, "wrong-type", None),
        (_MODEL + "/contextWindow/maxInputTokens", True, "wrong-type", None),
        (_MODEL + "/contextWindow/maxInputTokens", 10**400, "wrong-type", None),
        (_MODEL + "/capabilities", "chat", "wrong-type", None),
        (_MODEL + "/capabilities", ["chat", 1], "wrong-type", _MODEL + "/capabilities/1"),
        (_MODEL + "/serverSideConfig", {}, "model-server-type", _MODEL + "/serverSideConfig"),
        (
            _MODEL + "/serverSideConfig",
            {"type": "awsBedrockProvisionedThroughput"},
            "missing-field",
            _MODEL + "/serverSideConfig",
        ),
        (
            _MODEL + "/clientSideConfig",
            {"openaicompatible": {"chatMaxTokens": -1}},
            "wrong-type",
            _MODEL + "/clientSideConfig/openaicompatible/chatMaxTokens",
        ),
        ("/modelOverridesRecommendedSettings", ["x"], "recommended-unknown", None),
        ("/selfHostedModels", [{"provider": "box"}], "selfhosted-unknown", None),
        ("/selfHostedModels", [{"model": "starcoder2-7b@v1"}], "missing-field", None),
        ("/defaultModels", {"chat": "m"}, "ref-parts", "/defaultModels/chat"),
        ("/defaultModels", {"fallbackChat": "a::b"}, "ref-parts", "/defaultModels/fallbackChat"),
    ],
)
def test_broken_rule_is_an_error_at_its_place(
    path: str, value: object, code: str, pointer: str | None
) -> None:
    document = at(site(), path, value)

    configuration, problems = build(document)

    assert configuration is None
    matching = [p for p in problems if p.code == code and p.severity == "error"]
    assert matching, problems
    if pointer is not None:
        assert matching[0].pointer == pointer
    assert matching[0].message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer", "words"),
    [
        ("/modelOverride", [], "unknown-key", "/modelOverride", "modelOverrides"),
        (_SERVER + "/endpoint", "x", "unknown-key", _SERVER + "/endpoint", "endpoints"),
        (_MODEL + "/type", "x", "unknown-key", _MODEL + "/type", "unknown"),
        ("/sourcegraph", {"pollingInterval": "6h"}, "unknown-key", None, "pollingInterval"),
        (_MODEL + "/category", "balance", "unknown-enum", None, 'did you mean "balanced"'),
        (_MODEL + "/status", "waitlist", "unknown-enum", None, "kept"),
        ("/systemPreInstruction", "x" * 281, "instruction-length", None, "281"),
        ("/defaultModels", {"chat": "box::v1::mm"}, "default-unknown", None, "box::v1::m"),
    ],
)
def test_oddity_is_a_warning_and_the_document_is_used(
    path: str, value: object, code: str, pointer: str | None, words: str
) -> None:
    configuration, problems = build(at(site(), path, value))

    assert configuration is not None
    matching = [p for p in problems if p.code == code and p.severity == "warning"]
    assert matching, problems
    assert words in matching[0].message
    assert matching[0].pointer == (pointer or matching[0].pointer)


def test_all_problems_are_reported_at_once() -> None:
    document = site(
        sourcegraph={"endpoint": "x", "modelFilters": {"allow": ["a*b"], "deny": [""]}},
        providerOverrides=[box(), box(), box(id="a b"), {"id": "bare"}],
        modelOverrides=[model(), model(), model("x"), model(contextWindow={"maxInputTokens": -1})],
        modelOverridesRecommendedSettings=["nope"],
        selfHostedModels=[{"model": "nope"}],
        defaultModels={"chat": "x"},
        typo=1,
    )

    assert codes(build(document)[1]) >= {
        "gateway-url",
        "filter-allow",
        "filter-deny",
        "duplicate-provider",
        "provider-id",
        "provider-no-server-config",
        "duplicate-model",
        "ref-parts",
        "recommended-unknown",
        "selfhosted-unknown",
        "missing-field",
        "unknown-key",
    }


def test_missing_default_is_not_reported_on_top_of_the_error_that_explains_it() -> None:
    assert found(at(site(), _MODEL + "/modelRef", "x")) == [
        ("error", "ref-parts", "/modelOverrides/0/modelRef")
    ]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/modelOverrides", {}, "/modelOverrides"),
        ("/modelOverrides/0", 1, "/modelOverrides/0"),
        (_SERVER + "/endpoints", "http://h", _SERVER + "/endpoints"),
        (_SERVER + "/endpoints/0", "http://h", _SERVER + "/endpoints/0"),
        ("/providerOverrides/0", "box", "/providerOverrides/0"),
    ],
)
def test_value_of_the_wrong_type_is_reported_once_and_alone(
    path: str, value: object, pointer: str
) -> None:
    assert found(at(site(), path, value)) == [("error", "wrong-type", pointer)]


def test_all_of_many_problems_are_reported() -> None:
    models = [model(f"p{i}::v1::m", **{f"capabilitie{i}": 1}) for i in range(300)]

    _, problems = build(site(modelOverrides=models))

    assert len(problems) == 600


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (_MODEL + "/capabilities", "chat", "wrong-type"),
        (_MODEL + "/capabilities", ["chat", 1], "wrong-type"),
        (_MODEL + "/modelRef", 7, "wrong-type"),
        (_MODEL + "/modelRef", "m", "ref-parts"),
        ("/modelOverrides", [], "wrong-type"),
        ("/providerOverrides/0/defaultModelConfig", {"capabilities": "chat"}, "wrong-type"),
        ("/providerOverrides/0/defaultModelConfig", [], "wrong-type"),
        ("/selfHostedModels", [{"provider": "box", "model": 7}], "wrong-type"),
        ("/sourcegraph", {"modelFilters": {"allow": ["a*b"]}}, "filter-allow"),
    ],
)
def test_mistake_that_hides_what_models_can_do_is_the_only_problem(
    path: str, value: object, code: str
) -> None:
    document = at(site(), _MODEL, model(capabilities=[]))
    if path == "/modelOverrides":
        document["selfHostedModels"] = 7
    if path in {"/selfHostedModels", "/sourcegraph"}:
        document["modelOverrides"] = []

    for strict in (False, True):
        configuration, problems = build(at(document, path, value), base(), strict=strict)
        assert configuration is None
        assert [problem.code for problem in problems] == [code]


@pytest.mark.parametrize("document", [[], "x", 7, True, ["modelOverrides"]])
def test_document_that_is_no_object_is_an_error(document: object) -> None:
    assert found(document) == [("error", "wrong-type", "")]


def test_null_document_is_the_base_alone() -> None:
    assert len(built(None, base()).models) == 2
    assert found(None) == [("error", "no-models", "")]


@pytest.mark.parametrize(
    ("url", "warns"),
    [
        ("http://api.example.com/v1", True),
        ("http://8.8.8.8/v1", True),
        ("https://api.example.com/v1", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://10.1.2.3:8000", False),
        ("http://192.168.0.7", False),
        ("http://gpu-1:8000", False),
        ("http://gpu-1.internal", False),
    ],
)
@pytest.mark.parametrize("secret", [{"accessToken": "k"}, {"headers": {"X-Api-Key": "k"}}])
def test_token_sent_unencrypted_to_a_public_host_is_a_warning(
    url: str, warns: bool, secret: Json
) -> None:
    document = at(site(), _SERVER + "/endpoints/0", {"url": url, **secret})

    configuration, problems = build(document)

    assert configuration is not None
    assert codes(problems) == ({"insecure-token"} if warns else set())


@pytest.mark.parametrize(
    ("token", "warns"), [("Bearer k", True), ("bearer k", True), ("bearer", False), ("k", False)]
)
def test_token_that_brings_its_scheme_along_is_a_warning(token: str, warns: bool) -> None:
    configuration, problems = build(at(site(), _TOKEN, token))

    assert configuration is not None
    assert codes(problems) == ({"token-scheme"} if warns else set())


def test_header_that_is_no_secret_may_travel_unencrypted() -> None:
    endpoint = {
        "url": "http://api.example.com",
        "headers": {"X-Team": "a"},
        "accessToken": "unused",
    }

    assert found(at(site(), _SERVER + "/endpoints/0", endpoint)) == []


def test_zero_and_null_mean_not_said() -> None:
    window = {"maxInputTokens": 0, "maxOutputTokens": None}
    configuration = built(site(modelOverrides=[model(contextWindow=window, status=None)]))

    found_model = the_model(configuration)
    assert found_model.context_window.max_input_tokens == 4000
    assert found_model.context_window.max_output_tokens == 4000
    assert found_model.status == ""


def test_null_lists_are_empty_lists() -> None:
    document = site(modelOverridesRecommendedSettings=None, selfHostedModels=None)

    assert found(document) == []


def test_own_provider_never_goes_through_the_gateway() -> None:
    document = site(sourcegraph={}, providerOverrides=[{"id": "box"}])

    assert ("error", "provider-no-server-config", "/providerOverrides/0") in found(document, base())


def test_base_provider_goes_through_the_gateway_with_its_address_and_token() -> None:
    gateway = {"endpoint": "https://sg.example.com/x/", "accessToken": "t"}

    (provider,) = built({"sourcegraph": gateway}, base()).providers

    assert isinstance(provider.server_side, GatewayProvider)
    assert provider.server_side.endpoint == "https://sg.example.com/x/"
    assert provider.server_side.access_token is not None
    assert provider.server_side.access_token.get_secret_value() == "t"


def test_gateway_without_address_is_a_warning() -> None:
    assert found({"sourcegraph": {}}, base()) == [("warning", "gateway-missing", "/sourcegraph")]


def test_base_is_ignored_without_sourcegraph() -> None:
    assert [str(m.model_ref) for m in built(site(), base()).models] == ["box::v1::m"]
    assert found(site(), {"models": "nonsense"}) == []


def test_naming_a_base_provider_changes_only_what_is_said() -> None:
    server = {"openAICompatible": {"endpoints": [{"url": "http://gpu/v1"}]}}
    provider = {"id": "vendor", "displayName": "Vendor", "serverSideConfig": server}
    document = {"sourcegraph": {}, "providerOverrides": [{"id": "vendor", "displayName": "Ours"}]}

    (merged,) = built(document, base(providers=[provider])).providers

    assert merged.display_name == "Ours"
    assert isinstance(merged.server_side, OpenAICompatibleProvider)


def test_provider_defaults_hold_for_all_its_models_and_overrides_win() -> None:
    defaults = {
        "capabilities": ["chat"],
        "category": "speed",
        "status": "beta",
        "contextWindow": {"maxInputTokens": 100, "maxOutputTokens": 50},
        "clientSideConfig": {"openaicompatible": {"chatTopK": 3}},
        "serverSideConfig": {"type": "openaicompatible", "apiModel": "from-defaults"},
    }
    plain = {"modelRef": "box::v1::plain"}
    own = model("box::v1::own", contextWindow={"maxInputTokens": 7, "maxOutputTokens": 0})
    document = site(
        providerOverrides=[box(defaultModelConfig=defaults)], modelOverrides=[plain, own]
    )

    configuration = built(document)

    inherited = the_model(configuration, "box::v1::plain")
    assert (inherited.capabilities, inherited.category) == (("chat",), "speed")
    assert inherited.context_window.max_input_tokens == 100
    assert inherited.knobs is not None
    assert inherited.knobs.chat_top_k == 3
    assert inherited.name_for_api == "from-defaults"
    overridden = the_model(configuration, "box::v1::own")
    assert overridden.capabilities == ("chat", "autocomplete")
    assert overridden.context_window.max_input_tokens == 7
    assert overridden.context_window.max_output_tokens == 50


def test_empty_client_side_replaces_as_a_whole() -> None:
    known = model("vendor::v1::able", clientSideConfig={"openAICompatible": {"chatTopK": 3}})
    override = {"modelRef": "vendor::v1::able", "clientSideConfig": {}}

    configuration = built(
        {"sourcegraph": {}, "modelOverrides": [override]}, base(models=[known], defaultModels=None)
    )

    assert the_model(configuration, "vendor::v1::able").knobs is None


def test_override_of_a_base_model_keeps_what_it_does_not_say_and_its_place() -> None:
    override = {"modelRef": "vendor::v1::able", "displayName": "Ours"}

    configuration = built({"sourcegraph": {}, "modelOverrides": [override]}, base())

    changed = configuration.models[0]
    assert changed.display_name == "Ours"
    assert changed.category == "accuracy"
    assert changed.tier == "enterprise"
    assert [m.model_ref.model_id for m in configuration.models] == ["able", "fast"]


def test_new_models_stand_in_document_order_after_the_base() -> None:
    document = site(
        sourcegraph={},
        modelOverrides=[model("box::v1::z"), model("box::v1::a")],
        modelOverridesRecommendedSettings=["mistral::v1::mistral-7b-instruct"],
        selfHostedModels=[{"provider": "box", "model": "starcoder2-7b@v1"}],
        providerOverrides=[box(), box(id="mistral")],
    )

    assert [m.model_ref.model_id for m in built(document, base()).models] == [
        "able",
        "fast",
        "z",
        "a",
        "mistral-7b-instruct",
        "starcoder2-7b",
    ]


def test_override_of_a_deprecated_base_model_starts_from_nothing() -> None:
    override = {"modelRef": "vendor::v1::old"}

    configuration = built({"sourcegraph": {}, "modelOverrides": [override]}, base())

    assert the_model(configuration, "vendor::v1::old").model_name == ""
    assert the_model(configuration, "vendor::v1::old").context_window.max_input_tokens == 4000


def test_self_hosted_override_changes_one_entry_and_not_the_next() -> None:
    override = {
        "displayName": "Mine",
        "contextWindow": {"maxInputTokens": 100, "maxOutputTokens": 0},
        "clientSideConfig": {"stopSequences": ["END"], "autoCompleteTemperature": 0},
        "serverSideConfig": {"apiModel": "hidden"},
    }
    document = site(
        providerOverrides=[box(), box(id="lab")],
        selfHostedModels=[
            {"provider": "box", "model": "starcoder2-7b@v1", "override": override},
            {"provider": "lab", "model": "starcoder2-7b@v1"},
        ],
    )

    configuration = built(document)

    mine = the_model(configuration, "box::v1::starcoder2-7b")
    assert (mine.display_name, mine.name_for_api) == ("Mine", "hidden")
    assert mine.context_window.max_input_tokens == 100
    assert mine.context_window.max_output_tokens == 4096
    assert mine.knobs is not None
    assert mine.knobs.stop_sequences == ("END",)
    assert mine.knobs.end_of_text is None
    assert mine.knobs.auto_complete_temperature == 0
    other = the_model(configuration, "lab::v1::starcoder2-7b")
    assert (other.display_name, other.name_for_api) == ("Starcoder2 7B", "starcoder2-7b")
    assert other.knobs is not None
    assert other.knobs.stop_sequences == ("<|endoftext|>", "<file_sep>")


def test_minus_one_leaves_sampling_to_the_server() -> None:
    knobs = {"chatTopK": -1, "chatTopP": -1, "chatTemperature": 0}
    configuration = built(
        site(modelOverrides=[model(clientSideConfig={"openaicompatible": knobs})])
    )

    read = the_model(configuration).knobs
    assert read is not None
    assert (read.chat_top_k, read.chat_top_p, read.chat_temperature) == (None, None, 0)


@pytest.mark.parametrize("spelling", ["openaicompatible", "openAICompatible"])
def test_both_spellings_of_the_client_side_are_read(spelling: str) -> None:
    document = site(modelOverrides=[model(clientSideConfig={spelling: {"endOfText": "<EOT>"}})])

    knobs = the_model(built(document)).knobs

    assert found(document) == []
    assert knobs is not None
    assert knobs.end_of_text == "<EOT>"


def test_old_key_of_the_model_name_is_read() -> None:
    old = at({"m": model()}, "/m/modelName", ...)["m"]

    assert (
        the_model(built(site(modelOverrides=[{**old, "string": "served"}]))).model_name == "served"
    )


def test_key_in_both_spellings_is_a_warning() -> None:
    document = site(modelOverrides=[model(string="other")])

    assert found(document) == [("warning", "duplicate-key", "/modelOverrides/0/string")]
    assert the_model(built(document)).model_name == "m"


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        ({"type": "huggingface-tgi", "endpoints": [{"url": "http://h"}]}, OpenAICompatibleProvider),
        ({"type": "sourcegraph", "endpoint": "https://h", "accessToken": "k"}, GatewayProvider),
        ({"type": "openai", "endpoint": "https://h", "accessToken": "k"}, GenericProvider),
        ({"type": "fireworks", "endpoint": "https://h", "accessToken": "k"}, GenericProvider),
        ({"type": "google", "endpoint": "https://h"}, GenericProvider),
        ({"type": "anthropic", "endpoint": "https://h"}, GenericProvider),
        ({"type": "azureOpenAI", "endpoint": "https://h"}, AzureOpenAIProvider),
        ({"type": "awsBedrock", "endpoint": "us-x", "region": "us-x"}, AwsBedrockProvider),
    ],
)
def test_every_provider_type_is_read(server: Json, kind: type) -> None:
    (provider,) = built(site(providerOverrides=[box(serverSideConfig=server)])).providers

    assert isinstance(provider.server_side, kind)
    if isinstance(provider.server_side, GenericProvider):
        assert provider.server_side.service_name == server["type"]


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        ({"openAICompatible": {"endpoints": [{"url": "http://h"}]}}, OpenAICompatibleProvider),
        ({"azureOpenAi": {"endpoint": "https://h", "user": ""}}, AzureOpenAIProvider),
        ({"awsBedrock": {"endpoint": "us-x", "region": "us-x"}}, AwsBedrockProvider),
        ({"genericProvider": {"serviceName": "google", "endpoint": "https://h"}}, GenericProvider),
        ({"sourcegraphProvider": {"endpoint": "https://h", "accessToken": "k"}}, GatewayProvider),
        ({}, GatewayProvider),
        (None, GatewayProvider),
    ],
)
def test_every_internal_spelling_of_a_base_provider_is_read(server: object, kind: type) -> None:
    provider = {"id": "vendor", "serverSideConfig": server}

    (read,) = built(
        {"sourcegraph": {"endpoint": "https://sg"}}, base(providers=[provider])
    ).providers

    assert isinstance(read.server_side, kind)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"models": {}}, "wrong-type"),
        ({"models": [model("x")]}, "ref-parts"),
        ({"models": [model("vendor::v1::m", contextWindow=None)]}, "context-input"),
        ({"models": [model("other::v1::m")]}, "unknown-provider"),
        ({"models": [model("vendor::v1::m", displayName="m" * 129)]}, "display-name"),
        ({"providers": [{"id": "vendor", "displayName": "v" * 129}]}, "display-name"),
        ({"providers": [{"id": "vendor"}, {"id": "a b"}]}, "provider-id"),
        ({"providers": [{"id": "vendor"}, {"id": ""}]}, "provider-id"),
        (
            {"providers": [{"id": "vendor", "serverSideConfig": {"genericProvider": {}}}]},
            "missing-field",
        ),
    ],
)
def test_fault_of_the_base_is_reported_where_the_site_asks_for_it(changes: Json, code: str) -> None:
    _, problems = build({"sourcegraph": {}}, base(**changes))

    matching = [problem for problem in problems if problem.code == code]
    assert [problem.pointer for problem in matching][:1] == ["/sourcegraph"]


def test_base_may_hold_what_only_newer_programs_know() -> None:
    newer = model("vendor::v1::new", status="waitlist", capabilities=["chat", "dance"], extra=1)

    configuration, problems = build(
        {"sourcegraph": {"endpoint": "https://sg"}}, base(models=[newer], novelty={})
    )

    assert configuration is not None
    assert codes(problems) == {"no-default-code-completion"}


@pytest.mark.parametrize("default", ["x", "vendor/able", "a::b::c d", "vendor::v1::gone"])
def test_default_of_the_base_that_names_no_model_is_replaced(default: str) -> None:
    defaults = {"chat": default, "fastChat": "vendor::v1::fast"}
    configuration, problems = build(
        {"sourcegraph": {"endpoint": "https://sg"}}, base(defaultModels=defaults)
    )

    assert configuration is not None
    assert str(configuration.default_models.chat) == "vendor::v1::able"
    assert {problem.severity for problem in problems} <= {"warning"}


def test_stated_default_wins_and_the_others_stay() -> None:
    document = {"sourcegraph": {}, "defaultModels": {"chat": "vendor::v1::fast", "fastChat": ""}}

    defaults = built(document, base()).default_models

    assert str(defaults.chat) == "vendor::v1::fast"
    assert str(defaults.fast_chat) == "vendor::v1::fast"
    assert str(defaults.code_completion) == "vendor::v1::fast"


def test_default_without_the_capability_is_kept_with_a_warning() -> None:
    document = site(
        modelOverrides=[model(), model("box::v1::c", capabilities=["chat"])],
        defaultModels={"codeCompletion": "box::v1::c"},
    )

    assert found(document) == [("warning", "default-capability", "/defaultModels/codeCompletion")]
    assert str(built(document).default_models.code_completion) == "box::v1::c"


def test_feature_without_model_is_switched_off_unless_strict() -> None:
    document = site(modelOverrides=[model(capabilities=["chat"])])

    configuration, problems = build(document)
    assert configuration is not None
    assert configuration.default_models.code_completion is None
    assert [(p.severity, p.code) for p in problems] == [("warning", "no-default-code-completion")]
    strict, problems = build(document, strict=True)
    assert strict is None
    assert [(p.severity, p.code) for p in problems] == [("error", "no-default-code-completion")]


def test_model_of_no_category_serves_when_no_other_can() -> None:
    document = site(modelOverrides=[model(category="other"), model("box::v1::b", category="")])

    assert str(built(document).default_models.chat) == "box::v1::m"
    assert codes(build(document, strict=True)[1]) == {
        "no-default-chat",
        "no-default-fast-chat",
        "no-default-code-completion",
    }


def test_fallback_chat_is_kept_when_it_exists() -> None:
    assert (
        str(built(site(defaultModels={"fallbackChat": "box::v1::m"})).default_models.fallback_chat)
        == "box::v1::m"
    )
    assert (
        built(site(defaultModels={"fallbackChat": "box::v1::x"})).default_models.fallback_chat
        is None
    )


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"statusFilter": ["stable"]}, ["able", "fast"]),
        ({"statusFilter": ["beta"]}, []),
        ({"allow": ["*able"]}, ["able"]),
        ({"allow": ["vendor::*"], "deny": ["*fas*"]}, ["able"]),
        ({"deny": ["v*"]}, []),
        ({"deny": ["**"]}, []),
        ({"deny": ["vendor::v1"]}, ["able", "fast"]),
        ({"allow": [], "statusFilter": []}, ["able", "fast"]),
        ({"deny": ["VENDOR*"]}, ["able", "fast"]),
    ],
)
def test_filters_choose_among_the_models_of_the_base(filters: Json, left: list[str]) -> None:
    document = site(sourcegraph={"modelFilters": filters})

    refs = [str(m.model_ref) for m in built(document, base()).models]

    assert refs == [*(f"vendor::v1::{name}" for name in left), "box::v1::m"]


def test_equal_input_gives_equal_bytes_and_is_left_alone() -> None:
    document, base_document = site(sourcegraph={}), base()
    before = json.dumps([document, base_document])

    first, second = built(document, base_document), built(document, base_document)

    assert first.model_dump_json() == second.model_dump_json()
    assert json.dumps([document, base_document]) == before


def test_revision_changes_with_what_clients_see() -> None:
    plain = built(site())

    assert plain.revision == built(site()).revision
    assert plain.revision != built(site(systemPreInstruction="Be brief.")).revision
    assert plain.revision != built(site(modelOverrides=[model(displayName="n")])).revision


def test_reading_as_a_model_keeps_cost_effort_and_server_side() -> None:
    configuration = built(
        site(
            modelOverrides=[
                model(
                    reasoningEffort="low",
                    modelCost={"unit": "mtok", "inputTokenCredits": 1.5},
                    serverSideConfig={
                        "type": "awsBedrock",
                        "latencyOptimization": "optimized",
                        "arn": "a",
                    },
                )
            ]
        )
    )

    read = the_model(configuration)
    assert read.reasoning_effort == "low"
    assert read.model_cost is not None
    assert read.model_cost.input_token_credits == 1.5
    assert (read.latency_optimization, read.arn is not None) == ("optimized", True)


@pytest.mark.parametrize("value", [True, False])
def test_whether_a_model_takes_a_system_role_can_be_stated(value: bool) -> None:
    side = {"type": "openaicompatible", "systemRole": value}
    stated = built(site(modelOverrides=[model(serverSideConfig=side)]))
    assert the_model(stated).system_role is value
    assert the_model(built(site())).system_role is None


def test_a_system_role_that_is_neither_true_nor_false_is_reported() -> None:
    side = {"type": "openaicompatible", "systemRole": "no"}
    (problem,) = build(site(modelOverrides=[model(serverSideConfig=side)]))[1]
    assert problem.pointer == "/modelOverrides/0/serverSideConfig/systemRole"


def test_a_system_role_for_all_models_of_a_provider_yields_to_a_models_own() -> None:
    side = {"type": "openaicompatible", "systemRole": False}
    defaults = {"serverSideConfig": side}
    own = model("box::v1::own", serverSideConfig={"type": "openaicompatible"})
    provider = box(defaultModelConfig=defaults)
    configuration = built(site(providerOverrides=[provider], modelOverrides=[model(), own]))
    assert the_model(configuration).system_role is False
    assert the_model(configuration, "box::v1::own").system_role is None


def test_a_system_role_of_a_self_hosted_model_is_taken() -> None:
    side = {"type": "openaicompatible", "systemRole": False}
    hosted = {
        "provider": "box",
        "model": "mistral-7b-instruct@v1",
        "override": {"serverSideConfig": side},
    }
    configuration = built(site(selfHostedModels=[hosted]))
    assert the_model(configuration, "box::v1::mistral-7b-instruct").system_role is False
