"""The whole answer of a model; while it is written, its pieces go to whoever holds the token."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from lsp_server.boundary import CutShortError
from lsp_server.pieces import PieceStream
from lsp_server.server import ForetypeServer
from providers.client import ModelClient
from providers.errors import ProviderError
from providers.messages import ChatRequest, Finished, ReasoningDelta, TextDelta


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model has written, how it ended, and whether it thought aloud."""

    text: str
    is_cut: bool
    has_thought: bool


async def read_answer(
    ls: ForetypeServer,
    client: ModelClient,
    request: ChatRequest,
    token: str | int | None,
    on_progress: Callable[[int], None],
) -> Answer:
    """Ask for an answer and read it to its end; `on_progress` hears how long it is by now.

    Raises `ProviderError`, or `CutShortError` once something has been written.
    """
    pieces: list[str] = []
    length, is_cut, has_thought = 0, False, False
    stream = PieceStream(ls.sender(token))
    try:
        async with aclosing(client.chat(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(content):
                        pieces.append(content)
                        length += len(content)
                        stream.push("delta", content)
                    case ReasoningDelta(content):
                        has_thought = True
                        stream.push("reasoning", content)
                    case Finished(reason):
                        is_cut = reason == "length"
                on_progress(length)
        stream.flush()
    except ProviderError as error:
        stream.flush()
        if pieces:
            raise CutShortError(error, "".join(pieces)) from error
        raise
    finally:
        # After a cancel nothing more is sent.
        stream.drop()
    return Answer("".join(pieces), is_cut, has_thought)
