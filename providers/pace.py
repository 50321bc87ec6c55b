"""Whether an answer comes as it is written, or is held back until it is whole."""

import time

# Faster than any model writes, and slower than pieces that have arrived together are read.
_TOGETHER_S = 0.0005
# Pieces that came together, after at least this many times as long, had been held back.
_HELD_BACK = 20


class Pace:
    """When the pieces of one answer arrive."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._first = self._last = self._started
        self.pieces = 0

    def note(self, at: float | None = None) -> None:
        """Note a piece that arrived now, or at a time of the monotonic clock."""
        self._last = time.monotonic() if at is None else at
        if not self.pieces:
            self._first = self._last
        self.pieces += 1

    @property
    def first_s(self) -> float | None:
        """How long the first piece took; None before it."""
        return self._first - self._started if self.pieces else None

    @property
    def writing_s(self) -> float:
        """The time from the first piece to the last."""
        return self._last - self._first

    def is_streaming(self, tokens: int = 0) -> bool | None:
        """Tell whether the pieces came as they were written; None when that cannot be told.

        `tokens` is the length of an answer that is whole, else 0.
        """
        if self.pieces > 1 and self.writing_s >= _TOGETHER_S * (self.pieces - 1):
            return True
        waited_s = self._first - self._started
        is_held_back = self.pieces == 1 or self.writing_s * _HELD_BACK < waited_s
        return False if tokens > 1 and self.pieces and is_held_back else None
