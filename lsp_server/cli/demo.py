"""`foretype demo`: ghost text and a chat answer from a real model on this machine."""

import argparse
import asyncio
import contextlib
import signal
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from lsp_server.cli.output import fail
from lsp_server.demo.editor import DemoEditor, connected_editor
from lsp_server.demo.model import DemoError, find_weights, require_free_port, served_model
from lsp_server.demo.script import MODEL_NAME, QUESTION, SCENES, Scene, settings

_GHOST = "dim italic"
_MEGABYTE = 1_000_000
_TERMINATED = 128 + signal.SIGTERM


def run(arguments: argparse.Namespace) -> int:
    """Show the product at work; 1 when it could not be shown."""
    try:
        weights = find_weights()
        require_free_port(arguments.port)
        size_mb = weights.stat().st_size / _MEGABYTE
        return asyncio.run(_until_terminated(_show(weights, size_mb, arguments)))
    except DemoError as error:
        return fail(str(error))
    except asyncio.CancelledError:
        return _TERMINATED


async def _until_terminated(showing: Coroutine[Any, Any, int]) -> int:
    """Let SIGTERM end the demo as Ctrl-C does: tidily."""
    task = asyncio.ensure_future(showing)
    # Windows has no such signals to be handled.
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


class _Terminal(Console):
    """A console that ends the demo tidily when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """Leave by way of every `finally`."""
        raise BrokenPipeError


async def _show(weights: Path, size_mb: float, arguments: argparse.Namespace) -> int:
    console = _Terminal(highlight=False)
    with tempfile.TemporaryDirectory(prefix="foretype-demo-") as folder:
        logs = Path(folder)
        async with contextlib.AsyncExitStack() as stack:
            with console.status(f"Loading {MODEL_NAME} ({size_mb:.0f} MB) into llama.cpp ..."):
                started = time.monotonic()
                model = served_model(weights, arguments.port, logs / "llama.log")
                url = await stack.enter_async_context(model)
            console.print(f"{MODEL_NAME} is served at {url} ({time.monotonic() - started:.1f} s).")
            with console.status("Starting foretype serve ..."):
                editor = await stack.enter_async_context(
                    connected_editor(settings(url), logs / "foretype.log")
                )
            shown = [await _show_ghost_text(console, editor, scene) for scene in SCENES]
            answered = await _show_chat(console, editor)
            if not (any(shown) and answered):
                return fail(_explain(editor))
            _show_next_steps(console, url, arguments.keep)
            if arguments.keep:
                await _until_interrupted(console)
    return 0


async def _show_ghost_text(console: Console, editor: DemoEditor, scene: Scene) -> bool:
    with console.status(f"Asking for ghost text in {scene.file} ..."):
        started = time.monotonic()
        ghost = await editor.ghost_text(f"file:///demo/{scene.file}", scene.before, scene.after)
        took = time.monotonic() - started
    drawn = Text(scene.before)
    # Without styles, as in a pipe, marks show what is the model's.
    marks = (
        ("", "")
        if console.is_terminal
        else (
            "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
            "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        )
    )
    if ghost:
        drawn.append(f"{marks[0]}{ghost}{marks[1]}", style=_GHOST)
    drawn.append(scene.after.rstrip("\n"))
    title = f"{scene.file}: ghost text after {took:.1f} s" if ghost else f"{scene.file}: nothing"
    console.print(Panel(drawn, title=title, title_align="left", expand=False))
    return bool(ghost)


async def _show_chat(console: Console, editor: DemoEditor) -> bool:
    console.print(f"[bold]You:[/bold] {QUESTION}")
    console.print("[bold]Model:[/bold] ", end="")
    pieces = 0

    def draw(piece: str) -> None:
        nonlocal pieces
        pieces += 1
        console.print(piece, end="", markup=False, soft_wrap=True)

    started = time.monotonic()
    answer = await editor.chat(QUESTION, draw)
    took = time.monotonic() - started
    console.print(f"\n[dim]{pieces} pieces in {took:.1f} s, {answer['finishReason']}[/dim]")
    return bool(answer["content"])


def _show_next_steps(console: Console, url: str, keep: bool) -> None:
    console.print()
    if keep:
        console.print("Point an editor at this model while it runs. Neovim, for example:")
    else:
        console.print("Point an editor at your own model server (or run this again with --keep):")
    console.print(
        "  vim.opt.rtp:append('PATH/TO/foretype/editors/neovim')\n"
        f"  require('foretype').setup({{ init_options = {{ endpoint = '{url}' }} }})\n"
        f"Any other editor: start `foretype serve --endpoint {url}` as a language server.",
        markup=False,
        soft_wrap=True,
    )


async def _until_interrupted(console: Console) -> None:
    console.print("The model keeps running until you press Ctrl-C.")
    await asyncio.Event().wait()


def _explain(editor: DemoEditor) -> str:
    told = editor.messages[-1] if editor.messages else "the model offered nothing"
    return f"The demo did not work as it should: {told}"
