"""The one frozen state that handlers read, swapped whole on a reload."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from config.options import Options
from config.problems import Problem
from config.rendered import Model, ModelConfiguration
from config.resolve import FeatureName, Unresolved, resolve_model
from providers.client import ModelClient
from providers.errors import ConfigurationError, ProviderError
from providers.pool import Pool


@dataclass(frozen=True, slots=True)
class Session:
    """A configuration, the user's options and the connections that belong to them."""

    configuration: ModelConfiguration
    options: Options
    pool: Pool
    problems: tuple[Problem, ...] = ()
    failure: ProviderError | None = None
    """Why there is no configuration, when there is none."""

    def client_for(self, feature: FeatureName, requested: str | None = None) -> ModelClient:
        """Give the client of the model that serves a request.

        Raises `ProviderError`: of kind `configuration` when no such model is configured, or the
        failure that kept the configuration from being loaded.
        """
        return self.pool.client_for(self._model(feature, requested))

    def _model(self, feature: FeatureName, requested: str | None) -> Model:
        if self.failure is not None:
            raise self.failure
        found = resolve_model(self.configuration, feature, requested)
        if isinstance(found, Unresolved):
            raise ConfigurationError(found.message)
        return found.model


@dataclass(slots=True)
class _Held:
    session: Session
    users: int = 0
    is_retired: bool = False


def _tell_nobody() -> None:
    """Stand in until somebody wants to know of another session."""


class CurrentSession:
    """Holds the session in force; whoever asks before the first one is there waits for it."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._is_there = asyncio.Event()
        self.on_swap: Callable[[], None] = _tell_nobody
        """Told whenever another session has come into force."""

    @property
    def now(self) -> Session | None:
        """The session in force, if there is one yet."""
        return self._held.session if self._held else None

    def is_failure(self, error: ProviderError) -> bool:
        """Tell whether `error` is why there is no configuration, which the user has been told."""
        return self._held is not None and self._held.session.failure is error

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Session]:
        """Give the session in force; its connections stay open until the last user is done."""
        while self._held is None:
            await self._is_there.wait()
        held = self._held
        held.users += 1
        try:
            yield held.session
        finally:
            held.users -= 1
            if held.is_retired and held.users == 0:
                await held.session.pool.aclose()

    async def swap(self, session: Session) -> None:
        """Put a new session in force; the old one is closed when its last request has ended."""
        old, self._held = self._held, _Held(session)
        self._is_there.set()
        self.on_swap()
        if old is not None:
            old.is_retired = True
            if old.users == 0:
                await old.session.pool.aclose()

    async def close(self) -> None:
        """Close the connections of the session in force, if there is one."""
        if self._held is not None:
            await self._held.session.pool.aclose()
