"""Asks every endpoint of a configuration what it is and what it can do, all at once."""

import asyncio
from dataclasses import dataclass, replace

from config.rendered import FimRoute, Model, ModelConfiguration, Provider
from providers.addresses import Address, BrokenEndpoint, find_addresses
from providers.advice import endpoint_advice, model_advice
from providers.discovery import list_models_at
from providers.endpoint_connection import EndpointConnection
from providers.endpoint_urls import shown_url
from providers.errors import ProviderError
from providers.measuring import NOT_MEASURED, Measured, measure
from providers.probing import fills_gaps, identify
from providers.proxies import proxy_for
from providers.routes import route_to
from providers.secrecy import Place
from providers.server_kinds import UNKNOWN, VENDOR

# For one endpoint with all that it is asked.
TIMEOUT_S = 60.0

_PROBE_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class ModelReport:
    """How one model does its work at one endpoint."""

    model_ref: str
    feature: str
    """`codeCompletion` or `chat`."""
    is_listed: bool | None = None
    """None: the endpoint does not tell its models."""
    fim_route: FimRoute | None = None
    measured: Measured = NOT_MEASURED
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What was found at one endpoint; no secret is in it."""

    provider_id: str
    url: str
    server: str = UNKNOWN.name
    models: tuple[str, ...] = ()
    """What it lists."""
    is_tls: bool = False
    proxy: str = ""
    trouble: str = ""
    """One sentence; blank when it answers."""
    answers: tuple[ModelReport, ...] = ()
    advice: tuple[str, ...] = ()
    """What to change in the configuration."""

    @property
    def is_working(self) -> bool:
        """Everything that was asked of it was answered."""
        return not self.trouble and not any(one.measured.trouble for one in self.answers)


async def diagnose(configuration: ModelConfiguration) -> tuple[EndpointReport, ...]:
    """Return what is found at every endpoint, in the order of the configuration."""
    found = [
        (found, _asked_of(configuration, provider))
        for provider in configuration.providers
        for found in find_addresses(provider)
    ]
    return tuple(await asyncio.gather(*(_endpoint(address, asked) for address, asked in found)))


def _asked_of(configuration: ModelConfiguration, provider: Provider) -> list[tuple[Model, str]]:
    own = [model for model in configuration.models if model.model_ref.provider_id == provider.id]
    defaults = configuration.default_models
    wanted = {"codeCompletion": defaults.code_completion, "chat": defaults.chat}
    asked = [
        (model, feature)
        for feature, ref in wanted.items()
        for model in own
        if model.model_ref == ref
    ]
    if not asked and own:
        feature = "codeCompletion" if "autocomplete" in own[0].capabilities else "chat"
        asked = [(own[0], feature)]
    return asked


async def _endpoint(
    found: Address | BrokenEndpoint, asked: list[tuple[Model, str]]
) -> EndpointReport:
    if isinstance(found, BrokenEndpoint):
        return EndpointReport(found.provider_id, found.shown_url, trouble=str(found.error))
    if not asked:
        # Nothing of the configuration uses it; sending something would be of no use, either.
        line = f'modelOverrides: {{ "modelRef": "{found.provider_id}::v1::NAME", ... }}'
        return replace(_blank(found), advice=(line,))
    connection = EndpointConnection(found)
    connection.hold()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _report(connection, asked)
    except TimeoutError:
        trouble = f"It took longer than {TIMEOUT_S:g} seconds to answer."
        return replace(_blank(found), trouble=trouble)
    finally:
        await connection.let_go()


def _blank(address: Address) -> EndpointReport:
    return EndpointReport(
        address.provider_id,
        address.shown_url,
        is_tls=address.base.scheme == "https",
        proxy=shown_url(proxy_for(address.shown_url) or ""),
    )


async def _report(connection: EndpointConnection, asked: list[tuple[Model, str]]) -> EndpointReport:
    address, server = connection.address, connection.server
    listed: tuple[str, ...] = ()
    fault: ProviderError | None = None
    try:
        listed = tuple(one.id for one in await list_models_at(address))
    except ProviderError as error:
        fault = error
    # An apiModel can be a secret, and servers list it.
    secrets = [value for model, _ in asked for value in route_to(address, model).place.secrets]
    place = Place(address.provider_id, "", secrets=tuple(secrets))
    blank = replace(_blank(address), server=server.kind.name)
    if fault is not None and fault.kind in {"unreachable", "configuration"}:
        return replace(blank, trouble=str(fault), advice=endpoint_advice(fault))
    if server.kind is UNKNOWN:
        server.note_kind(await identify(address))
    answers = tuple([await _answer(connection, listed, *one) for one in asked])
    return replace(
        blank,
        server=server.kind.name,
        models=tuple(place.clip(name) for name in listed),
        answers=answers,
        advice=tuple(dict.fromkeys(line for one in answers for line in one.advice)),
    )


async def _answer(
    connection: EndpointConnection, listed: tuple[str, ...], model: Model, feature: str
) -> ModelReport:
    route = route_to(connection.address, model)
    is_filling = feature == "codeCompletion"
    if is_filling and route.has_completions and connection.server.kind is not VENDOR:
        await _try_routes(connection, model)
    measured = await measure(connection, model, is_filling=is_filling)
    name = route.model_name.get_secret_value()
    report = ModelReport(
        str(model.model_ref),
        feature,
        name in listed if listed else None,
        connection.server.best(route).fim_route if is_filling else None,
        measured,
    )
    shown = tuple(route.place.clip(one) for one in listed)
    return replace(
        report, advice=model_advice(model, shown, report.is_listed, report.fim_route, measured)
    )


async def _try_routes(connection: EndpointConnection, model: Model) -> None:
    if connection.address.fim_route:
        return
    route = route_to(connection.address, model)
    for way in connection.server.kind.fim_routes:
        if way in {"tokens", "chat"}:
            return  # the measured request itself shows whether they work
        if await fills_gaps(connection, model, way, _PROBE_TIMEOUT_S):
            return
        connection.server.refuses(route, way)
