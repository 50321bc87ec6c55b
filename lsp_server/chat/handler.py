"""`foretype.chat` and `foretype/chat`: a conversation with a model, streamed as it is written."""

from collections.abc import Callable
from typing import Any

from lsp_server.boundary import CutShortError
from lsp_server.chat.answering import Answer, collect
from lsp_server.chat.argument import read_argument
from lsp_server.chat.attachments import excerpt_of
from lsp_server.chat.fitting import Omitted
from lsp_server.chat.models import chat_client
from lsp_server.chat.prompt import build_prompt
from lsp_server.pieces import PieceKind, PieceStream, Send
from lsp_server.server import ForetypeServer
from providers.errors import ProviderError


async def chat(
    ls: ForetypeServer, argument: object, on_written: Callable[[int], None]
) -> dict[str, Any]:
    """Answer a conversation; while it is written, deltas go out under the argument's token.

    `on_written` hears how many characters have been written.

    Raises `InvalidArgumentError` or pydantic's `ValidationError` for an argument that breaks the
    contract, `ProviderError` when the model cannot be asked, and `CutShortError` when it failed
    after part of its answer had gone out.
    """
    asked = read_argument(argument)
    with ls.tokens.holding(asked.token):
        await ls.recover()
        async with ls.session.use() as session:
            client = chat_client(session, asked.model)
            excluded = session.options.inline_completion.excluded_files
            excerpts = [excerpt_of(item, ls.documents, excluded) for item in asked.context]
            prompt = build_prompt(asked, session, client.model, excerpts)
            stream = PieceStream(ls.sender(asked.token))
            answer = Answer(_counted(stream.push, on_written))
            ls.counters.counts.chats += 1
            try:
                with ls.waits.watching(client) as watched:
                    await collect(answer, watched, prompt)
                stream.flush()
            except (ProviderError, CutShortError):
                stream.flush()
                raise
            finally:
                # After a cancel nothing more is sent.
                stream.drop()
                used = answer.usage
                ls.counters.note_chat(used.prompt_tokens, used.completion_tokens)
            return _as_result(answer, str(client.model.model_ref))


def _counted(send: Send, on_written: Callable[[int], None]) -> Send:
    written = 0

    def count(kind: PieceKind, content: str) -> None:
        nonlocal written
        written += len(content)
        on_written(written)
        send(kind, content)

    return count


def _as_result(answer: Answer, model: str) -> dict[str, Any]:
    usage = answer.usage
    result: dict[str, Any] = {
        "content": answer.content,
        "finishReason": answer.finish_reason,
        "model": model,
        "usage": {
            "promptTokens": usage.prompt_tokens,
            "completionTokens": usage.completion_tokens,
        },
    }
    if answer.is_estimated:
        result["usage"]["isEstimated"] = True
    if answer.omitted:
        result["omitted"] = _left_out(answer.omitted)
    return result


def _left_out(omitted: Omitted) -> dict[str, Any]:
    return {
        "turns": omitted.turns,
        "characters": omitted.characters,
        "files": list(omitted.files),
    }
