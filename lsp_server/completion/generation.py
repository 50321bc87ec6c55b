"""One answer of the model while it is written, kept apart from the requests that wait for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from lsp_server.completion.cleaning import clean
from lsp_server.completion.completeness import Completeness
from lsp_server.completion.cursor import Cursor
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.following import agrees, rest_after
from lsp_server.completion.pipeline import suggest
from providers.errors import TimedOutError
from providers.messages import Event, TextDelta, Usage


class Generation:
    """Reads a stream until enough is there; leaving it early closes the connection.

    It outlives the request it was begun for: the next request of a user who types what is being
    written waits for the same stream.
    """

    def __init__(
        self,
        cursor: Cursor,
        stream: AsyncGenerator[Event, None],
        on_end: Callable[["Generation"], None],
    ) -> None:
        self.cursor = cursor
        self.raw = ""
        self.tokens = 0
        self.suggestion: Suggestion | None = None
        self.error: Exception | None = None
        self.is_over = False
        self.is_closed = False
        """Given up before it had written enough."""
        self.began_at = asyncio.get_running_loop().time()
        self.waiters = 0
        self.is_followed = False
        """Whether the user has typed along since the last request for it."""
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._on_end = on_end
        self._completeness = Completeness(cursor.situation)
        self._task = asyncio.create_task(self._read(stream))

    def close(self) -> None:
        """Stop the model at once; who still waits is told."""
        if not self.is_over:
            self._task.cancel()
            self._end(is_closed=True)

    async def changed(self) -> None:
        """Wait until more has been written, or the end."""
        await self._changed.wait()

    async def over(self) -> None:
        """Wait until the end."""
        await self._over.wait()

    def agrees(self, typed: str) -> bool:
        """Tell whether `typed` goes the way of what has been written so far."""
        return not typed or agrees(self.text, typed)

    def rest(self, typed: str) -> str | None:
        """Give what is left of the whole suggestion after `typed`; None when there is none."""
        return rest_after(self.suggestion.text, typed) if self.suggestion else None

    @property
    def text(self) -> str:
        """The code written so far."""
        if self.suggestion is not None:
            return self.suggestion.text
        text = clean(self.raw, self.cursor.situation)
        # The first characters of a code fence, which will be taken away.
        return "" if text.lstrip().startswith(("`", "~")) else text

    async def _read(self, stream: AsyncGenerator[Event, None]) -> None:
        try:
            await self._take(stream)
            self.suggestion = suggest(self.raw, self.cursor.situation)
        except Exception as error:  # noqa: BLE001 - raised again for whoever waits
            self.error = error
        self._end()

    async def _take(self, stream: AsyncGenerator[Event, None]) -> None:
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        if self._is_enough(event.content):
                            break
                    elif isinstance(event, Usage):
                        self.tokens = event.completion_tokens
        except TimedOutError:
            # A slow model: what it has finished writing is shown, the line it was at is not.
            self.raw = self.raw.rpartition("\n")[0]
            if not self.raw.strip():
                raise

    def _is_enough(self, content: str) -> bool:
        self.raw += content
        self.tokens += 1
        self._tell()
        return self._completeness.add(content)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _end(self, *, is_closed: bool = False) -> None:
        if not self.is_over:
            self.is_over, self.is_closed = True, is_closed
            self._tell()
            self._over.set()
            self._on_end(self)
