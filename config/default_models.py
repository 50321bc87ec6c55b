"""The model of each feature: what the site says, else the base, else the first that fits."""

from dataclasses import dataclass

from config.document import DefaultModelsNode, SiteDocument
from config.model_entries import parsed_ref
from config.model_ref import ModelRef
from config.problems import Problem, Severity, did_you_mean, nearest, shown, warning
from config.rendered import DefaultModels, Model


@dataclass(frozen=True, slots=True)
class Feature:
    """What a feature asks of its model."""

    name: str
    attribute: str
    label: str
    code: str
    capability: str
    categories: tuple[str, str]


# In the order in which the format checks them.
FEATURES = (
    Feature("chat", "chat", "chat", "no-default-chat", "chat", ("accuracy", "balanced")),
    Feature(
        "fastChat", "fast_chat", "fast chat", "no-default-fast-chat", "chat", ("speed", "balanced")
    ),
    Feature(
        "codeCompletion",
        "code_completion",
        "code completion",
        "no-default-code-completion",
        "autocomplete",
        ("speed", "balanced"),
    ),
)


def stated_defaults(site: SiteDocument, problems: list[Problem]) -> dict[str, ModelRef]:
    """Give the references the site states, by attribute name; blank ones are not stated."""
    written = site.default_models
    if written is None:
        return {}
    stated: dict[str, ModelRef] = {}
    texts = (
        ("chat", "chat", written.chat),
        ("codeCompletion", "code_completion", written.code_completion),
        ("fastChat", "fast_chat", written.fast_chat),
        ("fallbackChat", "fallback_chat", written.fallback_chat),
    )
    for name, attribute, text in texts:
        if not text:
            continue
        ref = parsed_ref(text, written.at(name), problems, f"In defaultModels.{name}: ")
        if ref is not None:
            stated[attribute] = ref
    return stated


def check_stated(
    written: DefaultModelsNode,
    stated: dict[str, ModelRef],
    models: tuple[Model, ...],
    problems: list[Problem],
) -> None:
    """Warn of stated defaults that name no model, or one that cannot do what is asked of it."""
    known = {model.model_ref: model for model in models}
    features = {feature.attribute: feature for feature in FEATURES}
    for attribute, ref in stated.items():
        feature = features.get(attribute)
        at = written.at(feature.name if feature else "fallbackChat")
        model = known.get(ref)
        if model is None:
            instead = "another model is used" if feature else "it has no effect"
            meant = nearest(str(ref), map(str, known), problems)
            message = f"No model has the reference {shown(str(ref))}, so {instead}"
            message += did_you_mean(meant)
            problems.append(warning("default-unknown", at, message, meant))
        elif feature is not None and feature.capability not in model.capabilities:
            message = (
                f"The model {shown(str(ref))} does not have the capability"
                f' "{feature.capability}", which {feature.label} needs; it is used all the same.'
            )
            problems.append(warning("default-capability", at, message))


def chosen_defaults(
    stated: dict[str, ModelRef], base: DefaultModels, models: tuple[Model, ...], *, strict: bool
) -> DefaultModels:
    """Choose the model of every feature; what is neither stated nor in the base is inferred."""
    refs = {model.model_ref for model in models}
    chosen: dict[str, ModelRef | None] = {}
    for feature in FEATURES:
        wanted = stated.get(feature.attribute) or getattr(base, feature.attribute)
        found = wanted if wanted in refs else _inferred(feature, models, strict=strict)
        chosen[feature.attribute] = found
    fallback = stated.get("fallback_chat") or base.fallback_chat
    chosen["fallback_chat"] = fallback if fallback in refs else None
    return DefaultModels(**chosen)


def missing_defaults(
    defaults: DefaultModels, models: tuple[Model, ...], site: SiteDocument, *, strict: bool
) -> list[Problem]:
    """Report features without a model; only `strict` takes one missing feature for an error."""
    if not models and not strict:
        message = 'There is no model at all; name one in "modelOverrides" or "selfHostedModels".'
        return [Problem("no-models", "error", site.pointer, message)]
    severity: Severity = "error" if strict else "warning"
    return [
        Problem(feature.code, severity, _place(site, feature), _missing(feature, strict=strict))
        for feature in FEATURES
        if getattr(defaults, feature.attribute) is None
    ]


def _inferred(feature: Feature, models: tuple[Model, ...], *, strict: bool) -> ModelRef | None:
    able = [model for model in models if feature.capability in model.capabilities]
    fitting = [model for model in able if model.category in feature.categories]
    # A model of another category, or none, is better than no feature; the format says no here.
    candidates = fitting or ([] if strict else able)
    return candidates[0].model_ref if candidates else None


def _place(site: SiteDocument, feature: Feature) -> str:
    written = site.default_models
    return written.at(feature.name) if written is not None else site.at("defaultModels")


def _missing(feature: Feature, *, strict: bool) -> str:
    needs = f'the capability "{feature.capability}"'
    if strict:
        needs += f" and the category {' or '.join(feature.categories)}"
        return f"No model suits {feature.label}; add one with {needs}, or state a default."
    return f"No model suits {feature.label}, so it is switched off; add one with {needs}."
