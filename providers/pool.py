"""All model servers of one configuration, and the connections to them."""

import asyncio

from config.rendered import Model, ModelConfiguration, Provider
from providers.client import ModelClient
from providers.endpoint_connection import EndpointConnection, EndpointState
from providers.errors import ConfigurationError, configuration_error
from providers.routes import addresses_of
from providers.secrecy import Place


class Pool:
    """Shares one connection pool per endpoint among all models; opens none before it is used."""

    def __init__(self, configuration: ModelConfiguration) -> None:
        self._connections: dict[str, tuple[EndpointConnection, ...]] = {}
        self._faults: dict[str, ConfigurationError] = {}
        for provider in configuration.providers:
            self._add(provider)

    def client_for(self, model: Model) -> ModelClient:
        """Return the way to ask `model`; `ConfigurationError` when its provider has none."""
        provider_id = model.model_ref.provider_id
        if provider_id in self._faults:
            fault = self._faults[provider_id]
            raise ConfigurationError(str(fault)) from fault
        if provider_id not in self._connections:
            place = Place(provider_id, "", str(model.model_ref))
            raise configuration_error(place, "there is no such provider")
        return ModelClient(model, self._connections[provider_id])

    def endpoints(self) -> tuple[EndpointState, ...]:
        """Return how every endpoint fares, those that cannot be used last."""
        working = [one.state() for group in self._connections.values() for one in group]
        broken = [
            EndpointState(provider_id, "", "failing", "configuration")
            for provider_id in self._faults
        ]
        return (*working, *broken)

    async def aclose(self) -> None:
        """Close all connections, waiting for no request; running ones fail."""
        every = [one for group in self._connections.values() for one in group]
        await asyncio.gather(*(one.aclose() for one in every))

    def _add(self, provider: Provider) -> None:
        try:
            addresses = addresses_of(provider)
        except ConfigurationError as fault:
            self._faults[provider.id] = fault
            return
        # Providers that share an endpoint and a token still count apart.
        self._connections[provider.id] = tuple(EndpointConnection(one) for one in addresses)
