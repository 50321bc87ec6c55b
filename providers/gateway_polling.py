"""Keeps up with the document of a gateway."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator

from pydantic import SecretStr

from providers.errors import ErrorKind, ProviderError
from providers.gateway import Changed, Failed, GatewayAnswer, GatewayDocument, ask_gateway
from providers.gateway_cache import GatewayCache

logger = logging.getLogger(__name__)

INTERVAL_S = 300.0

_JITTER = 0.1

_LONGEST_ASKED_WAIT_S = 3600.0

# The gateway is there and refuses: what it once said to somebody is no longer to be used.
_NOT_AWAY: frozenset[ErrorKind] = frozenset({"auth", "configuration"})


class GatewayPoller:
    """One gateway: its document now, and every later change of it.

    While the gateway is away, the last good document stays in force; the first time, that is the
    one stored in the `cache`, where only what could be used is kept.
    """

    def __init__(
        self, endpoint: str, token: SecretStr | None, cache: GatewayCache | None = None
    ) -> None:
        self.failure: ProviderError | None = None
        """Why the gateway could not be asked the last time; None when it could."""
        self._endpoint = endpoint
        self._token = token
        self._cache = cache
        self._given: GatewayDocument | None = None
        self._unkept: GatewayDocument | None = None
        self._is_first = True
        self._failures = 0
        self._turn = asyncio.Lock()

    async def ask(self) -> GatewayAnswer:
        """Ask the gateway now; `Changed` is a document that was not given out before."""
        async with self._turn:
            stored = await self._stored() if self._is_first else None
            answer = await ask_gateway(self._endpoint, self._token, self._given or stored)
            if isinstance(answer, Failed):
                self._is_first = False
                return self._failed(answer)
            self._note_success()
            if answer.document not in (stored, self._given):
                self._unkept = answer.document
            is_new = self._given is None or isinstance(answer, Changed)
            self._is_first = False
            self._given = answer.document
            return Changed(answer.document) if is_new else answer

    async def keep(self, base: object) -> None:
        """Remember a given document for starts while the gateway is away: it could be used."""
        document = self._unkept
        if document is None or document.value is not base or self._cache is None:
            return
        self._unkept = None
        secrets = (self._token,) if self._token else ()
        await asyncio.to_thread(self._cache.store, self._endpoint, document, secrets)

    async def watch(self, interval_s: float = INTERVAL_S) -> AsyncGenerator[GatewayDocument, None]:
        """Yield the document when it is not yet given out, then each new one, for ever.

        Failures are logged once and kept in `failure`; closing the generator or cancelling its
        task ends it at once.
        """
        while True:
            is_first = self._is_first
            if not is_first:
                asked_wait_s = self.failure.retry_after_s if self.failure else None
                await asyncio.sleep(poll_delay_s(interval_s, self._failures, asked_wait_s))
            answer = await self.ask()
            if isinstance(answer, Changed):
                yield answer.document
            elif is_first and isinstance(answer, Failed) and answer.last_good is not None:
                yield answer.last_good

    def _failed(self, answer: Failed) -> Failed:
        if self._failures == 0:
            logger.warning("%s", answer.error)
        self._failures += 1
        self.failure = answer.error
        if self._given is None and answer.error.kind not in _NOT_AWAY:
            self._given = answer.last_good
        return Failed(answer.error, self._given)

    def _note_success(self) -> None:
        if self._failures:
            logger.info("the gateway answers again")
        self._failures = 0
        self.failure = None

    async def _stored(self) -> GatewayDocument | None:
        if self._cache is None:
            return None
        return await asyncio.to_thread(self._cache.load, self._endpoint)


def poll_delay_s(interval_s: float, failures: int, asked_wait_s: float | None = None) -> float:
    """Return how long to wait before the next question.

    After a failure it is sooner than usual, so that a restart of the gateway goes unnoticed; then
    twice as long each time, up to four times the interval; never before the gateway asked for.
    """
    wait_s = interval_s * 2.0 ** min(failures - 5, 2) if failures else interval_s
    # So that the editors of a whole company do not ask in step.
    wait_s *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
    return max(wait_s, min(asked_wait_s or 0.0, _LONGEST_ASKED_WAIT_S))
