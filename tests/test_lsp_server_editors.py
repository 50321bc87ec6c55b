"""Editors that cannot be run here: what each sends when it starts and while somebody types.

Taken from the sources of Helix (2026-07), Kate (2026-08), LSP for Sublime Text (2026-08), Zed and
LSP4IJ (2026-06). What an editor has not declared it must not be asked for.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.options import read_options
from lsp_server.cli.arguments import build_parser
from tests.fake_model_server import FakeModelServer, completes
from tests.lsp_client import SERVE
from tests.raw_client import RawClient, raw_client
from tests.test_lsp_server_requests import settings_for

SETTINGS = Path(__file__).parent.parent / "editors" / "others"
URI = "file:///work/é.py"
MENU = {"inlineCompletion": {"completionFallback": True, "debounceMs": 0}}
ITEM: dict[str, Any] = {
    "resolveSupport": {"properties": ["detail", "documentation", "additionalTextEdits"]},
    "insertReplaceSupport": True,
}


def described(
    item: dict[str, Any], encodings: list[str] | None, *, dynamic: bool, **rest: Any
) -> dict[str, Any]:
    general = {"general": {"positionEncodings": encodings}} if encodings else {}
    completion = {"dynamicRegistration": dynamic, "completionItem": item, **rest}
    return {
        **general,
        "textDocument": {"completion": completion, "hover": {"contentFormat": ["markdown"]}},
        "workspace": {
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": dynamic},
        },
        "window": {"workDoneProgress": True},
    }


EDITORS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    # Its own name and version go as clientInfo; `initialized` and `configuration` hold the config.
    "helix": (
        described(ITEM | {"snippetSupport": True}, ["utf-8", "utf-32", "utf-16"], dynamic=False),
        {"context": {"triggerKind": 1}},
        "utf-8",
    ),
    # No context with its requests, no encodings, and `initialized` without parameters.
    "kate": (
        described({"snippetSupport": False, "labelDetailsSupport": True}, None, dynamic=False),
        {},
        "utf-16",
    ),
    "sublime": (
        described(
            ITEM | {"insertTextModeSupport": {"valueSet": [2]}},
            ["utf-16"],
            dynamic=True,
            insertTextMode=2,
            completionList={"itemDefaults": ["editRange", "insertTextFormat", "data"]},
        ),
        {"context": {"triggerKind": 1}},
        "utf-16",
    ),
    "zed": (
        described(
            ITEM | {"insertTextModeSupport": {"valueSet": [1, 2]}, "labelDetailsSupport": True},
            ["utf-16"],
            dynamic=True,
            insertTextMode=2,
            contextSupport=True,
        ),
        {"context": {"triggerKind": 1}},
        "utf-16",
    ),
}


async def started(
    client: RawClient, url: str, capabilities: dict[str, Any], options: dict[str, Any]
) -> Any:
    result = await client.result(
        "initialize",
        {
            "processId": None,
            "rootUri": None,
            "rootPath": None,
            "capabilities": capabilities,
            "initializationOptions": {**settings_for(url), **options},
        },
    )
    client.notify("initialized", {})
    return result["capabilities"]


def typed(client: RawClient, encoding: str) -> dict[str, int]:
    """Type the last character of a line as editors do; give the position behind it."""
    before = "x = '🦊'; re"
    text = {"uri": URI, "languageId": "python", "version": 0, "text": before[:-1]}
    client.notify("textDocument/didOpen", {"textDocument": text})
    width = {"utf-8": 1, "utf-16": 2}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le"}[encoding]
    column = len(before[:-1].encode(codec)) // width
    place = {"line": 0, "character": column}
    change = {"range": {"start": place, "end": place}, "text": "e"}
    client.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": URI, "version": 1}, "contentChanges": [change]},
    )
    return {"line": 0, "character": column + 1}


@pytest.mark.parametrize("editor", EDITORS)
async def test_the_menu_of_an_editor_without_ghost_text_gets_an_entry(editor: str) -> None:
    capabilities, context, encoding = EDITORS[editor]
    async with FakeModelServer(completes("turn x\n")) as model, raw_client(SERVE) as client:
        declared = await started(client, model.url, capabilities, MENU)
        assert declared["positionEncoding"] == encoding
        at = typed(client, encoding)
        asked = {"textDocument": {"uri": URI}, "position": at, **context}
        answer = await client.result("textDocument/completion", asked)
        (entry,) = answer["items"]
        assert answer["isIncomplete"] is True
        assert entry["textEdit"]["newText"] == entry["filterText"] == "return x"
        start = {"line": 0, "character": at["character"] - 2}
        assert entry["textEdit"]["range"] == {"start": start, "end": at}
        # Not to be indented again, and no snippet.
        assert (entry["insertTextMode"], entry["insertTextFormat"]) == (1, 1)
        assert client.heard == ["workspace/configuration"]
        await client.leave()


async def test_lsp4ij_gets_ghost_text_without_any_setting() -> None:
    capabilities = described({"snippetSupport": True}, None, dynamic=True)
    capabilities["textDocument"]["inlineCompletion"] = {"dynamicRegistration": True}
    async with FakeModelServer(completes("turn x\n")) as model, raw_client(SERVE) as client:
        declared = await started(
            client, model.url, capabilities, {"inlineCompletion": {"debounceMs": 0}}
        )
        assert declared["inlineCompletionProvider"]
        at = typed(client, "utf-16")
        asked = {
            "textDocument": {"uri": URI},
            "position": at,
            "context": {"triggerKind": 2},
        }
        (item,) = (await client.result("textDocument/inlineCompletion", asked))["items"]
        assert item["insertText"] == "return x"
        # It shows the text behind as many characters as lie between the range's start and here.
        length = at["character"] - item["range"]["start"]["character"]
        assert item["insertText"][length:] == "turn x"
        await client.leave()


def options_of(name: str) -> tuple[list[str], Any]:
    """The command and the options that a file of settings gives the server."""
    text = (SETTINGS / name).read_text(encoding="utf-8")
    if name.endswith(".toml"):
        server = tomllib.loads(text)["language-server"]["foretype"]
        return [server["command"], *server["args"]], server["config"]
    value = json.loads(text)
    if "inlineCompletion" in value:
        return [], value
    (servers,) = value.values()
    (server,) = servers.values()
    return server["command"], server["initializationOptions"]


@pytest.mark.parametrize(
    "name",
    [
        "helix-languages.toml",
        "kate-settings.json",
        "sublime-LSP.sublime-settings",
        "lsp4ij-initialization-options.json",
    ],
)
def test_the_settings_for_other_editors_are_those_of_the_code(name: str) -> None:
    command, options = options_of(name)
    read, problems = read_options(options)
    assert problems == ()
    if command:
        assert command[0] == "foretype"
        assert build_parser().parse_args(command[1:]).command == "serve"
        assert read.inline_completion.completion_fallback


def test_the_page_on_other_editors_links_every_file_of_settings() -> None:
    page = (SETTINGS.parent.parent / "docs" / "editors.md").read_text(encoding="utf-8")
    assert [file.name for file in SETTINGS.iterdir() if f"others/{file.name})" not in page] == []
