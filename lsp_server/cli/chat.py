"""`foretype chat`: one question, its answer streamed to standard output."""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console

from lsp_server.boundary import CutShortError
from lsp_server.chat.answering import Answer, collect
from lsp_server.chat.argument import ChatArgument, Turn
from lsp_server.chat.fitting import Omitted
from lsp_server.chat.models import chat_client
from lsp_server.chat.prompt import build_prompt
from lsp_server.cli.attaching import attached
from lsp_server.cli.loading import load_session
from lsp_server.cli.markdown import MarkdownScreen
from lsp_server.cli.output import counted, fail, note, piped_text, read_all, say, say_now
from lsp_server.cli.source_files import BadFileError
from lsp_server.cli.waiting_notes import telling_waits
from lsp_server.pieces import PieceKind, Send
from providers.errors import ProviderError


def run(arguments: argparse.Namespace) -> int:
    """Stream one answer."""
    prompt, piped = arguments.prompt, ""
    if prompt == "-":
        prompt = read_all()
    else:
        piped = piped_text() or ""
        if prompt is None:
            prompt, piped = piped, ""
    if not prompt.strip():
        return fail("Write the question as an argument, or pipe it in: foretype chat -")
    return asyncio.run(_ask(arguments, prompt, piped))


async def _ask(arguments: argparse.Namespace, question: str, piped: str) -> int:
    try:
        session = await load_session(arguments)
        try:
            excluded = session.options.inline_completion.excluded_files
            excerpts = attached(arguments.file, piped, excluded)
            client = chat_client(session, _requested(arguments))
            asked = ChatArgument(messages=(Turn(role="user", content=question),))
            prompt = build_prompt(asked, session, client.model, excerpts)
            with telling_waits(client) as watched, _screen() as send:
                answer = Answer(send)
                await collect(answer, watched, prompt)
        finally:
            await session.pool.aclose()
    except (ProviderError, CutShortError, BadFileError) as error:
        return fail(str(error))
    if answer.omitted:
        note(_left_out(answer.omitted))
    return 0


def _requested(arguments: argparse.Namespace) -> str | None:
    # With --endpoint, the configuration holds that model alone.
    named = None if arguments.endpoint else arguments.model or None
    return "fastChat" if arguments.fast else named


def _screen() -> AbstractContextManager[Send]:
    console = _Terminal()
    return _rendered(console) if console.is_terminal else _plain()


@contextmanager
def _rendered(console: Console) -> Iterator[Send]:
    with MarkdownScreen(console) as screen:

        def send(kind: PieceKind, content: str) -> None:
            if kind == "delta":
                screen.add(content)
            else:
                screen.think()

        yield send


@contextmanager
def _plain() -> Iterator[Send]:
    end = "\n"

    def send(kind: PieceKind, content: str) -> None:
        nonlocal end
        if kind == "delta":
            say_now(content)
            end = content[-1]

    try:
        yield send
    except BrokenPipeError:
        end = "\n"
        raise
    finally:
        # Also of an answer that is interrupted or fails.
        if end != "\n":
            say()


class _Terminal(Console):
    """A console that leaves it to the program to end when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """Leave by way of every `finally`."""
        raise BrokenPipeError


def _left_out(omitted: Omitted) -> str:
    return f"{counted(omitted.characters, 'character')} left out to fit the model's window."
