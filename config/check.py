"""Rules over the site document as a whole, and over the configuration that results."""

from dataclasses import replace

from config.addresses import address_fault, has_secret
from config.document import SiteDocument
from config.filters import filter_problems
from config.model_entries import ModelEntry
from config.model_ref import ModelRef, is_valid_id
from config.problems import Problem, did_you_mean, error, nearest, shown, warning
from config.provider_entries import ProviderEntries
from config.rendered import GatewayProvider, Model
from config.server_side import check_insecure

_LONGEST_DISPLAY_NAME = 128
_LONGEST_INSTRUCTION = 280


def site_problems(site: SiteDocument) -> list[Problem]:
    """Report what is wrong with the gateway, the filters and the instruction of a site."""
    problems: list[Problem] = []
    gateway = site.sourcegraph
    if gateway is not None and gateway.endpoint is not None:
        fault = address_fault(gateway.endpoint)
        if fault is not None:
            message = (
                f"The gateway's address {fault}; write a URL like https://gateway.example.com."
            )
            problems.append(error("gateway-url", gateway.at("endpoint"), message))
        sends_token = has_secret(gateway.access_token)
        check_insecure(gateway, gateway.endpoint, "accessToken", sends_token, problems)
    if gateway is not None and gateway.model_filters is not None:
        problems += filter_problems(gateway.model_filters)
    instruction = site.system_pre_instruction or ""
    if len(instruction) > _LONGEST_INSTRUCTION:
        message = (
            f"systemPreInstruction has {len(instruction)} characters;"
            f" shorten it to {_LONGEST_INSTRUCTION}."
        )
        at = site.at("systemPreInstruction")
        problems.append(warning("instruction-length", at, message))
    return problems


def provider_problems(site: SiteDocument, entries: ProviderEntries) -> list[Problem]:
    """Report names of providers that are too long, and ids of the base that are none."""
    names = {node.id: node for node in site.provider_overrides if node.display_name}
    problems = []
    for provider in entries.providers:
        if provider.id not in entries.pointers and not is_valid_id(provider.id):
            message = f"The gateway's provider id {shown(provider.id)} holds what no id may."
            problems.append(error("provider-id", site.at("sourcegraph"), message))
        if len(provider.display_name) > _LONGEST_DISPLAY_NAME:
            node = names.get(provider.id)
            at = node.at("displayName") if node else site.at("sourcegraph")
            problems.append(_too_long(at, f"provider {shown(provider.id)}", provider.display_name))
    return problems


def model_problems(
    site: SiteDocument,
    models: tuple[Model, ...],
    entries: dict[ModelRef, ModelEntry],
    providers: ProviderEntries,
) -> list[Problem]:
    """Report what keeps a model from being used, whoever named it."""
    problems: list[Problem] = []
    known = {provider.id for provider in providers.providers}
    in_order = sorted(known)
    base_at = site.at("sourcegraph")
    for model in models:
        entry = entries.get(model.model_ref)
        problems += _model_problems(model, entry, base_at)
        if providers.is_complete and model.model_ref.provider_id not in known:
            ref = model.model_ref
            meant = nearest(ref.provider_id, in_order, problems)
            problems.append(_unknown_provider(ref, entry, base_at, meant))
    return problems


def gateway_problems(
    site: SiteDocument, models: tuple[Model, ...], providers: ProviderEntries
) -> list[Problem]:
    """Warn when models would be reached through a gateway whose address nobody gave."""
    needy = {
        provider.id
        for provider in providers.providers
        if isinstance(provider.server_side, GatewayProvider) and not provider.server_side.endpoint
    }
    if not any(model.model_ref.provider_id in needy for model in models):
        return []
    message = (
        '"endpoint" is missing here, so models of the gateway cannot be asked;'
        ' write the address of the gateway, or "serverSideConfig" for these providers.'
    )
    return [warning("gateway-missing", site.at("sourcegraph"), message)]


def _model_problems(model: Model, entry: ModelEntry | None, base_at: str) -> list[Problem]:
    problems = []
    name = shown(str(model.model_ref))
    if len(model.display_name) > _LONGEST_DISPLAY_NAME:
        at = entry.at("displayName") if entry else base_at
        problems.append(_too_long(at, f"model {name}", model.display_name))
    window = model.context_window
    limits = (
        ("context-input", "maxInputTokens", window.max_input_tokens),
        ("context-output", "maxOutputTokens", window.max_output_tokens),
    )
    for code, key, tokens in limits:
        if tokens <= 0:
            at = entry.at("contextWindow", key) if entry else base_at
            message = (
                f"{key} of the model {name} must be greater than 0; write its limit in tokens."
            )
            problems.append(error(code, at, message))
    return problems


def _too_long(at: str, of: str, name: str) -> Problem:
    message = (
        f"The display name of the {of} has {len(name)} characters;"
        f" shorten it to {_LONGEST_DISPLAY_NAME}."
    )
    return error("display-name", at, message)


def _unknown_provider(
    ref: ModelRef, entry: ModelEntry | None, base_at: str, meant: str | None
) -> Problem:
    message = (
        f"The model {shown(str(ref))} belongs to no known provider; add"
        f" {shown(ref.provider_id)} to providerOverrides{did_you_mean(meant)}"
    )
    # A reference of the own list can be put right in place; other entries are whole objects.
    is_written = entry is not None and entry.override is not None
    right = str(replace(ref, provider_id=meant)) if meant and is_written else None
    at = entry.pointer if entry else base_at
    return error("unknown-provider", at, message, right)
