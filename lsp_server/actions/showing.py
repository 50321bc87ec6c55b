"""Shows a model's answer: as a Markdown file in the editor, else as a message."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lsprotocol import types
from platformdirs import user_cache_path
from pygls.exceptions import JsonRpcException

from lsp_server.server import ForetypeServer
from lsp_server.working import showing_work

_KEPT = 20

Chat = Callable[[ForetypeServer, object, Callable[[int], None]], Awaitable[dict[str, Any]]]


async def chat_and_show(ls: ForetypeServer, argument: object, chat: Chat) -> dict[str, Any]:
    """Answer a conversation; with `show` in its argument, show the answer to the user, too.

    Where neither shows the answer as it is written, the progress of it is shown.
    """
    if not isinstance(argument, dict):
        return await chat(ls, argument, _ignore)
    is_to_be_shown = argument.get("show") is True
    if argument.get("token") is not None and not is_to_be_shown:
        return await chat(ls, argument, _ignore)
    with showing_work(ls, "Answering") as on_written:
        result = await chat(ls, argument, on_written)
    if is_to_be_shown:
        await show_answer(ls, result["content"])
    return result


async def show_answer(ls: ForetypeServer, markdown: str) -> None:
    """Open a text in the editor, or show it as a message where the editor cannot do that."""
    window = ls.client_capabilities.window
    if window is not None and window.show_document is not None and window.show_document.support:
        try:
            path = await asyncio.to_thread(_write, markdown)
            params = types.ShowDocumentParams(uri=path.as_uri(), take_focus=True)
            if (await ls.window_show_document_async(params)).success:
                return
        except (OSError, JsonRpcException):
            pass  # the message remains
    ls.window_show_message(types.ShowMessageParams(type=types.MessageType.Info, message=markdown))


def _ignore(_: int) -> None:
    """The client shows the answer as it is written."""


def _write(markdown: str) -> Path:
    """Write a file that only the user can read; a few of the last ones are kept."""
    folder = user_cache_path("foretype", appauthor=False) / "answers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.md"
    path.touch(mode=0o600)
    path.write_text(markdown.rstrip() + "\n", encoding="utf-8")
    for old in sorted(folder.glob("*.md"))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return path
