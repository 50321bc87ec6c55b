"""How long to wait for the next key before a model is asked."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median

# An automatic request is sent no sooner than this after the key, the client's own wait included.
_LEAST_S = 0.05
_MOST_S = 0.3
# A slow model's answer is waited for anyway, and each of its requests costs more.
_SHARE_OF_LATENCY = 0.25
_MOST_FOR_LATENCY_S = 0.15
# Suggestions that are typed over are not worth asking for on every key.
_SHARE_OF_TYPING = 1.2
# But a user who never pauses gets a suggestion after so many keys all the same.
_MOST_KEYS_UNSERVED = 4
_SLOWEST_TYPING_S = 1.0
_REMEMBERED = 9
_WEIGHT = 0.2
_LONGEST_HOLD_S = 0.1


class Pace:
    """Measures the client, the user and the model; times are in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._edited_at: float | None = None
        self._is_asked = True
        self._typing: deque[float] = deque(maxlen=_REMEMBERED)
        self._delays: deque[float] = deque(maxlen=_REMEMBERED)
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED)
        self._wrong = 0.0
        self._unserved = 0

    def note_edit(self) -> None:
        """Note that the user has typed."""
        now = self._clock()
        if self._edited_at is not None and now - self._edited_at < _SLOWEST_TYPING_S:
            self._typing.append(now - self._edited_at)
        self._edited_at = now
        self._is_asked = False
        self._unserved += 1

    def note_request(self) -> None:
        """Note that the client asks: what has passed since the edit is its own delay."""
        if self._edited_at is not None and not self._is_asked:
            self._is_asked = True
            delay = self._clock() - self._edited_at
            if delay < _SLOWEST_TYPING_S:
                self._delays.append(delay)

    def note_served(self) -> None:
        """Note that a model is asked, or that something is offered without."""
        self._unserved = 0

    def note_latency(self, seconds: float) -> None:
        """Note how long a model took to answer."""
        self._latencies.append(seconds)

    def note_outcome(self, *, is_right: bool) -> None:
        """Note whether the user went the way of a suggestion, or another one."""
        self._wrong += _WEIGHT * ((0.0 if is_right else 1.0) - self._wrong)

    @property
    def client_delay_s(self) -> float:
        """How long this client waits by itself between an edit and its request."""
        return median(self._delays) if self._delays else 0.0

    @property
    def hold_s(self) -> float:
        """How long a stream is kept for the request that will take it over."""
        return min(self.client_delay_s + _LEAST_S, _LONGEST_HOLD_S)

    def debounce_s(self) -> float:
        """How long to wait now, beyond what the client has waited already."""
        latency = median(self._latencies) if self._latencies else 0.0
        typing = median(self._typing) if self._typing else 0.0
        wait = max(_LEAST_S, min(_SHARE_OF_LATENCY * latency, _MOST_FOR_LATENCY_S))
        if self._unserved < _MOST_KEYS_UNSERVED:
            wait += self._wrong * _SHARE_OF_TYPING * typing
        waited = self._clock() - self._edited_at if self._edited_at is not None else 0.0
        return max(0.0, min(wait, _MOST_S) - min(waited, self.client_delay_s))
