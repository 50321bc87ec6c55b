"""Further suggestions for an explicit request, asked for beside the first one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from lsp_server.completion.cursor import Cursor
from lsp_server.completion.engine import Ask, Tally
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.generation import Generation


@asynccontextmanager
async def alternatives(
    cursor: Cursor, asks: Sequence[Ask], tally: Tally
) -> AsyncIterator[Callable[[], Awaitable[list[Suggestion]]]]:
    """Ask side by side; what is yielded waits for the answers, and leaving stops the models.

    A failure is left out, since the first suggestion tells of trouble.
    """
    running = _begun(cursor, asks, tally)

    async def collected() -> list[Suggestion]:
        for generation in running:
            await _over(generation)
        return [generation.suggestion for generation in running if generation.suggestion]

    try:
        yield collected
    finally:
        for generation in running:
            generation.close()


async def as_they_come(
    cursor: Cursor, asks: Sequence[Ask], tally: Tally
) -> AsyncGenerator[Suggestion, None]:
    """Ask side by side and give each new answer when it is complete; closing stops the models.

    Raises the first failure when there is nothing else to give.
    """
    running = _begun(cursor, asks, tally)
    seen: set[Suggestion] = set()
    waiting = {asyncio.ensure_future(_over(each)) for each in running}
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for generation in [each.result() for each in done]:
                if generation.suggestion is not None and generation.suggestion not in seen:
                    seen.add(generation.suggestion)
                    yield generation.suggestion
    finally:
        for task in waiting:
            task.cancel()
        for generation in running:
            generation.close()
    if not seen and (errors := [each.error for each in running if each.error is not None]):
        raise errors[0]


def _begun(cursor: Cursor, asks: Sequence[Ask], tally: Tally) -> list[Generation]:
    def count(generation: Generation) -> None:
        tally.note_generated(generation.tokens)

    running = []
    for ask in asks:
        tally.note_asked()
        running.append(Generation(cursor, ask(), count))
    return running


async def _over(generation: Generation) -> Generation:
    while not generation.is_over:
        await generation.changed()
    return generation
