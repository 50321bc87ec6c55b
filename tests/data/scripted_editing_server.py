"""A language server whose only feature is `foretype/edit`: it puts a given text in the range.

Usage: scripted_editing_server.py TEXT PAUSE_S RECORD. It streams TEXT in two pieces with a pause
between them, and writes the parameters of the newest request, or "cancelled", to RECORD.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer


def build(text: str, pause_s: float, record: Path) -> LanguageServer:
    """Make the server."""
    server = LanguageServer("scripted", "1")

    @server.feature("foretype/edit")
    async def edit(ls: LanguageServer, params: Any) -> dict[str, Any]:
        asked = {
            "instruction": params.instruction,
            "apply": params.apply,
            "range": read_range(params.range),
        }
        record.write_text(json.dumps(asked), encoding="utf-8")
        try:
            for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
                value = {"type": "delta", "content": piece}
                ls.progress(types.ProgressParams(token=params.token, value=value))
                await asyncio.sleep(pause_s)
        except asyncio.CancelledError:
            record.write_text('"cancelled"', encoding="utf-8")
            raise
        change = {"range": read_range(params.range), "newText": text}
        return {"edit": {"changes": {params.uri: [change]}}, "applied": False}

    return server


def read_range(asked: Any) -> dict[str, dict[str, int]]:
    """Write the range of the parameters as JSON has it."""
    return {
        name: {"line": place.line, "character": place.character}
        for name, place in (("start", asked.start), ("end", asked.end))
    }


if __name__ == "__main__":
    build(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])).start_io()
