"""The least a language server can do for the same answer: a pygls handler and an httpx-sse stream.

Run with the model server's base URL, or with none for a server that does nothing at all.
"""

import sys

import httpx
import httpx_sse
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")
clients: list[httpx.AsyncClient] = []


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(
    ls: LanguageServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    if not clients:
        clients.append(httpx.AsyncClient())
    document = ls.workspace.get_text_document(params.text_document.uri)
    offset = document.offset_at_position(params.position)
    body = {"model": "m", "prompt": document.source[:offset], "max_tokens": 80, "stream": True}
    text = ""
    url = f"{sys.argv[1]}/completions"
    async with httpx_sse.aconnect_sse(clients[0], "POST", url, json=body) as source:
        async for event in source.aiter_sse():
            if event.data != "[DONE]":
                text += event.json()["choices"][0]["text"]
    span = types.Range(params.position, params.position)
    return types.InlineCompletionList([types.InlineCompletionItem(insert_text=text, range=span)])


if __name__ == "__main__":
    server.start_io()
