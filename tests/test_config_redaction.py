"""What others may see of a configuration."""

import json

from config.build import build
from config.redaction import canonical_bytes, redacted
from config.rendered import ModelConfiguration

_PLANT = "planted-secret"


def server(**more: object) -> dict[str, object]:
    return {"endpoint": f"https://h/?key={_PLANT}", "accessToken": _PLANT, **more}


_QUERY = {
    "url": f"https://h/{_PLANT}",
    "headers": {"A": _PLANT},
    "basicAuth": {"username": _PLANT, "password": _PLANT},
    "formData": {"a": _PLANT},
    "queryParams": {"a": _PLANT},
}
_ENDPOINT = {
    "url": f"https://h/{_PLANT}",
    "accessToken": _PLANT,
    "headers": {"X-Key": _PLANT},
    "accessTokenQuery": _QUERY,
}
_SERVERS: list[dict[str, object]] = [
    {"type": "openaicompatible", "endpoints": [_ENDPOINT]},
    server(type="sourcegraph"),
    server(type="openai"),
    server(type="anthropic", accessTokenQuery=_QUERY),
    server(type="google", googleWorkloadIdentityConfig={"credentialsJSON": _PLANT}),
    server(type="azureOpenAI", user=_PLANT, accessTokenQuery=_QUERY),
    server(type="awsBedrock", region=_PLANT, accessTokenQuery=_QUERY),
]
_DOCUMENT = {
    "providerOverrides": [
        {"id": f"p{i}", "serverSideConfig": written} for i, written in enumerate(_SERVERS)
    ],
    "modelOverrides": [
        {
            "modelRef": "p0::v1::a",
            "modelName": "served",
            "capabilities": ["chat", "autocomplete"],
            "category": "balanced",
            "serverSideConfig": {"type": "openaicompatible", "apiModel": _PLANT},
            "clientSideConfig": {
                "openaicompatible": {"stopSequences": ["x"], "chatTemperature": 0.5}
            },
            "reasoningEffort": "low",
            "modelCost": {"unit": "mtok", "inputTokenCredits": 2},
        },
        {
            "modelRef": "p6::v1::b",
            "serverSideConfig": {"type": "awsBedrockProvisionedThroughput", "arn": _PLANT},
        },
    ],
    "systemPreInstruction": "Be brief.",
}


def configuration() -> ModelConfiguration:
    built, problems = build(_DOCUMENT)
    assert built is not None, problems
    return built


def test_nothing_of_the_server_side_is_shown() -> None:
    text = json.dumps(redacted(configuration()))

    assert _PLANT not in text
    assert "serverSide" not in text


def test_tokens_are_masked_wherever_a_configuration_is_printed() -> None:
    # Addresses, user names and regions stay readable; everything declared secret is masked.
    document = json.loads(
        json.dumps(_DOCUMENT)
        .replace(f"https://h/{_PLANT}", "https://h")
        .replace(f"https://h/?key={_PLANT}", "https://h")
        .replace(f'"username": "{_PLANT}"', '"username": "u"')
        .replace(f'"user": "{_PLANT}"', '"user": "u"')
        .replace(f'"region": "{_PLANT}"', '"region": "r"')
    )

    built, problems = build(document)

    assert built is not None
    assert _PLANT not in repr((built, problems)) + built.model_dump_json()


def test_clients_see_the_rendered_form() -> None:
    shown = redacted(configuration())

    assert shown["schemaVersion"] == "1.0"
    assert shown["defaultModels"] == {
        "chat": "p0::v1::a",
        "fastChat": "p0::v1::a",
        "codeCompletion": "p0::v1::a",
    }
    models = shown["models"]
    assert isinstance(models, list)
    assert models[0] == {
        "modelRef": "p0::v1::a",
        "displayName": "",
        "modelName": "served",
        "capabilities": ["chat", "autocomplete"],
        "category": "balanced",
        "status": "",
        "tier": "enterprise",
        "contextWindow": {"maxInputTokens": 4000, "maxOutputTokens": 4000},
        "reasoningEffort": "low",
        "modelCost": {"unit": "mtok", "inputTokenCredits": 2.0},
        "clientSideConfig": {"openAICompatible": {"stopSequences": ["x"], "chatTemperature": 0.5}},
    }
    assert models[1]["capabilities"] == []


def test_empty_lists_are_lists_and_missing_features_are_null() -> None:
    shown = redacted(ModelConfiguration())

    assert (shown["providers"], shown["models"]) == ([], [])
    assert shown["defaultModels"] == {"chat": None, "fastChat": None, "codeCompletion": None}


def test_what_is_shown_can_be_the_base_of_another() -> None:
    shown = redacted(configuration())

    again, problems = build({"sourcegraph": {"endpoint": "https://sg"}}, shown)

    assert again is not None, problems
    assert redacted(again)["models"] == shown["models"]
    assert again.models[0].knobs == configuration().models[0].knobs


def test_equal_values_have_equal_bytes() -> None:
    assert canonical_bytes({"b": [1.5], "a": "ä"}) == canonical_bytes({"a": "ä", "b": [1.5]})
    assert canonical_bytes({"a": "\ud800"}) == b'{"a":"\\ud800"}'
