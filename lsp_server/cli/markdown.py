"""Markdown on a terminal while it is still being written."""

import re
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment
from rich.text import Text

from lsp_server.cli.output import has_watched_errors

_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")
_REDRAWS_PER_SECOND = 12
# Rich moves the cursor up over what it replaces, which cannot be done beyond the screen.
_SPARE_LINES = 2


class MarkdownScreen:
    """Shows an answer: finished blocks go into the scrollback for good, the last one is redrawn.

    Of a block that is taller than the screen, its end is seen until it is finished.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(
            console=console,
            refresh_per_second=_REDRAWS_PER_SECOND,
            transient=True,
            # What is said there goes above the answer, unless it goes elsewhere.
            redirect_stderr=has_watched_errors(),
        )
        self._open = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.update(Text(""), refresh=True)
        self._live.stop()
        self._keep(self._open)
        self._open = ""

    def add(self, text: str) -> None:
        """Show a piece of the answer."""
        blocks = [*finished_blocks(self._open + text)]
        for block in blocks:
            self._keep(block)
        self._open = (self._open + text)[sum(map(len, blocks)) :]
        self._live.update(_Tail(Markdown(self._open)))

    def think(self) -> None:
        """Show that the model thinks."""
        if not self._open:
            self._live.update(Text("Thinking ...", style="dim"))

    def _keep(self, block: str) -> None:
        if block.strip():
            self._console.print(Markdown(block))
            self._console.print()


def finished_blocks(text: str) -> Iterator[str]:
    """Yield the beginning of a text in blocks that nothing that follows can change.

    A block ends at a blank line outside fences, before a line that is not indented; so a list's
    item stays with its paragraphs.
    """
    start = at = 0
    fence = ""
    was_blank = False
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break  # more of this line may come
        match = _FENCE.match(line)
        if was_blank and not fence and not line[0].isspace():
            yield text[start:at]
            start = at
        if match and not fence:
            fence = match["fence"]
        elif match and match["fence"].startswith(fence) and not line.strip(" \n`~"):
            fence = ""
        was_blank = not line.strip() and not fence
        at += len(line)


class _Tail:
    """As many of the last lines as the screen holds."""

    def __init__(self, whole: Markdown) -> None:
        self._whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._whole, options.update(height=None), pad=False)
        for line in lines[-max(1, console.height - _SPARE_LINES) :]:
            yield from line
            yield Segment.line()
