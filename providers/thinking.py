"""Tells a model's thinking from its answer when both come as one text."""

from providers.messages import ReasoningDelta, TextDelta

_OPEN = "<think>"
_CLOSE = "</think>"


class ThinkingSplitter:
    """Splits streamed chat text that may begin with `<think>...</think>`, closed or not."""

    def __init__(self) -> None:
        self._state = "start"
        self._held = ""

    def feed(self, text: str) -> list[TextDelta | ReasoningDelta]:
        """Return the pieces that are certain once `text` has arrived."""
        self._held += text
        if self._state == "start":
            self._decide()
        if self._state == "thinking":
            return self._think()
        if self._state == "after":
            self._held = self._held.lstrip()
            if self._held:
                self._state = "answer"
        return self._answer() if self._state == "answer" else []

    def close(self) -> list[TextDelta | ReasoningDelta]:
        """Return what was held back; thinking that was never closed stays thinking."""
        held, self._held = self._held, ""
        if not held or self._state == "after":
            return []
        return [ReasoningDelta(held) if self._state == "thinking" else TextDelta(held)]

    def _decide(self) -> None:
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._state = "thinking"
            self._held = start.removeprefix(_OPEN).lstrip("\n")
        elif not _OPEN.startswith(start):
            self._state = "answer"

    def _think(self) -> list[TextDelta | ReasoningDelta]:
        thought, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._state = "after"
            self._held = ""
            return [*([ReasoningDelta(thought)] if thought else []), *self.feed(rest)]
        keep = partial_end(self._held, (_CLOSE,))
        certain = len(self._held) - keep
        thought, self._held = self._held[:certain], self._held[certain:]
        return [ReasoningDelta(thought)] if thought else []

    def _answer(self) -> list[TextDelta | ReasoningDelta]:
        held, self._held = self._held, ""
        return [TextDelta(held)] if held else []


def partial_end(text: str, marks: tuple[str, ...]) -> int:
    """Return how many characters at the end of `text` may be the beginning of a mark."""
    longest = max((len(mark) for mark in marks), default=1) - 1
    for size in range(min(longest, len(text)), 0, -1):
        if any(mark.startswith(text[-size:]) for mark in marks):
            return size
    return 0
