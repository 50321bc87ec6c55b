"""Ends an answer where it was to stop, whether or not the server honoured the stops."""

from collections.abc import Iterable

from providers.thinking import partial_end

# OpenAI, Azure and, by default, TGI (3.3) and vLLM (0.33, VLLM_MAX_STOP_STRINGS) refuse more.
SENT_LIMIT = 4


class StopCutter:
    """Passes text on up to the first stop, holding back what may become one."""

    def __init__(self, stops: Iterable[str]) -> None:
        self._stops = tuple(dict.fromkeys(stop for stop in stops if stop))
        self._beginnings = frozenset(stop[0] for stop in self._stops)
        self._held = ""
        self.is_stopped = False

    def feed(self, text: str) -> str:
        """Return the text that is certain to stand before any stop."""
        if self.is_stopped:
            return ""
        self._held += text
        if self._beginnings.isdisjoint(self._held):
            # No stop is there or begins there, which is so of most pieces.
            return self.close()
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            # The stop that is complete first wins, however the text was split.
            self.is_stopped = True
            certain, self._held = self._held[: min(found)[1]], ""
            return certain
        size = len(self._held) - partial_end(self._held, self._stops)
        certain, self._held = self._held[:size], self._held[size:]
        return certain

    def close(self) -> str:
        """Return the text held back, once nothing can follow it."""
        held, self._held = self._held, ""
        return held


def stops_to_send(*groups: Iterable[str]) -> tuple[str, ...]:
    """Return the stops worth sending, most important first, no more than servers take."""
    unique = dict.fromkeys(stop for group in groups for stop in group if stop)
    return tuple(unique)[:SENT_LIMIT]
