"""`foretype doctor`: what every endpoint is and can do, and what to change."""

import argparse
import asyncio
import os
from dataclasses import dataclass

from config.options import Options
from config.sources import BareEndpoint
from lsp_server.cli.doctor_json import as_json
from lsp_server.cli.doctor_table import say_report
from lsp_server.cli.output import fail, say, say_json
from lsp_server.configuration import Invocation, load, source_of
from lsp_server.gateways import FollowedGateway
from providers.advice import source_advice
from providers.diagnosis import diagnose, examine
from providers.errors import ProviderError
from providers.reports import EndpointReport


def run(arguments: argparse.Namespace) -> int:
    """Print what was found: 0 when every endpoint works, 1 otherwise."""
    try:
        found = asyncio.run(_find(Invocation.of(arguments, os.environ)))
    except ProviderError as error:
        return fail(str(error))
    if arguments.format == "json":
        gateway = as_json(found.gateway) if found.gateway else None
        endpoints = [as_json(report) for report in found.endpoints]
        say_json({"ok": found.is_fine, "gateway": gateway, "endpoints": endpoints})
    else:
        _say(found)
    return 0 if found.is_fine else 1


@dataclass(frozen=True, slots=True)
class _Found:
    endpoints: tuple[EndpointReport, ...]
    gateway: EndpointReport | None = None

    @property
    def is_fine(self) -> bool:
        is_gateway_fine = self.gateway is None or self.gateway.is_working
        has_all = bool(self.endpoints) and all(report.is_working for report in self.endpoints)
        return is_gateway_fine and has_all


async def _find(invocation: Invocation) -> _Found:
    """Ask everything; raises the failure when not even an address is known."""
    options, gateway = Options(), FollowedGateway()
    loaded = await load(options, invocation, gateway)
    configuration, failure = loaded.configuration, loaded.failure
    examined = await _examine_gateway(gateway)
    if configuration is not None:
        return _Found(await diagnose(configuration), examined)
    assert failure is not None  # noqa: S101 - one of the two is there
    if examined is not None and not examined.is_working:
        return _Found((), examined)
    source = source_of(options, invocation)
    if not isinstance(source, BareEndpoint):
        raise failure
    advice = source_advice(failure, is_gateway=False)
    return _Found((await examine("endpoint", source.url, failure, advice),))


async def _examine_gateway(gateway: FollowedGateway) -> EndpointReport | None:
    if not gateway.url:
        return None
    failure = gateway.failure
    advice = source_advice(failure, is_gateway=True) if failure else ()
    return await examine("gateway", gateway.url, failure, advice)


def _say(found: _Found) -> None:
    if found.gateway is not None:
        say_report(found.gateway)
    elif not found.endpoints:
        say("The configuration has no endpoint.")
    for report in found.endpoints:
        say_report(report)
