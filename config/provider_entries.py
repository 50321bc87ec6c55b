"""The providers of a configuration: those of the base, with what the site adds and changes."""

from dataclasses import dataclass

from pydantic import SecretStr

from config.document import ProviderOverrideNode, SiteDocument
from config.document_models import ModelLayerNode
from config.model_ref import is_valid_id
from config.problems import Problem, error, shown
from config.rendered import GatewayProvider, Provider, ProviderServerSide
from config.server_side import server_side


@dataclass(frozen=True, slots=True)
class ProviderEntries:
    """All providers in order, the defaults they give their models, and where each is written."""

    providers: tuple[Provider, ...]
    layers: dict[str, ModelLayerNode]
    pointers: dict[str, str]
    is_complete: bool


def merged_providers(
    site: SiteDocument, base: tuple[Provider, ...], problems: list[Problem]
) -> ProviderEntries:
    """Apply the site's provider overrides to the base's providers, reporting what is wrong."""
    # Only providers of the base in use may be reached through the gateway, and only while the
    # site says `sourcegraph`: a forgotten `serverSideConfig` must not send code to anyone else.
    gateway = _gateway(site)
    merged = {p.id: _with_server(p, p.server_side or gateway) for p in reversed(base)}
    merged = dict(reversed(merged.items()))  # of two with one id, the first counts
    layers: dict[str, ModelLayerNode] = {}
    pointers: dict[str, str] = {}
    is_complete = not site.is_faulty("providerOverrides")
    for override in site.provider_overrides:
        if override.id is None:
            is_complete = False
            _server(override, problems)
            continue
        _check_id(override, pointers, problems)
        merged[override.id] = _applied(override, merged.get(override.id), problems)
        pointers.setdefault(override.id, override.pointer)
        if override.default_model_config is not None:
            layers[override.id] = override.default_model_config
    return ProviderEntries(tuple(merged.values()), layers, pointers, is_complete)


def _check_id(
    override: ProviderOverrideNode, pointers: dict[str, str], problems: list[Problem]
) -> None:
    text = override.id or ""
    at = override.at("id")
    if text in pointers:
        message = f"The provider {shown(text)} is named twice; join the two entries into one."
        problems.append(error("duplicate-provider", at, message))
    elif not is_valid_id(text):
        message = (
            f"The provider id {shown(text)} must be at least one letter, digit or - . _ ~"
            " without spaces or colons."
        )
        problems.append(error("provider-id", at, message))


def _applied(
    override: ProviderOverrideNode, known: Provider | None, problems: list[Problem]
) -> Provider:
    server = _server(override, problems)
    provider_id = override.id or ""
    if known is not None:
        changed = _with_server(known, server or known.server_side)
        if override.display_name:
            return changed.model_copy(update={"display_name": override.display_name})
        return changed
    if not override.has("serverSideConfig"):
        message = (
            f'The provider {shown(provider_id)} needs "serverSideConfig", for example'
            ' {"type": "openaicompatible", "endpoints": [{"url": "http://localhost:8000/v1"}]}.'
        )
        problems.append(error("provider-no-server-config", override.pointer, message))
    name = override.display_name or f'Provider "{provider_id}"'
    return Provider(id=provider_id, display_name=name, server_side=server)


def _server(override: ProviderOverrideNode, problems: list[Problem]) -> ProviderServerSide | None:
    if override.server_side is None:
        return None
    server, found = server_side(override.server_side)
    problems += found
    return server


def _gateway(site: SiteDocument) -> GatewayProvider | None:
    if site.sourcegraph is None:
        return None
    endpoint = (site.sourcegraph.endpoint or "").strip()
    token: SecretStr | None = site.sourcegraph.access_token
    return GatewayProvider(endpoint=endpoint, access_token=token)


def _with_server(provider: Provider, server: ProviderServerSide | None) -> Provider:
    return provider.model_copy(update={"server_side": server})
