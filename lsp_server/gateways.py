"""The gateway behind the configuration: asked once, kept up with, remembered on disk."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from platformdirs import user_cache_path

from config.sources import Gateway
from providers.errors import ProviderError
from providers.gateway import Changed, Failed, Unchanged
from providers.gateway_cache import GatewayCache
from providers.gateway_polling import GatewayPoller

logger = logging.getLogger(__name__)


class FollowedGateway:
    """Gives the base document of the gateway in use, and tells when it has changed."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self._on_change = on_change
        self._gateway: Gateway | None = None
        self._poller: GatewayPoller | None = None
        self._base: object = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def base(self) -> object:
        """The newest base document; None when no gateway is in use or none has answered."""
        return self._base

    @property
    def url(self) -> str:
        """The gateway in use; blank when there is none."""
        return self._gateway.endpoint if self._gateway else ""

    @property
    def failure(self) -> ProviderError | None:
        """Why the gateway could not be asked the last time; None when it could."""
        return self._poller.failure if self._poller else None

    @property
    def trouble(self) -> str | None:
        """Why the base is not up to date, in one sentence; None when it is."""
        return str(self.failure) if self.failure else None

    async def follow(self, gateway: Gateway | None) -> object:
        """Take this gateway's document as the base; the last good one while it is away.

        Raises `ProviderError` when there is neither.
        """
        if gateway != self._gateway or self._poller is None:
            self.close()
            self._gateway = gateway
            if gateway is None:
                return None
            cache = GatewayCache(user_cache_path("foretype", appauthor=False) / "gateways")
            self._poller = GatewayPoller(gateway.endpoint, gateway.token, cache)
        match await self._poller.ask():
            case Changed(document) | Unchanged(document):
                self._base = document.value
            case Failed(error, last_good):
                if last_good is None:
                    raise error
                self._base = last_good.value
        return self._base

    async def keep(self, base: object) -> None:
        """Remember a base, which a configuration could be built upon, for later starts."""
        if self._poller is not None:
            await self._poller.keep(base)

    def keep_up(self) -> None:
        """Poll the gateway in the background from now on."""
        if self._poller is not None and self._watching is None:
            self._watching = asyncio.create_task(self._watch(self._poller))

    async def _watch(self, poller: GatewayPoller) -> None:
        async with aclosing(poller.watch()) as documents:
            async for document in documents:
                self._base = document.value
                self._on_change()

    def close(self) -> None:
        """Stop polling and forget the gateway."""
        if self._watching is not None:
            self._watching.cancel()
        self._gateway = self._poller = self._watching = self._base = None
