"""The rendered document as others may see it: nothing of the server side, no secret."""

import json
from collections.abc import Mapping

from config.rendered import Model, ModelConfiguration, Rendered


def redacted(configuration: ModelConfiguration) -> dict[str, object]:
    """Give the configuration in the format's rendered form, without its server side."""
    defaults = configuration.default_models
    return {
        "schemaVersion": configuration.schema_version,
        "revision": configuration.revision,
        "providers": [
            {"id": provider.id, "displayName": provider.display_name}
            for provider in configuration.providers
        ],
        "models": [_model(model) for model in configuration.models],
        "defaultModels": {
            "chat": _text(defaults.chat),
            "fastChat": _text(defaults.fast_chat),
            "codeCompletion": _text(defaults.code_completion),
            **({"fallbackChat": str(defaults.fallback_chat)} if defaults.fallback_chat else {}),
        },
    }


def canonical_bytes(value: Mapping[str, object]) -> bytes:
    """Give the one spelling of a JSON value: sorted keys, no spaces, ASCII only."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _model(model: Model) -> dict[str, object]:
    # Every key is named here, so that a new server-side field stays inside until someone decides.
    shown: dict[str, object] = {
        "modelRef": str(model.model_ref),
        "displayName": model.display_name,
        "modelName": model.model_name,
        "capabilities": list(model.capabilities),
        "category": model.category,
        "status": model.status,
        "tier": model.tier,
        "contextWindow": _given(model.context_window),
    }
    if model.reasoning_effort:
        shown["reasoningEffort"] = model.reasoning_effort
    if model.model_cost is not None:
        shown["modelCost"] = _given(model.model_cost)
    if model.knobs is not None:
        shown["clientSideConfig"] = {"openAICompatible": _given(model.knobs)}
    return shown


def _given(part: Rendered) -> dict[str, object]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def _text(ref: object | None) -> str | None:
    return None if ref is None else str(ref)
