"""Asks every endpoint of a configuration what it is and what it can do, all at once."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from config.rendered import Model, ModelConfiguration, Provider
from providers.addresses import Address, BrokenEndpoint, find_addresses
from providers.advice import (
    certificate_advice,
    endpoint_advice,
    model_advice,
    system_role_advice,
)
from providers.certificates import certificate_at
from providers.discovery import list_models_at
from providers.endpoint_connection import EndpointConnection
from providers.endpoint_urls import shown_url
from providers.errors import ProviderError
from providers.infill_prompts import family_of
from providers.measuring import Measured, measure
from providers.probing import fills_gaps, identify
from providers.proxies import proxy_for
from providers.reports import EndpointReport, ModelReport
from providers.routes import route_to
from providers.secrecy import Place
from providers.server_kinds import UNKNOWN, VENDOR

# For one endpoint with all that it is asked.
TIMEOUT_S = 60.0

_PROBE_TIMEOUT_S = 10.0

_UNFINISHED = Measured(trouble="The time was over before it had answered.")


async def diagnose(
    configuration: ModelConfiguration, *, timeout_s: float = TIMEOUT_S
) -> tuple[EndpointReport, ...]:
    """Return what is found at every endpoint, in the order of the configuration.

    `timeout_s` is for each endpoint; what has been found by then is kept.
    """
    found = [
        (found, _asked_of(configuration, provider))
        for provider in configuration.providers
        for found in find_addresses(provider)
    ]
    reports = (_endpoint(address, asked, timeout_s) for address, asked in found)
    return tuple(await asyncio.gather(*reports))


async def examine(
    name: str, url: str, error: ProviderError | None = None, advice: tuple[str, ...] = ()
) -> EndpointReport:
    """Report on an address that the configuration itself comes from, and how asking it went."""
    certificate = await certificate_at(url)
    report = replace(_blank(name, shown_url(url)), certificate=certificate)
    lines = certificate_advice(certificate)
    if error is None:
        return replace(report, advice=lines)
    return replace(report, trouble=str(error), kind=error.kind, advice=lines or advice)


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
    found: Address | BrokenEndpoint, asked: list[tuple[Model, str]], timeout_s: float
) -> EndpointReport:
    if isinstance(found, BrokenEndpoint):
        trouble, kind = str(found.error), found.error.kind
        return EndpointReport(found.provider_id, found.shown_url, trouble=trouble, kind=kind)
    if not asked:
        # Nothing of the configuration uses it; sending something would be of no use, either.
        line = f'modelOverrides: {{ "modelRef": "{found.provider_id}::v1::NAME", ... }}'
        return replace(_blank(found.provider_id, found.shown_url), advice=(line,))
    connection = EndpointConnection(found)
    connection.hold()
    examination = _Examination(connection, asked)
    try:
        async with asyncio.timeout(timeout_s):
            await examination.run()
    except TimeoutError:
        trouble = f"It took longer than {timeout_s:g} seconds to answer."
        return replace(examination.report, trouble=trouble, is_complete=False)
    finally:
        await connection.let_go()
    return examination.report


def _blank(name: str, url: str) -> EndpointReport:
    is_tls = urlsplit(url).scheme == "https"
    return EndpointReport(name, url, is_tls=is_tls, proxy=shown_url(proxy_for(url) or ""))


class _Examination:
    """Asks one endpoint; `report` holds what has been found so far."""

    def __init__(self, connection: EndpointConnection, asked: list[tuple[Model, str]]) -> None:
        self._connection = connection
        self._address = connection.address
        self._asked = asked
        # An apiModel can be a secret, and servers list it.
        routes = [route_to(self._address, model) for model, _ in asked]
        secrets = tuple(value for route in routes for value in route.place.secrets)
        self._place = Place(self._address.provider_id, "", secrets=secrets)
        self.report = _blank(self._address.provider_id, self._address.shown_url)
        self._note_server()

    async def run(self) -> None:
        """Ask everything, in the order in which the answers matter."""
        _, (listed, fault) = await asyncio.gather(self._look_at_certificate(), self._list())
        if fault is not None and fault.kind in {"unreachable", "configuration"}:
            advice = self.report.advice or endpoint_advice(fault)
            self.report = replace(self.report, trouble=str(fault), kind=fault.kind, advice=advice)
            return
        unfinished = tuple(
            ModelReport(str(model.model_ref), feature, measured=_UNFINISHED)
            for model, feature in self._asked
        )
        self.report = replace(self.report, answers=unfinished)
        if self._connection.server.kind is UNKNOWN:
            self._connection.server.note_kind(await identify(self._address))
            self._note_server()
        for index, (model, feature) in enumerate(self._asked):
            self._take(index, await _answer(self._connection, listed, model, feature))

    async def _look_at_certificate(self) -> None:
        certificate = await certificate_at(self._address.shown_url)
        lines = (*self.report.advice, *certificate_advice(certificate))
        self.report = replace(self.report, certificate=certificate, advice=lines)

    async def _list(self) -> tuple[tuple[str, ...], ProviderError | None]:
        try:
            listed = tuple(one.id for one in await list_models_at(self._address))
        except ProviderError as error:
            return (), error
        self.report = replace(self.report, models=tuple(self._place.clip(name) for name in listed))
        return listed, None

    def _note_server(self) -> None:
        self.report = replace(self.report, server=self._connection.server.kind.name)

    def _take(self, index: int, answer: ModelReport) -> None:
        before = self.report.answers
        answers = (*before[:index], answer, *before[index + 1 :])
        advice = tuple(dict.fromkeys((*self.report.advice, *answer.advice)))
        self.report = replace(self.report, answers=answers, advice=advice)
        self._note_server()


async def _answer(
    connection: EndpointConnection, listed: tuple[str, ...], model: Model, feature: str
) -> ModelReport:
    route = route_to(connection.address, model)
    is_filling = feature == "codeCompletion"
    if is_filling and route.has_completions and connection.server.kind is not VENDOR:
        await _try_routes(connection, model)
    measured = await measure(connection, model, is_filling=is_filling)
    name = route.model_name.get_secret_value()
    best = connection.server.best(route)
    way = best.fim_route if is_filling else None
    report = ModelReport(
        str(model.model_ref),
        feature,
        name in listed if listed else None,
        way,
        family_of(model).name if way == "tokens" else None,
        best.system_role is not False,
        measured,
    )
    shown = tuple(route.place.clip(one) for one in listed)
    lines = model_advice(model, shown, report.is_listed, report.fim_route, measured)
    if route.system_role is None and not report.has_system_role:
        lines = (*lines, system_role_advice(model))
    return replace(report, advice=lines)


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
