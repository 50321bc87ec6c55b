"""How well one endpoint answers: a circuit breaker, the rests it asks for, its latency."""

import math
from collections.abc import Callable
from time import monotonic

from providers import limits
from providers.errors import ErrorKind, ProviderError

# What says that the endpoint, not the request, is at fault.
_FAILURES: frozenset[ErrorKind] = frozenset({"unreachable", "server", "timeout", "incomplete"})

# The weight of the latest measurement in the moving average.
_LATEST = 0.3

# Latencies that differ by less count as equal: measurements of one server differ as much.
_STEPS_PER_DOUBLING = 2


class EndpointHealth:
    """Judges an endpoint by its real requests alone.

    After some failures in a row the endpoint is left alone; when the pause is over one request
    tries it, and the pause doubles for as long as that fails.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.last_failure: ProviderError | None = None
        """Why the endpoint is left alone, when it is."""
        self._clock = clock
        self._failures = 0
        self._pause_s = 0.0
        self._paused_until = 0.0
        self._rests_until = 0.0
        self._is_probing = False
        self._latency_ms: float | None = None
        self._measured = 0.0

    @property
    def first_token_ms(self) -> float | None:
        """The time to the first token, averaged, the latest counting most."""
        return self._latency_ms

    @property
    def latency_rank(self) -> int:
        """Orders endpoints by latency; those it is not known of come first, to be measured."""
        if self._latency_ms is None or not self._is_latency_known or self.is_due:
            return -1
        return int(math.log2(max(self._latency_ms, 1.0)) * _STEPS_PER_DOUBLING)

    @property
    def is_available(self) -> bool:
        """A request may go there now."""
        return not self.wait_s and not (self._is_open and self._is_probing)

    @property
    def is_due(self) -> bool:
        """It has failed, its pause is over, and the next request is to try it."""
        return self._is_open and self.is_available

    @property
    def rest_s(self) -> float:
        """For how long the server has asked to be left alone."""
        return max(0.0, self._rests_until - self._clock())

    @property
    def wait_s(self) -> float:
        """How long until a request may go there, whatever the reason."""
        return max(self.rest_s, self._paused_until - self._clock(), 0.0)

    @property
    def _is_latency_known(self) -> bool:
        return self._clock() - self._measured < limits.LATENCY_VALID_S

    @property
    def _is_open(self) -> bool:
        return self._failures >= limits.FAILURES

    def begin(self) -> bool:
        """Note a request that goes there; tell whether it is the one that tries."""
        is_probe = self._is_open and not self._is_probing
        self._is_probing = self._is_probing or is_probe
        return is_probe

    def give_up(self, *, was_probe: bool) -> None:
        """Note a request that ended without telling anything of the endpoint."""
        self._is_probing = self._is_probing and not was_probe

    def succeed(self, first_token_ms: float | None = None) -> None:
        """Note that the endpoint answers, and how fast."""
        self._failures, self._pause_s, self._paused_until = 0, 0.0, 0.0
        self._is_probing = False
        if first_token_ms is None:
            return
        known = self._latency_ms if self._is_latency_known else None
        change = 0.0 if known is None else (first_token_ms - known) * _LATEST
        self._latency_ms = first_token_ms if known is None else known + change
        self._measured = self._clock()

    def fail(self, error: ProviderError, *, was_probe: bool = False) -> None:
        """Judge by a request that failed."""
        self.give_up(was_probe=was_probe)
        if error.kind == "overloaded":
            self.last_failure = error
            rest_s = limits.REST_S if error.retry_after_s is None else error.retry_after_s
            self._rests_until = self._clock() + min(rest_s, limits.LONGEST_REST_S)
        elif error.kind in _FAILURES:
            self.last_failure = error
            self._failures += 1
            # Those already running when it broke fail together: one pause for all of them.
            if self._failures == limits.FAILURES or was_probe:
                self._pause()
        else:
            self.succeed()  # it answers, only not to this request

    def _pause(self) -> None:
        longer_s = min(self._pause_s * 2, limits.LONGEST_PAUSE_S)
        self._pause_s = longer_s or limits.FIRST_PAUSE_S
        self._paused_until = self._clock() + self._pause_s
