"""Tells a model's thinking from its answer when both come as one text.

Thinking stands between `<think>` and `</think>`. Many chat templates put the opening tag into the
prompt, so that the answer holds the closing one only: Qwen3-Thinking, QwQ and DeepSeek-R1 on
servers without a reasoning parser. What is being streamed then cannot be known before `</think>`.
So the first answer of a model whose name or configuration says that it thinks is held back until
that tag, its end or a limit; what it shows is remembered for the endpoint, and no later answer
waits. Models that are not said to think are never held back.
"""

import re
from typing import Literal

from config.rendered import Model
from providers.messages import ReasoningDelta, TextDelta

HELD_LIMIT_CHARS = 32 * 1024

Opening = Literal["tag", "prompt", "unsure"]
"""Thinking, if any, begins with its tag; it has begun in the prompt; either is possible."""

_OPEN = "<think>"
_CLOSE = "</think>"

# gpt-oss is not among them: it thinks, but between marks of another kind that servers take out.
_THINKING_NAMES = re.compile(
    r"qwen-?3|qwq|deepseek-?r1|deepseek-?v3\.[1-9]|magistral|glm-?(4\.[5-9]|z1)|smollm3|seed-oss"
    r"|think|reason|exaone-deep|minimax-?m\d"
)
_OTHER_NAMES = re.compile(r"coder|instruct|base|no-?think")

_Delta = TextDelta | ReasoningDelta


def may_think(model: Model) -> bool:
    """Tell whether a model's configuration or one of its names says that it thinks aloud."""
    if model.reasoning_effort or "reasoning" in model.capabilities:
        return True
    names = (model.name_for_api, model.model_name, model.model_ref.model_id)
    spelled = [re.sub(r"[\s_]+", "-", name.lower()) for name in names]
    if any(_OTHER_NAMES.search(name) for name in spelled):
        return False
    return any(_THINKING_NAMES.search(name) for name in spelled)


class ThinkingSplitter:
    """Splits streamed text that may begin with thinking, closed or not.

    `shows_doubtful` decides about an answer cut off before one could know: text, or thinking.
    """

    def __init__(self, opening: Opening = "tag", *, shows_doubtful: bool = True) -> None:
        self.learned: Opening | None = None
        """Where this answer's thinking began, once that is certain."""
        self._opening = opening
        self._shows_doubtful = shows_doubtful
        self._state = "start"
        self._held = ""
        self._guessed: list[str] = []
        """Thinking that is taken for it only because of earlier answers."""

    def note_separate(self) -> None:
        """Take note that the server sends the thinking apart, so that no text is any."""
        self._opening = self.learned = "tag"
        if self._state == "unsure":
            self._state = "answer"

    def feed(self, text: str) -> list[_Delta]:
        """Return the pieces that are certain once `text` has arrived."""
        self._held += text
        if self._state == "start":
            self._decide()
        if self._state == "unsure":
            self._wait()
        if self._state in {"thinking", "guessed"}:
            return self._think()
        if self._state == "after":
            self._held = self._held.lstrip()
            if self._held:
                self._state = "answer"
        return self._answer() if self._state == "answer" else []

    def close(self, *, is_cut: bool = False) -> list[_Delta]:
        """Return what was held back; `is_cut` when the answer was ended by its limit."""
        held, self._held = self._held, ""
        if self._state == "guessed":
            return self._close_guess(held, is_cut=is_cut)
        if self._state == "unsure":
            if not is_cut:
                self.learned = "tag"
            elif not self._shows_doubtful:
                return [ReasoningDelta(held)]
        if not held or self._state == "after":
            return []
        # Thinking that was opened by its tag and never closed stays thinking.
        return [ReasoningDelta(held) if self._state == "thinking" else TextDelta(held)]

    def _decide(self) -> None:
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._state = "thinking"
            self.learned = "tag"
            self._held = start.removeprefix(_OPEN).lstrip("\n")
        elif not _OPEN.startswith(start):
            states = {"tag": "answer", "prompt": "guessed", "unsure": "unsure"}
            self._state = states[self._opening]

    def _wait(self) -> None:
        limit = HELD_LIMIT_CHARS + len(_CLOSE)
        if _CLOSE in self._held[:limit]:
            self._state = "guessed"
        elif len(self._held) >= limit:
            self._state = "answer"

    def _think(self) -> list[_Delta]:
        thought, closed, rest = self._held.partition(_CLOSE)
        if closed:
            if self._state == "guessed":
                self.learned = "prompt"
            self._state = "after"
            self._held = ""
            return [*([ReasoningDelta(thought)] if thought else []), *self.feed(rest)]
        keep = partial_end(self._held, (_CLOSE,))
        certain = len(self._held) - keep
        thought, self._held = self._held[:certain], self._held[certain:]
        if self._state == "guessed":
            self._guessed.append(thought)
        return [ReasoningDelta(thought)] if thought else []

    def _close_guess(self, held: str, *, is_cut: bool) -> list[_Delta]:
        if is_cut:
            return [ReasoningDelta(held)] if held else []
        # It did not think this time. Better to say the answer a second time than not at all.
        self.learned = "unsure"
        text = "".join(self._guessed) + held
        return [TextDelta(text)] if text else []

    def _answer(self) -> list[_Delta]:
        held, self._held = self._held, ""
        return [TextDelta(held)] if held else []


def partial_end(text: str, marks: tuple[str, ...]) -> int:
    """Return how many characters at the end of `text` may be the beginning of a mark."""
    return max((_beginning_at_end(text, mark) for mark in marks), default=0)


def _beginning_at_end(text: str, mark: str) -> int:
    # Asked for each piece of an answer: most hold nothing that a mark begins with.
    at = text.find(mark[0], max(0, len(text) - len(mark) + 1))
    while at >= 0:
        if mark.startswith(text[at:]):
            return len(text) - at
        at = text.find(mark[0], at + 1)
    return 0
