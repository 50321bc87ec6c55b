"""Start, reload and end of a connection: settings in, sessions swapped, troubles told."""

import asyncio
import logging
from typing import Any

from lsprotocol import types

from config.options import Options, read_options
from config.problems import Problem
from config.rendered import ModelConfiguration
from lsp_server.configuration import Invocation, Loaded, describe, load
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from providers.pool import Pool

logger = logging.getLogger(__name__)

_SECTION = "foretype"
_SUBJECT = "Configuration"
# Pauses before another try when a gateway or endpoint could not be reached.
_RETRY_S = (2.0, 5.0, 15.0, 30.0, 60.0)


class Lifecycle:
    """Keeps the session of a server in step with the settings and the documents behind it."""

    def __init__(self, ls: ForetypeServer, invocation: Invocation) -> None:
        self._ls = ls
        self._invocation = invocation
        self._initial: dict[str, Any] = {}
        self._loading: asyncio.Task[None] | None = None
        self._told: set[str] = set()

    def take_initial(self, settings: object) -> None:
        """Keep the `initializationOptions`; the client's settings later win key by key."""
        self._initial = settings if isinstance(settings, dict) else {}

    async def reload(self) -> None:
        """Read settings and configuration anew; only the newest of several reloads counts."""
        if self._loading is not None:
            self._loading.cancel()
        self._loading = asyncio.create_task(self._load())
        await asyncio.wait([self._loading])

    async def close(self) -> None:
        """Stop loading and let go of every connection."""
        if self._loading is not None:
            self._loading.cancel()
        await self._ls.session.close()

    async def _load(self) -> None:
        options, option_problems = read_options({**self._initial, **await self._pulled()})
        loaded = await load(options, self._invocation)
        await self._take(loaded, options, option_problems)
        for pause_s in _RETRY_S:
            if loaded.failure is None or loaded.failure.kind == "configuration":
                return
            await asyncio.sleep(pause_s)
            loaded = await load(options, self._invocation)
            await self._take(loaded, options, option_problems)

    async def _pulled(self) -> dict[str, Any]:
        """The section `foretype` of the client's settings, where the client hands settings out."""
        workspace = self._ls.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return {}
        asked = types.ConfigurationParams(items=[types.ConfigurationItem(section=_SECTION)])
        answer = await self._ls.workspace_configuration_async(asked)
        section = answer[0] if answer else None
        return section if isinstance(section, dict) else {}

    async def _take(
        self, loaded: Loaded, options: Options, option_problems: tuple[Problem, ...]
    ) -> None:
        """Put what was loaded in force, unless a good configuration would be lost by it."""
        problems = (*option_problems, *loaded.problems)
        self._tell(loaded, option_problems)
        current = self._ls.session.now
        if loaded.configuration is None and current is not None and current.failure is None:
            return
        configuration = loaded.configuration or ModelConfiguration()
        pool = Pool(configuration)
        session = Session(configuration, options, pool, problems, loaded.failure)
        await self._ls.session.swap(session)
        logger.info(
            "configuration %s: %d providers, %d models, %d problems",
            configuration.revision,
            len(configuration.providers),
            len(configuration.models),
            len(problems),
        )

    def _tell(self, loaded: Loaded, option_problems: tuple[Problem, ...]) -> None:
        for problem in option_problems:
            self._tell_once(describe("settings", problem))
        for problem in loaded.problems:
            if problem.severity == "warning":
                self._tell_once(describe(loaded.origin, problem))
        if loaded.failure is not None:
            self._ls.troubles.report(_SUBJECT, str(loaded.failure), str(loaded.failure))
        else:
            self._ls.troubles.clear(_SUBJECT)

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._ls.warn(message)
