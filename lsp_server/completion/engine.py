"""Which request asks a model, which one waits for a stream that runs, and which one needs neither.

One stream runs at a time for a client. It is closed as soon as nobody wants it: at once when its
request is cancelled or an edit goes another way, a moment later when the edit agrees with what it
has written, so that the next request can take it over.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lsp_server.completion.answers import Answer, Answers, Found
from lsp_server.completion.cursor import Cursor, typed_at, typed_between
from lsp_server.completion.fitting import Suggestion, fit
from lsp_server.completion.generation import Generation
from lsp_server.completion.pace import Pace
from providers.messages import Event

# An edit that comes with a cancel may be a message behind it.
_GRACE_S = 0.002

Ask = Callable[[], AsyncGenerator[Event, None]]
"""Begins a stream of the model."""


class Tally(Protocol):
    """Counts what became of the requests."""

    def note_asked(self) -> None:
        """A model is asked."""

    def note_generated(self, tokens: int) -> None:
        """A model has written tokens."""

    def note_reused(self, *, is_typed_through: bool) -> None:
        """A request was answered without asking."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One request for text; `debounce_s` of None leaves the wait to the engine."""

    cursor: Cursor
    is_automatic: bool
    debounce_s: float | None
    ask: Ask
    is_current: Callable[[], bool]
    """Tells whether the document is still as it was."""


class _Diverged(Exception):  # noqa: N818 - a turn of the way, not an error
    """The stream does not write what the user has typed."""


class Engine:
    """Answers wishes at the least cost for the model."""

    def __init__(self, pace: Pace, tally: Tally) -> None:
        self.pace = pace
        self._tally = tally
        self._answers = Answers()
        self._running: Generation | None = None
        self._hold: asyncio.TimerHandle | None = None
        self._quiet: tuple[str, int, int, int] | None = None

    async def suggest(self, wish: Wish) -> Suggestion | None:
        """Give what to offer, or None.

        Raises `ProviderError` when the model server fails, and `CancelledError` when the wish is
        out of date.
        """
        cursor = wish.cursor
        if (known := self._answers.find(cursor)) is not None and _is_enough(known, wish):
            self._tally.note_reused(is_typed_through=bool(known.typed))
            if known.rest:
                self.pace.note_served()
            return fit(known.rest, cursor.situation)
        generation = self._adoptable(wish)
        if generation is None:
            if wish.is_automatic:
                if self._is_quiet(cursor):
                    return None
                await asyncio.sleep(self._debounce_s(wish))
                if not wish.is_current():
                    raise asyncio.CancelledError
            generation = self._begin(wish)
        try:
            return await self._wait(generation, cursor)
        except _Diverged:
            return await self._wait(self._begin(wish), cursor)

    def edited(self, uri: str, look: Callable[[int, int], tuple[str, str]]) -> None:
        """Close the running stream unless the edit goes its way; `look` gives the text at a place.

        That is a part of the text before the place and a part of the text after it.
        """
        generation = self._running
        if generation is None or generation.cursor.uri != uri:
            return
        cursor = generation.cursor
        ways = typed_at(cursor, *look(cursor.line, cursor.column))
        if not any(generation.agrees(typed) for typed in ways):
            generation.close()
        else:
            generation.is_followed = True
            if not generation.waiters:
                self._keep_for(generation, self.pace.hold_s)

    def keep_quiet(self, uri: str, version: int, line: int, column: int) -> None:
        """Ask no model for this place in this version, unless the user asks for it."""
        self._quiet = (uri, version, line, column)

    def prepare(self, wish: Wish) -> None:
        """Ask the model before the client does, if there is nothing to offer yet."""
        known = self._answers.find(wish.cursor)
        if (known is None or not known.rest) and self._adoptable(wish) is None:
            self._begin(wish)

    def keep(self, cursor: Cursor, suggestions: Sequence[Suggestion]) -> None:
        """Remember what is offered at a place beside each other, the likeliest first."""
        for suggestion in reversed(suggestions):
            self._answers.keep(Answer(cursor, suggestion.text))

    def forget(self, uri: str) -> None:
        """Drop what belongs to a document that was closed."""
        self._answers.forget(uri)
        if self._running is not None and self._running.cursor.uri == uri:
            self._running.close()

    def close(self) -> None:
        """Stop the running stream."""
        if self._running is not None:
            self._running.close()

    def _is_quiet(self, cursor: Cursor) -> bool:
        return self._quiet == (cursor.uri, cursor.version, cursor.line, cursor.column)

    def _debounce_s(self, wish: Wish) -> float:
        if wish.debounce_s is not None:
            return wish.debounce_s
        return 0.0 if wish.cursor.situation.is_blank_line else self.pace.debounce_s()

    def _adoptable(self, wish: Wish) -> Generation | None:
        generation = self._running
        if generation is None:
            return None
        typed = typed_between(generation.cursor, wish.cursor)
        is_waiting_its_turn = not generation.raw and not wish.is_automatic
        if typed is None or is_waiting_its_turn or not generation.agrees(typed):
            return None
        return generation

    def _begin(self, wish: Wish) -> Generation:
        if self._running is not None:
            self._running.close()
        self._tally.note_asked()
        self.pace.note_served()
        self._running = Generation(wish.cursor, wish.ask(), self._ended)
        return self._running

    async def _wait(self, generation: Generation, cursor: Cursor) -> Suggestion | None:
        typed = typed_between(generation.cursor, cursor) or ""
        generation.waiters += 1
        generation.is_followed = False
        self._forget_hold()
        try:
            while not generation.is_over:
                if not generation.agrees(typed):
                    raise _Diverged
                await (generation.changed() if typed else generation.over())
        finally:
            generation.waiters -= 1
            if not generation.waiters and not generation.is_over:
                is_followed = generation.is_followed
                self._keep_for(generation, self.pace.hold_s if is_followed else _GRACE_S)
        return self._outcome(generation, cursor, typed)

    def _outcome(self, generation: Generation, cursor: Cursor, typed: str) -> Suggestion | None:
        if generation.is_closed:
            raise asyncio.CancelledError
        if generation.error is not None:
            raise generation.error
        if not typed:
            return generation.suggestion
        rest = generation.rest(typed)
        if rest is None:
            raise _Diverged
        return fit(rest, cursor.situation)

    def _keep_for(self, generation: Generation, seconds: float) -> None:
        self._forget_hold()

        def close() -> None:
            if not generation.waiters:
                generation.close()

        self._hold = asyncio.get_running_loop().call_later(seconds, close)

    def _forget_hold(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None

    def _ended(self, generation: Generation) -> None:
        if self._running is generation:
            self._running = None
            self._forget_hold()
        self._tally.note_generated(generation.tokens)
        if not generation.is_closed and generation.error is None:
            self.pace.note_latency(asyncio.get_running_loop().time() - generation.began_at)
            text = generation.suggestion.text if generation.suggestion else ""
            self._answers.keep(Answer(generation.cursor, text))


def _is_enough(known: Found, wish: Wish) -> bool:
    """Tell whether a known answer will do: a user who asks where it was given wants another one."""
    return wish.is_automatic or bool(known.typed and known.rest)
