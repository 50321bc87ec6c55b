"""Code completion by conversation, for servers that offer nothing but chat."""

import re

from providers.messages import ChatMessage
from providers.stops import StopCutter

CURSOR = "<CURSOR/>"

_TASK = (
    "You complete source code. The user's text is one file with the mark <CURSOR/> where text is "
    "missing. Answer with exactly the text that replaces the mark: no explanation, no code fence, "
    "nothing that already stands before or after it. Keep the indentation. When nothing is "
    "missing, answer with nothing."
)

# ```python, ~~~, ```c++ and the like, on a line of their own.
_FENCE = re.compile(r"\s*(```+|~~~+)[^\n`]*\n")


def hole_filling_messages(prefix: str, suffix: str) -> tuple[ChatMessage, ...]:
    """Return a conversation whose next turn is the text between `prefix` and `suffix`."""
    return (
        ChatMessage("system", _TASK),
        ChatMessage("user", f"{prefix}{CURSOR}{suffix}"),
    )


class FenceStripper:
    """Takes away the code fence that chat models put around code however they are asked."""

    def __init__(self) -> None:
        self._held = ""
        self._is_decided = False
        self._cutter = StopCutter(())

    def feed(self, text: str) -> str:
        """Return the code that is certain once `text` has arrived."""
        if self._is_decided:
            return self._cutter.feed(text)
        self._held += text
        start = self._held.lstrip()
        if not start or "```".startswith(start[:3]) or "~~~".startswith(start[:3]):
            found = _FENCE.match(self._held)
            if found is None:
                return ""
            self._cutter = StopCutter(("\n" + found[1],))
            self._held = self._held[found.end() :]
        return self._decide()

    def close(self) -> str:
        """Return the code held back, once nothing can follow it."""
        if not self._is_decided and self._held.lstrip().startswith(("```", "~~~")):
            return ""
        return self._held + self._cutter.close()

    @property
    def is_stopped(self) -> bool:
        """The closing fence has come: what follows is talk."""
        return self._cutter.is_stopped

    def _decide(self) -> str:
        self._is_decided = True
        held, self._held = self._held, ""
        return self._cutter.feed(held)
