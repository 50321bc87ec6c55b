"""The least a language server can do for the same answer: a pygls handler and an httpx-sse stream.

Run with the model server's base URL, or with none for a handler that gives the answer by itself.
"""

import sys

import httpx
import httpx_sse
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from tests.benchmarks.instant_model_server import ANSWER

server = LanguageServer("bare", "1")
clients: list[httpx.AsyncClient] = []


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(
    ls: LanguageServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    document = ls.workspace.get_text_document(params.text_document.uri)
    offset = document.offset_at_position(params.position)
    text = await ask(document.source[:offset]) if sys.argv[1:] else ANSWER
    span = types.Range(params.position, params.position)
    return types.InlineCompletionList([types.InlineCompletionItem(insert_text=text, range=span)])


async def ask(prefix: str) -> str:
    if not clients:
        clients.append(httpx.AsyncClient())
    body = {"model": "m", "prompt": prefix, "max_tokens": 80, "stream": True}
    text = ""
    url = f"{sys.argv[1]}/completions"
    async with httpx_sse.aconnect_sse(clients[0], "POST", url, json=body) as source:
        async for event in source.aiter_sse():
            if event.data != "[DONE]":
                text += event.json()["choices"][0]["text"]
    return text


if __name__ == "__main__":
    server.start_io()
