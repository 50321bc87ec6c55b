"""All model servers of one configuration, and the connections to them."""

import asyncio
from collections import defaultdict

from config.rendered import Model, ModelConfiguration, Provider
from providers.addresses import Address, BrokenEndpoint, find_addresses
from providers.client import ModelClient
from providers.endpoint_connection import EndpointConnection, EndpointState
from providers.endpoint_group import EndpointGroup
from providers.errors import ConfigurationError, configuration_error
from providers.secrecy import Place, secrets_in


class Pool:
    """Shares one connection pool per endpoint among all models; opens none before it is used.

    With a `previous` pool, endpoints whose address has not changed are taken over as they are:
    open sockets, counters and health. Each pool holds its endpoints until it is closed or retired,
    in any order; an endpoint is closed when the last pool that holds it lets go of it.
    """

    def __init__(self, configuration: ModelConfiguration, previous: "Pool | None" = None) -> None:
        self._groups: dict[str, EndpointGroup] = {}
        self._broken: list[BrokenEndpoint] = []
        self._has_let_go = False
        self._secrets = secrets_in(configuration.providers)
        reusable = previous.open_connections() if previous is not None else ()
        # A list each: providers that share an endpoint and a token still count apart.
        known: dict[Address, list[EndpointConnection]] = defaultdict(list)
        for connection in reusable:
            known[connection.address].append(connection)
        for provider in configuration.providers:
            self._add(provider, known)

    def client_for(self, model: Model) -> ModelClient:
        """Return the way to ask `model`; `ConfigurationError` when its provider has none."""
        provider_id = model.model_ref.provider_id
        if provider_id in self._groups:
            return ModelClient(model, self._groups[provider_id], self._secrets)
        fault = next((one.error for one in self._broken if one.provider_id == provider_id), None)
        if fault is not None:
            raise ConfigurationError(str(fault)) from fault
        place = Place(provider_id, "", str(model.model_ref))
        raise configuration_error(place, "there is no such provider")

    def endpoints(self) -> tuple[EndpointState, ...]:
        """Return how every endpoint fares, those that cannot be used last."""
        working = [one.state() for one in self._every()]
        broken = [
            EndpointState(one.provider_id, one.shown_url, "failing", "configuration")
            for one in self._broken
        ]
        return (*working, *broken)

    def open_connections(self) -> tuple[EndpointConnection, ...]:
        """Return the endpoints that a following pool may take over: none after the end."""
        if self._has_let_go:
            return ()
        return tuple(one for one in self._every() if not one.is_closed)

    async def aclose(self) -> None:
        """Close what no other pool has taken over, waiting for no request; running ones fail."""
        await self._let_go(waits=False)

    async def retire(self) -> None:
        """Close what no other pool has taken over, each endpoint when its last request has ended.

        Returns without waiting for them.
        """
        await self._let_go(waits=True)

    async def _let_go(self, *, waits: bool) -> None:
        if self._has_let_go:
            return
        self._has_let_go = True
        # What has been begun is finished, even when the caller is cancelled meanwhile.
        closing = asyncio.gather(*(one.let_go(waits=waits) for one in self._every()))
        await asyncio.shield(closing)

    def _every(self) -> list[EndpointConnection]:
        return [one for group in self._groups.values() for one in group.connections]

    def _add(self, provider: Provider, known: dict[Address, list[EndpointConnection]]) -> None:
        connections = []
        for found in find_addresses(provider):
            if isinstance(found, BrokenEndpoint):
                self._broken.append(found)
                continue
            taken_over = known[found].pop(0) if known[found] else None
            connection = taken_over or EndpointConnection(found)
            connection.hold()
            connections.append(connection)
        if connections:
            self._groups[provider.id] = EndpointGroup(connections)
