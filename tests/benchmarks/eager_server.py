"""A language server with no economy at all: asks the model on every request.

The newest request cancels the one before, and the model's whole answer is what is shown. Run with
the model server's base URL.
"""

import asyncio
import sys

import httpx
import httpx_sse
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("eager", "1")
clients: list[httpx.AsyncClient] = []
running: list["asyncio.Task[str]"] = []


async def ask(prefix: str, suffix: str) -> str:
    prompt = f"<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>"
    body = {"model": "m", "prompt": prompt, "max_tokens": 80, "stop": ["\n\n"], "stream": True}
    text = ""
    url = f"{sys.argv[1]}/completions"
    async with httpx_sse.aconnect_sse(clients[0], "POST", url, json=body) as source:
        async for event in source.aiter_sse():
            if event.data != "[DONE]":
                text += event.json()["choices"][0]["text"]
    return text


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(
    ls: LanguageServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList:
    if not clients:
        clients.append(httpx.AsyncClient())
    for older in running:
        older.cancel()
    document = ls.workspace.get_text_document(params.text_document.uri)
    offset = document.offset_at_position(params.position)
    task = asyncio.create_task(ask(document.source[:offset], document.source[offset:]))
    running[:] = [task]
    try:
        text = await task
    except asyncio.CancelledError:
        return types.InlineCompletionList([])
    span = types.Range(params.position, params.position)
    return types.InlineCompletionList([types.InlineCompletionItem(insert_text=text, range=span)])


if __name__ == "__main__":
    server.start_io()
