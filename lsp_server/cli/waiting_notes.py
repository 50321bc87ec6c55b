"""Says on standard error that a model is slow to begin, as editors show it by a progress."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from lsp_server.cli.output import has_watched_errors, note
from lsp_server.slow_starts import SlowStart
from providers.client import ModelClient
from providers.stages import Stage

_WATCHED_AFTER_S, _UNWATCHED_AFTER_S = 1.0, 3.0
_LOOK_EVERY_S = 0.25


@contextmanager
def telling_waits(client: ModelClient) -> Iterator[ModelClient]:
    """Give the same client; what it waits for long is said in a line, and again when it changes."""
    start = SlowStart(client.model)
    after_s = _WATCHED_AFTER_S if has_watched_errors() else _UNWATCHED_AFTER_S
    teller: asyncio.Task[None] | None = None

    def watch(stage: Stage) -> None:
        nonlocal teller
        if start.take(stage):
            teller = asyncio.get_running_loop().create_task(_tell(start, after_s))
        elif stage.phase == "begun" and teller is not None:
            teller.cancel()

    try:
        yield client.watched_by(watch)
    finally:
        if teller is not None:
            teller.cancel()


async def _tell(start: SlowStart, after_s: float) -> None:
    await asyncio.sleep(after_s)
    told = ""
    while True:
        if (text := start.text()) != told:
            told = text
            note(f"{text} ...")
        await asyncio.sleep(_LOOK_EVERY_S)
