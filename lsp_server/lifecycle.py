"""Start, reload and end of a connection: settings in, sessions swapped, troubles told."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from config.options import Options, read_options
from config.problems import Problem
from config.rendered import ModelConfiguration
from lsp_server.bugs import describe_bug
from lsp_server.configuration import (
    Invocation,
    Loaded,
    configuration_file,
    describe,
    load,
    without_own_file,
)
from lsp_server.gateways import FollowedGateway
from lsp_server.progress_bar import ProgressBar
from lsp_server.selection import Selection
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from lsp_server.settings import with_settings
from lsp_server.watching import FileWatch
from providers.errors import ConfigurationError
from providers.pool import Pool

logger = logging.getLogger(__name__)

_SECTION = "foretype"
_CONFIGURATION, _GATEWAY = "Configuration", "Gateway"
# Pauses before another try when a gateway or endpoint could not be reached.
_RETRY_S = (2.0, 5.0, 15.0, 30.0, 60.0)
_SETTINGS_TIMEOUT_S = 5.0
_PATIENCE_S = 2.0
_SETTINGS_GRACE_S = 0.5
# So many mistakes are told by a message each, and so many of the others by one together.
_TOLD_AT_ONCE, _TOLD_TOGETHER = 3, 10
_SHOWN_AFTER_S = 1.0
_LOADING = "Loading the configuration"


class Lifecycle:
    """Keeps the session of a server in step with the settings and the documents behind it."""

    def __init__(self, ls: ForetypeServer, invocation: Invocation) -> None:
        self._ls = ls
        self._invocation = invocation
        self._initial: object = None
        self._pushed: object = None
        self._loading: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()
        self.gateway = FollowedGateway(self._reload_soon)
        self.watch = FileWatch(self._reload_soon)
        self.selection = Selection()
        self.last = Loaded(None)

    @property
    def invocation(self) -> Invocation:
        """What the command line and the environment say."""
        return self._invocation

    def take_initial(self, settings: object) -> None:
        """Keep the `initializationOptions`; the client's settings later win key by key.

        A client that never says `initialized` is served all the same.
        """
        self._initial = settings
        self._in_background(self._begin_at_last())

    def take_pushed(self, settings: object) -> None:
        """Keep the settings that came with `didChangeConfiguration`, if any did."""
        self._pushed = settings.get(_SECTION) if isinstance(settings, dict) else None

    async def reload(self) -> Loaded:
        """Read settings and configuration anew, and give the outcome of the first try.

        Only the newest of several reloads counts; the others end with it.
        """
        if self._loading is not None:
            self._loading.cancel()
        is_loaded = asyncio.Event()
        self._loading = asyncio.create_task(self._load(is_loaded))
        waiting = asyncio.ensure_future(is_loaded.wait())
        try:
            await asyncio.wait([self._loading, waiting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        return self.last

    async def recover(self) -> None:
        """Try again now, if the gateway or the endpoint could not be reached before."""
        failure = self.last.failure
        if failure is not None and failure.kind != "configuration":
            await self.reload()

    async def select(self, feature: str, model_ref: str) -> ModelConfiguration:
        """Make a model of the configuration the default of a feature, until the server ends."""
        async with self._ls.session.use() as session:
            self.selection.choose(session.configuration, feature, model_ref)
            configuration = self.selection.applied(session.configuration)
            pool = Pool(configuration, session.pool)
            await self._ls.session.swap(replace(session, configuration=configuration, pool=pool))
            return configuration

    async def close(self) -> None:
        """Stop loading, watching and polling, and let go of every connection."""
        for task in (self._loading, *self._background):
            if task is not None:
                task.cancel()
        self.watch.close()
        self.gateway.close()
        self._ls.engine.close()
        await self._ls.session.close()

    def _reload_soon(self) -> None:
        self._in_background(self._reload_quietly())

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _reload_quietly(self) -> None:
        await self.reload()

    async def _begin_at_last(self) -> None:
        await asyncio.sleep(_PATIENCE_S)
        if self._loading is None:
            await self.reload()

    async def _load(self, is_loaded: asyncio.Event) -> None:
        options, option_problems = await self._settings()
        for pause_s in chain(_RETRY_S, repeat(_RETRY_S[-1])):
            loaded = await self._load_once(options)
            if loaded.failure is not None and self._ls.session.now is None:
                # Settings may be on their way; they end this load.
                await asyncio.sleep(_SETTINGS_GRACE_S)
            self.last = loaded
            await self._take(self.last, options, option_problems)
            is_loaded.set()
            if self.last.failure is None or self.last.failure.kind == "configuration":
                break
            await asyncio.sleep(pause_s)
        self.gateway.keep_up()

    async def _load_once(self, options: Options) -> Loaded:
        bar = ProgressBar(self._ls, self._ls.tokens, lambda: _LOADING)
        bar.start(_SHOWN_AFTER_S)
        try:
            self.watch.watch(configuration_file(options, self._invocation))
            return await load(options, self._invocation, self.gateway)
        except Exception as error:  # noqa: BLE001 - without a session no request would be answered
            logger.error("loading the configuration failed: %s", describe_bug(error))
            sentence = "Foretype failed to load the configuration, which is a bug; see its log."
            return Loaded(None, failure=ConfigurationError(sentence))
        finally:
            bar.end()

    async def _settings(self) -> tuple[Options, tuple[Problem, ...]]:
        """The options in force: what the client says now goes before what it said at the start."""
        initial = {} if self._initial is None else self._initial
        if not isinstance(initial, dict):
            return read_options(initial)
        pulled = await self._pulled()
        current = self._pushed if pulled is None else pulled
        options, problems = read_options(with_settings(initial, current))
        if not isinstance(current, dict | None):
            problems += read_options(current)[1]
        return options, problems

    async def _pulled(self) -> object:
        """The section `foretype` of the client's settings; None where it hands none out."""
        workspace = self._ls.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return None
        asked = types.ConfigurationParams(items=[types.ConfigurationItem(section=_SECTION)])
        try:
            async with asyncio.timeout(_SETTINGS_TIMEOUT_S):
                answer = await self._ls.workspace_configuration_async(asked)
        except (TimeoutError, JsonRpcException):
            logger.warning("the client gave no settings; those of its start are used")
            return None
        return answer[0] if answer else None

    async def _take(
        self, loaded: Loaded, options: Options, option_problems: tuple[Problem, ...]
    ) -> None:
        """Put what was loaded in force, unless a good configuration would be lost by it."""
        self._tell(loaded, option_problems)
        current = self._ls.session.now
        problems = (*option_problems, *loaded.problems)
        configuration = loaded.configuration or ModelConfiguration()
        failure = loaded.failure
        if loaded.configuration is None and current is not None and current.failure is None:
            configuration, failure = current.configuration, None
        configuration = self.selection.applied(configuration)
        if current is not None and configuration == current.configuration:
            # The same one: what is known of its answers stays.
            configuration = current.configuration
        pool = Pool(configuration, current.pool if current else None)
        kept = without_own_file(options, self._invocation)
        await self._ls.session.swap(Session(configuration, kept, pool, problems, failure))
        logger.info(
            "configuration %s: %d providers, %d models, %d problems",
            configuration.revision,
            len(configuration.providers),
            len(configuration.models),
            len(problems),
        )

    def _tell(self, loaded: Loaded, option_problems: tuple[Problem, ...]) -> None:
        told = [describe("settings", problem) for problem in option_problems]
        told += [
            describe(loaded.origin, problem)
            for problem in loaded.problems
            if problem.severity == "warning"
        ]
        untold = [message for message in told if message not in self._told]
        for message in untold[:_TOLD_AT_ONCE]:
            self._ls.warn(message)
        if rest := untold[_TOLD_AT_ONCE:]:
            self._ls.warn(f"{len(rest)} more problems: {' '.join(rest[:_TOLD_TOGETHER])}")
        self._told = set(told)
        self._tell_trouble(_GATEWAY, self.gateway.trouble if loaded.configuration else None)
        self._tell_trouble(_CONFIGURATION, str(loaded.failure) if loaded.failure else None)

    def _tell_trouble(self, subject: str, sentence: str | None) -> None:
        if sentence is None:
            self._ls.troubles.note_success(subject)
        else:
            self._ls.troubles.report(subject, sentence, sentence)
