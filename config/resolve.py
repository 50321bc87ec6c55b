"""Finds the model that serves one request."""

from dataclasses import dataclass
from typing import Literal

from config.problems import shown
from config.rendered import Model, ModelConfiguration

FeatureName = Literal["chat", "fastChat", "codeCompletion"]

_LABELS = {"chat": "chat", "fastChat": "fast chat", "codeCompletion": "code completion"}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The model that serves a request; `note` tells of an ambiguous name, else it is blank."""

    model: Model
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why no model serves a request, in one sentence for the user."""

    message: str


def resolve_model(
    configuration: ModelConfiguration, feature: FeatureName, requested: str | None = None
) -> Resolved | Unresolved:
    """Find the model of a request: the one asked for, or the feature's default.

    Fast chat always gets its default, whatever was asked for.
    """
    if not requested or feature == "fastChat":
        return _default(configuration, feature)
    # An exact reference anywhere in the list goes before a short name that happens to fit earlier.
    for model in configuration.models:
        if str(model.model_ref) == requested:
            return Resolved(model)
    fitting = [model for model in configuration.models if _has_short_name(model, requested)]
    if not fitting:
        default = _default_ref(configuration, feature)
        message = f"There is no model {shown(requested)}; the default for {_LABELS[feature]} is "
        return Unresolved(message + (f"{shown(default)}." if default else "not set."))
    if len(fitting) == 1:
        return Resolved(fitting[0])
    refs = ", ".join(str(model.model_ref) for model in fitting)
    note = f"The name {shown(requested)} fits several models ({refs}); the first is used."
    return Resolved(fitting[0], note)


def _default(configuration: ModelConfiguration, feature: FeatureName) -> Resolved | Unresolved:
    wanted = _default_ref(configuration, feature)
    for model in configuration.models:
        if str(model.model_ref) == wanted:
            return Resolved(model)
    if wanted is None:
        message = f"No model is configured for {_LABELS[feature]}; add one to the configuration."
    else:
        message = f"The default model for {_LABELS[feature]}, {shown(wanted)}, does not exist."
    return Unresolved(message)


def _default_ref(configuration: ModelConfiguration, feature: FeatureName) -> str | None:
    defaults = configuration.default_models
    refs = {
        "chat": defaults.chat,
        "fastChat": defaults.fast_chat,
        "codeCompletion": defaults.code_completion,
    }
    ref = refs[feature]
    return None if ref is None else str(ref)


def _has_short_name(model: Model, requested: str) -> bool:
    """Tell whether `requested` is the older `provider/model`, or the model's name alone."""
    ref = model.model_ref
    provider, slash, rest = requested.partition("/")
    if slash and ref.provider_id == provider and ref.model_id == rest:
        return True
    return ref.model_id == requested
