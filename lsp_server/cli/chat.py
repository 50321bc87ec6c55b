"""`foretype chat`: one question, its answer streamed to standard output."""

import argparse
import asyncio
from contextlib import aclosing

from lsp_server.chat import ChatArgument, Turn, build_request
from lsp_server.cli.loading import load_session
from lsp_server.cli.output import fail, piped_text, read_all, say, say_now
from lsp_server.documents import Documents
from providers.errors import ProviderError
from providers.messages import TextDelta


def run(arguments: argparse.Namespace) -> int:
    """Stream one answer."""
    prompt = arguments.prompt
    if prompt == "-":
        prompt = read_all()
    elif prompt is None:
        prompt = piped_text()
    if not prompt or not prompt.strip():
        return fail("Write the question as an argument, or pipe it in: foretype chat -")
    return asyncio.run(_ask(arguments, prompt))


async def _ask(arguments: argparse.Namespace, prompt: str) -> int:
    try:
        session = await load_session(arguments)
        client = session.client_for("chat")
        asked = ChatArgument(messages=(Turn(role="user", content=prompt),))
        request = build_request(asked, session, client.model, Documents())
        async with aclosing(client.chat(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    say_now(event.content)
        say()
        await session.pool.aclose()
    except ProviderError as error:
        return fail(str(error))
    return 0
