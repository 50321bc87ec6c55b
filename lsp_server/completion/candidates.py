"""Further suggestions for an explicit request, asked for beside the first one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from lsp_server.completion.cursor import Cursor
from lsp_server.completion.engine import Ask
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.generation import Generation


@asynccontextmanager
async def alternatives(
    cursor: Cursor, asks: Sequence[Ask]
) -> AsyncIterator[Callable[[], Awaitable[list[Suggestion]]]]:
    """Ask side by side; what is yielded waits for the answers, and leaving stops the models.

    A failure is left out, since the first suggestion tells of trouble.
    """
    running = [Generation(cursor, ask(), lambda _: None) for ask in asks]

    async def collected() -> list[Suggestion]:
        for generation in running:
            while not generation.is_over:
                await generation.changed()
        return [generation.suggestion for generation in running if generation.suggestion]

    try:
        yield collected
    finally:
        for generation in running:
            generation.close()
