"""An editor in which a recording is typed, and what each key came to."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.human_typing import Key, Typing
from tests.benchmarks.model_knowledge import ModelKnowledge
from tests.raw_client import RawClient

DEBOUNCE_S = 0.2
_SETTLED_S = 1.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What one key came to: `after_s` is the time to its ghost text, None when there was none."""

    is_asked: bool
    is_right: bool
    """Whether the model knows the rest of the line, and there is something left of it."""
    after_s: float | None
    before: str
    """The text before the cursor."""
    ghost_text: str
    at: float
    """When that was known, in the seconds of `time.monotonic`."""


class Player:
    """An editor in which the recording is typed."""

    def __init__(self, client: RawClient, typing: Typing, *, cancels: bool) -> None:
        recording = typing.recording
        before, _, after = recording.marked.partition("|")
        self._client, self._typing, self._cancels = client, typing, cancels
        self._text, self._cursor, self._version = before + after, len(before), 1
        self._uri = f"file:///work/{recording.name}"
        self._knowledge = ModelKnowledge(recording.name, typing.final)
        self._last_id = 0
        language = recording.language_id
        item = {"uri": self._uri, "languageId": language, "version": 1, "text": self._text}
        client.notify("textDocument/didOpen", {"textDocument": item})

    async def play(self) -> list[Shown]:
        """Type everything; a key's ghost text is what arrives before the next key."""
        loop = asyncio.get_running_loop()
        shown = []
        due = loop.time() + _SETTLED_S
        pauses = [key.pause_s for key in self._typing.keys[1:]] + [_SETTLED_S]
        for key, pause in zip(self._typing.keys, pauses, strict=True):
            await asyncio.sleep(due - loop.time())
            due += pause
            shown.append(await self._press(key, due))
        return shown

    async def _press(self, key: Key, until: float) -> Shown:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._apply(key)
        before = self._text[: self._cursor]
        is_right = self._is_right(before)
        if not self._cancels:
            await asyncio.sleep(min(DEBOUNCE_S, until - began))
        if (self._cancels and not key.is_edit) or loop.time() >= until:
            return Shown(False, is_right, None, before, "", until)
        self._last_id, answer = self._client.request(
            "textDocument/inlineCompletion", self._question()
        )
        done, _ = await asyncio.wait([answer], timeout=max(0.0, until - loop.time()))
        text = _ghost_text(answer.result(), self._line_before()) if done else ""
        after_s = loop.time() - began if text else None
        return Shown(True, is_right, after_s, before, text, loop.time())

    def _apply(self, key: Key) -> None:
        if self._cancels and self._last_id:
            self._client.notify("$/cancelRequest", {"id": self._last_id})
            self._last_id = 0
        self._cursor = key.cursor
        if not key.is_edit:
            return
        span = {"start": self._position(key.start), "end": self._position(key.end)}
        self._text = self._text[: key.start] + key.text + self._text[key.end :]
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        change = {"textDocument": document, "contentChanges": [{"range": span, "text": key.text}]}
        self._client.notify("textDocument/didChange", change)

    def _question(self) -> dict[str, Any]:
        return {
            "textDocument": {"uri": self._uri},
            "position": self._position(self._cursor),
            "context": {"triggerKind": 2},
        }

    def _position(self, offset: int) -> dict[str, int]:
        before = self._text[:offset]
        return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}

    def _line_before(self) -> str:
        return self._text[self._text.rfind("\n", 0, self._cursor) + 1 : self._cursor]

    def _is_right(self, before: str) -> bool:
        guess = self._knowledge.guess(before)
        right_of_cursor = self._text[self._cursor :].partition("\n")[0].strip()
        left = guess.text.partition("\n")[0].strip()
        return guess.is_right and left.removesuffix(right_of_cursor).strip() != ""


def _ghost_text(answer: dict[str, Any], line_before: str) -> str:
    """The text behind the cursor of the first item."""
    result = answer.get("result")
    if not result or not result["items"]:
        return ""
    item = result["items"][0]
    return str(item["insertText"][len(line_before) - item["range"]["start"]["character"] :])
