"""Shows as `window/workDoneProgress` that a model writes something that appears all at once.

While it is slow to begin, `waiting` shows what is waited for; this goes on from there.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lsp_server.progress_bar import ProgressBar
from lsp_server.server import ForetypeServer

_AFTER_S = 1.0


@contextmanager
def showing_work(ls: ForetypeServer, title: str) -> Iterator[Callable[[int], None]]:
    """Show the current task's work; what is given hears how many characters are written.

    Cancelling the progress cancels the task. It is shown from a second after the first note.
    """
    worker = asyncio.current_task()
    written = 0

    def text() -> str:
        return f"{title} ({written} characters)" if written else title

    def cancel() -> None:
        if worker is not None:
            worker.cancel()

    bar = ProgressBar(ls, ls.tokens, text, cancel)

    def note(characters: int) -> None:
        nonlocal written
        written = characters
        bar.start(_AFTER_S, is_held=lambda: ls.waits.are_shown)

    try:
        yield note
    finally:
        bar.end()
