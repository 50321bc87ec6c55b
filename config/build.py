"""Builds one configuration from what a site says and what its gateway offers."""

from dataclasses import dataclass, replace
from hashlib import sha256

from config.check import gateway_problems, model_problems, provider_problems, site_problems
from config.default_models import check_stated, chosen_defaults, missing_defaults, stated_defaults
from config.document import SiteDocument, read_site_document
from config.document_models import ModelLayerNode
from config.filters import keeps
from config.layers import new_model, with_layer
from config.model_entries import ModelEntry, model_entries
from config.model_ref import ModelRef
from config.problems import Problem, has_errors
from config.provider_entries import ProviderEntries, merged_providers
from config.redaction import canonical_bytes, redacted
from config.rendered import Model, ModelConfiguration
from config.rendered_document import read_rendered

Built = tuple[ModelConfiguration | None, tuple[Problem, ...]]

# What stands for no site document at all: the base, unfiltered.
_NOTHING_SAID: dict[str, object] = {"sourcegraph": {}}


def build(document: object, base: object | None = None, *, strict: bool = False) -> Built:
    """Build the configuration of a site document over a base; None when any problem is an error.

    Both are JSON values, and stay as they are. Never raises; equal input gives equal output.
    """
    site, problems = read_site_document(_NOTHING_SAID if document is None else document)
    if site is None:
        return None, tuple(problems)
    merged = _merged(site, base if site.has("sourcegraph") else None, problems)
    stated = stated_defaults(site, problems)
    defaults = chosen_defaults(stated, merged.base.default_models, merged.models, strict=strict)
    # Where a model was lost to an error, a missing default would only repeat that.
    if merged.is_complete:
        if site.default_models is not None:
            check_stated(site.default_models, stated, merged.models, problems)
        problems += missing_defaults(defaults, merged.models, site, strict=strict)
    if document is None:
        problems = [replace(problem, pointer="") for problem in problems]
    if has_errors(problems):
        return None, tuple(problems)
    configuration = ModelConfiguration(
        providers=merged.providers.providers,
        models=merged.models,
        default_models=defaults,
        system_pre_instruction=site.system_pre_instruction,
    )
    return _with_revision(configuration), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Merged:
    base: ModelConfiguration
    providers: ProviderEntries
    models: tuple[Model, ...]
    is_complete: bool


def _merged(site: SiteDocument, base_value: object, problems: list[Problem]) -> _Merged:
    base, base_problems = read_rendered(base_value)
    problems += [_of_the_base(problem, site) for problem in base_problems]
    own_problems = site_problems(site)
    problems += own_problems
    providers = merged_providers(site, base.providers, problems)
    entries, entry_problems = model_entries(site)
    problems += entry_problems
    models = _models(site, base, providers, entries)
    problems += provider_problems(site, providers)
    problems += model_problems(site, models, {entry.ref: entry for entry in entries}, providers)
    problems += gateway_problems(site, models, providers)
    is_complete = _says_all(site) and not has_errors(own_problems + entry_problems + base_problems)
    return _Merged(base, providers, models, is_complete)


def _says_all(site: SiteDocument) -> bool:
    """Tell whether nothing unreadable hides a model, or what one can do."""
    lists = ("modelOverrides", "modelOverridesRecommendedSettings", "selfHostedModels")
    hosted = site.self_hosted_models
    layers = [provider.default_model_config for provider in site.provider_overrides]
    return not (
        any(site.is_faulty(name) for name in lists)
        or any(override.model_ref is None for override in site.model_overrides)
        or any(one.provider is None or one.is_faulty("model") for one in hosted)
        or any(one.is_faulty("defaultModelConfig") for one in site.provider_overrides)
        or any(_hides_uses(layer) for layer in (*layers, *site.model_overrides))
    )


def _hides_uses(layer: ModelLayerNode | None) -> bool:
    return layer is not None and (layer.is_faulty("capabilities") or layer.is_faulty("category"))


def _models(
    site: SiteDocument,
    base: ModelConfiguration,
    providers: ProviderEntries,
    entries: list[ModelEntry],
) -> tuple[Model, ...]:
    filters = site.sourcegraph.model_filters if site.sourcegraph else None
    # The base's deprecated models go, the site's own stay: whoever writes one down wants it.
    kept = [m for m in base.models if m.status != "deprecated" and keeps(filters, m)]
    by_ref = {entry.ref: entry for entry in entries}
    known = {model.model_ref for model in kept}
    added = [new_model(entry.ref) for entry in entries if entry.ref not in known]
    return tuple(_layered(model, providers, by_ref) for model in (*kept, *added))


def _layered(
    model: Model, providers: ProviderEntries, entries: dict[ModelRef, ModelEntry]
) -> Model:
    layer = providers.layers.get(model.model_ref.provider_id)
    if layer is not None:
        model = with_layer(model, layer)
    entry = entries.get(model.model_ref)
    return entry.applied_to(model) if entry is not None else model


def _of_the_base(problem: Problem, site: SiteDocument) -> Problem:
    message = f"In the gateway's document at {problem.pointer or 'its root'}: {problem.message}"
    return replace(problem, pointer=site.at("sourcegraph"), message=message)


def _with_revision(configuration: ModelConfiguration) -> ModelConfiguration:
    shown = redacted(configuration)
    shown["systemPreInstruction"] = configuration.system_pre_instruction
    revision = sha256(canonical_bytes(shown)).hexdigest()[:16]
    return configuration.model_copy(update={"revision": revision})
