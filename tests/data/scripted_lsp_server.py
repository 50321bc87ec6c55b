"""A language server that offers what a script says, and writes down what it was asked.

Usage: scripted_lsp_server.py SCRIPT RECORD. SCRIPT is a JSON file, read again at every request:

    {"becomes": ["value = 42"], "replaces": "", "waits_for": "", "is_deaf": false}

A line that starts like an entry of `becomes` is completed to it, from the word being typed on;
`replaces` is the text behind the cursor that goes; an answer is held back until the file
`waits_for` exists, and a deaf server hears no cancellation meanwhile. RECORD gets a JSON line
for each event.
"""

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import ServerTextPosition, ServerTextRange

POLL_S = 0.01


@dataclass(frozen=True)
class Script:
    """What the server is to do; the fields are those of the file."""

    becomes: list[str] = field(default_factory=list)
    replaces: str = ""
    waits_for: str = ""
    is_deaf: bool = False

    def items(
        self, document_lines: list[str], line: int, column: int
    ) -> list[tuple[int, str, str]]:
        """Start column, text and id of each suggestion at a place in the document."""
        if not document_lines[line][column:].startswith(self.replaces):
            return []
        found = []
        for number, whole in enumerate(self.becomes):
            for first in range(line, -1, -1):
                above = "\n".join([*document_lines[first:line], ""])
                typed = above + document_lines[line][:column]
                if whole.startswith(typed) and document_lines[first] and whole != typed:
                    word = re.search(r"\w*$", typed[len(above) :])
                    start = word.start() if word else column
                    found.append((start, whole[len(above) + start :], f"item-{number}"))
                    break
        return found


class Recorder:
    """Appends events to the record."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: str, **details: object) -> None:
        """Add one event."""
        with self._path.open("a", encoding="utf-8") as record:
            record.write(json.dumps({"event": event, **details}) + "\n")


def read_script(file: Path) -> Script:
    """Read what the test wants now."""
    return Script(**json.loads(file.read_text(encoding="utf-8")))


def is_held(script: Script) -> bool:
    """Whether an answer has to wait still."""
    return bool(script.waits_for) and not Path(script.waits_for).exists()


async def wait_for(script: Script) -> None:
    """Hold an answer back for as long as the script says."""
    while is_held(script):
        if script.is_deaf:
            time.sleep(POLL_S)  # noqa: ASYNC251 - nothing may be heard meanwhile
        else:
            await asyncio.sleep(POLL_S)


def build(script_file: Path, recorder: Recorder) -> LanguageServer:
    """Make the server."""
    server = LanguageServer("scripted", "1")

    @server.feature(types.INITIALIZE)
    def initialize(ls: LanguageServer, params: types.InitializeParams) -> None:
        text_document = params.capabilities.text_document
        declared = text_document is not None and text_document.inline_completion is not None
        options = params.initialization_options
        recorder.write("initialize", pid=os.getpid(), options=options, declared=declared)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: LanguageServer, params: types.DidChangeTextDocumentParams) -> None:
        recorder.write("change")

    @server.feature(
        types.TEXT_DOCUMENT_INLINE_COMPLETION,
        types.InlineCompletionOptions(work_done_progress=False),
    )
    async def complete(
        ls: LanguageServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList:
        script = read_script(script_file)
        document = ls.workspace.get_text_document(params.text_document.uri)
        here = document.position_from_client_units(params.position)
        lines = [line.rstrip("\r\n") for line in document.lines] + [""]
        before = lines[here.line][: here.character]
        recorder.write("request", before=before, kind=params.context.trigger_kind.value)
        try:
            await wait_for(script)
        except asyncio.CancelledError:
            recorder.write("cancelled", before=before)
            raise

        def client_range(start: int) -> types.Range:
            end = ServerTextPosition(here.line, here.character + len(script.replaces))
            return document.range_to_client_units(
                ServerTextRange(ServerTextPosition(here.line, start), end)
            )

        return types.InlineCompletionList(
            items=[
                types.InlineCompletionItem(
                    insert_text=text,
                    range=client_range(start),
                    command=types.Command(
                        title="Accepted", command="foretype.accept", arguments=[identity]
                    ),
                )
                for start, text, identity in script.items(lines, here.line, here.character)
            ]
        )

    @server.command("foretype.accept")
    def accept(ls: LanguageServer, identity: str) -> None:
        recorder.write("accept", id=identity)

    @server.command("foretype.status")
    def status(ls: LanguageServer) -> dict[str, Any]:
        return {"revision": 7, "features": {"chat": False}}

    return server


if __name__ == "__main__":
    build(Path(sys.argv[1]), Recorder(Path(sys.argv[2]))).start_io()
