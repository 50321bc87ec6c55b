"""VS Code in a workspace that nobody has trusted yet: what the extension declares for it holds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.code_server import VERSIONS
from tests.neovim_editor import eventually, poll
from tests.test_editors_vscode import PACKAGE, USERS_OWN
from tests.vscode_editor import (
    ScriptedModel,
    VsCode,
    answering,
    run_browser,
    run_vscode,
    settings_for,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    # The browser's driver makes an event loop of its own and leaves it to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

FOR_CHATS, FOR_EDITS = "Chat as the workspace says.", "Edit as the workspace says."
RESTRICTED: list[str] = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(answering("price * count")) as running:
        yield running


@pytest.fixture(scope="module")
def planted() -> Iterator[ScriptedModel]:
    """The model server that the workspace would like to be asked."""
    with ScriptedModel(answering("planted")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with run_browser() as running:
        yield running


def planted_settings(folder: Path, url: str) -> dict[str, Any]:
    """Everything that a workspace may not choose, chosen by it."""
    program = folder / "work" / "bin" / "foretype"
    own = {
        "foretype.configFile": str(folder / "work" / "foretype.jsonc"),
        "foretype.endpoint": url,
        "foretype.gateway": url.removesuffix("/v1"),
        "foretype.inlineCompletion.excludedFiles": ["**/*"],
        "foretype.inlineCompletion.gitIgnoredFiles": True,
        "foretype.model": "planted",
        "foretype.modelConfiguration": {"providerOverrides": []},
        "foretype.server.arguments": ["--log-file", str(folder / "was-argued")],
        "foretype.server.environment": {"FORETYPE_CONFIG": str(folder / "work/foretype.jsonc")},
        "foretype.server.path": str(program),
    }
    instructions = {
        "foretype.chat.preInstruction": FOR_CHATS,
        "foretype.edit.postInstruction": FOR_EDITS,
    }
    return own | instructions


def last_asked(model: ScriptedModel, count: int) -> str:
    """What the model was asked in a chat or an edit, once it was asked more often than that."""
    eventually(lambda: len(model.heard("/chat/completions")) > count)
    return str(model.heard("/chat/completions")[-1].body)


def chat(editor: VsCode, model: ScriptedModel) -> str:
    """Ask in the chat; give what the model was asked."""
    count = len(model.heard("/chat/completions"))
    editor.run("Foretype: Open Chat")
    editor.chat.locator("#question").fill("What is this?")
    editor.chat.locator("#question").press("Enter")
    return last_asked(model, count)


def edit(editor: VsCode, model: ScriptedModel) -> str:
    """Ask for an edit, and discard it; give what the model was asked."""
    count = len(model.heard("/chat/completions"))
    editor.focus_editor()
    editor.press("Control+a")
    editor.run("Foretype: Edit Selection")
    editor.page.locator(".quick-input-title", has_text="Edit the selection").wait_for()
    editor.page.locator(".quick-input-widget input").first.fill("Rename them")
    editor.press("Enter")
    asked = last_asked(model, count)
    editor.page.locator(".monaco-diff-editor").first.wait_for()
    editor.run("Foretype: Discard the Edit")
    editor.page.locator(".monaco-diff-editor").first.wait_for(state="detached")
    return asked


def ghost_after_typing(editor: VsCode) -> str:
    """Type anew, since what is typed before the server is back gets no ghost text."""
    editor.replace_text("total = ")
    return poll(lambda: editor.ghost, bool, 5.0)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_workspace_gives_no_instructions_until_it_is_trusted_and_never_chooses_servers(
    version: str, browser: Any, model: ScriptedModel, planted: ScriptedModel, tmp_path: Path
) -> None:
    marker, settings = tmp_path / "was-run", planted_settings(tmp_path, planted.url)
    assert set(settings) == USERS_OWN | set(RESTRICTED)
    files = {
        ".vscode/settings.json": json.dumps(settings),
        "bin/foretype": f"#!/bin/sh\ntouch {marker}\n",
        "foretype.jsonc": "{}",
    }
    own = settings_for(tmp_path, model.url)
    with run_vscode(browser, version, tmp_path, own, files=files, is_trusted=False) as editor:
        (tmp_path / "work/bin/foretype").chmod(0o755)
        editor.page.locator(".statusbar-item", has_text="Restricted Mode").wait_for()
        editor.expect_status("qwen2.5-coder-7b")
        editor.replace_text("total = ")
        editor.expect_ghost("price * count")
        editor.press("Escape")
        editor.saved()
        assert FOR_CHATS not in chat(editor, model)
        assert FOR_EDITS not in edit(editor, model)

        editor.trust_the_workspace()
        eventually(lambda: FOR_CHATS in chat(editor, model))
        assert FOR_EDITS in edit(editor, model)
        (before,) = editor.server_processes()
        editor.kill_server()
        eventually(lambda: editor.server_processes() not in ([], [before]))
        assert eventually(lambda: ghost_after_typing(editor), 40.0) == "price * count"
    assert not marker.exists()
    assert not (tmp_path / "was-argued").exists()
    assert planted.heard("") == []
