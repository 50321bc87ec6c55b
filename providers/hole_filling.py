"""Code completion by conversation, for servers that offer nothing but chat."""

import re

from providers.code_languages import language_name
from providers.messages import ChatMessage, InfillRequest
from providers.stops import StopCutter

CURSOR = "<CURSOR/>"

_TASK = (
    "You complete source code. The user's text is one file with the mark {mark} where text is "
    "missing. Answer with exactly the text that replaces the mark: no explanation, no code fence, "
    "nothing that already stands before or after it. Keep the indentation. When nothing is "
    "missing, answer with nothing."
)
_IN_LINE = (
    " The mark stands within a line: begin right after the text before it on that line, and do not "
    "repeat what follows it."
)

# ```python, ~~~, ```c++ and the like, on a line of their own.
_FENCE = re.compile(r"\s*(```+|~~~+)[^\n`]*\n")


def hole_filling_messages(request: InfillRequest) -> tuple[ChatMessage, ...]:
    """Return a conversation whose next turn is the text of the gap.

    What changes with a keystroke stands after what does not, so that servers find its beginning
    in their caches. The file itself is the last message, bare.
    """
    mark = _mark(request)
    system = _TASK.format(mark=mark) + _facts(request)
    user = f"{request.prefix}{mark}{request.suffix}"
    return (ChatMessage("system", system), ChatMessage("user", user))


def _mark(request: InfillRequest) -> str:
    """Return a mark that the file does not hold."""
    text = request.prefix + request.suffix
    mark, number = CURSOR, 1
    while mark in text:
        mark, number = f"<CURSOR{number}/>", number + 1
    return mark


def _facts(request: InfillRequest) -> str:
    parts = [_IN_LINE] if request.suffix.partition("\n")[0].strip() else []
    if request.path:
        parts.append(f"\n\nThe file is {request.path}.")
    if name := language_name(request.language_id):
        parts.append(f"{' ' if request.path else chr(10) * 2}It is written in {name}.")
    if request.context:
        parts.append("\n\nOther files of the project, for reference only:")
        parts += [f"\n\n--- {one.path} ---\n{one.text}" for one in request.context]
    return "".join(parts)


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
