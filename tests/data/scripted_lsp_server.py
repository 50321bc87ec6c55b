"""A language server that offers what a script says, and writes down what it was asked.

Usage: scripted_lsp_server.py SCRIPT RECORD. SCRIPT is a JSON file, read again at every request:

    {"becomes": ["value = 42"], "replaces": "", "waits_for": "", "is_deaf": false, "edited": ""}

A line that starts like an entry of `becomes` is completed to it, from the word being typed on;
`replaces` is the text behind the cursor that goes; an answer is held back until the file
`waits_for` exists, and a deaf server hears no cancellation meanwhile. An edit puts `edited` in the
place of a range; the code actions explain, document and write tests of it. RECORD gets a JSON line
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
    edited: str = ""

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
        kind = params.context.trigger_kind.value
        recorder.write("request", line=here.line, before=before, kind=kind)
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

    add_edits(server, script_file, recorder)
    add_actions(server, script_file)
    return server


def add_edits(server: LanguageServer, script_file: Path, recorder: Recorder) -> None:
    """Let the server edit."""

    @server.feature("foretype/edit")
    async def edit(ls: LanguageServer, params: Any) -> dict[str, Any]:
        script, span = read_script(script_file), as_range(params.range)
        recorder.write(
            "edit", instruction=params.instruction, apply=params.apply, span=span_of(span)
        )
        value = {"type": "delta", "content": script.edited}
        ls.progress(types.ProgressParams(token=params.token, value=value))
        try:
            await wait_for(script)
        except asyncio.CancelledError:
            recorder.write("edit cancelled")
            raise
        return {"edit": replacement(params.uri, span, script.edited), "applied": False}


def add_actions(server: LanguageServer, script_file: Path) -> None:
    """Let the server offer code actions."""
    rewrite = types.CodeActionKind.RefactorRewrite

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([rewrite], resolve_provider=True)
    )
    def list_actions(ls: LanguageServer, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        place = {"uri": uri, "range": span_of(params.range)}
        question = {"messages": [{"role": "user", "content": "Explain."}], "context": [place]}
        explain = types.Command(title="x", command="foretype.chat", arguments=[question])
        return [
            types.CodeAction("Foretype: explain this code", command=explain),
            types.CodeAction("Foretype: document this code", kind=rewrite, data=place),
            types.CodeAction("Foretype: write tests", data={**place, "tests": True}),
        ]

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolve(ls: LanguageServer, action: types.CodeAction) -> types.CodeAction:
        script, data = read_script(script_file), action.data
        assert isinstance(data, dict)
        if data.get("tests"):
            made = data["uri"].replace("example.py", "test_example.py")
            start = types.Position(0, 0)
            action.edit = types.WorkspaceEdit(
                document_changes=[
                    types.CreateFile(made),
                    types.TextDocumentEdit(
                        types.OptionalVersionedTextDocumentIdentifier(made),
                        [types.TextEdit(types.Range(start, start), script.edited)],
                    ),
                ]
            )
        else:
            first = data["range"]["start"]["line"]
            start = types.Position(first, 0)
            edit = types.TextEdit(types.Range(start, start), script.edited)
            action.edit = types.WorkspaceEdit(changes={data["uri"]: [edit]})
        return action

    @server.command("foretype.chat")
    def chat(ls: LanguageServer, argument: object) -> None:
        """Do nothing: a client shows the answer itself."""


def as_range(span: Any) -> types.Range:
    """Read a range out of what a request of our own carries."""
    start, end = span.start, span.end
    return types.Range(
        types.Position(start.line, start.character), types.Position(end.line, end.character)
    )


def span_of(span: types.Range) -> dict[str, dict[str, int]]:
    """Write a range as JSON has it."""
    return {
        "start": {"line": span.start.line, "character": span.start.character},
        "end": {"line": span.end.line, "character": span.end.character},
    }


def replacement(uri: str, span: types.Range, text: str) -> dict[str, Any]:
    """Write a workspace edit of one range."""
    return {"changes": {uri: [{"range": span_of(span), "newText": text}]}}


if __name__ == "__main__":
    build(Path(sys.argv[1]), Recorder(Path(sys.argv[2]))).start_io()
