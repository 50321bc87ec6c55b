"""VS Code at its first start: what a new user does, and what a workspace cannot do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.code_server import VERSIONS
from tests.neovim_editor import eventually
from tests.vscode_editor import (
    FORETYPE,
    ScriptedModel,
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

MODEL_ANSWERS_WITHIN_S = 120


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(answering("price * count")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with run_browser() as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_user_gets_ghost_text_by_saying_where_the_model_is(
    version: str, browser: Any, model: ScriptedModel, tmp_path: Path
) -> None:
    programs = tmp_path / ".local" / "bin"  # where uv and pipx put links
    programs.mkdir(parents=True)
    (programs / "foretype").symlink_to(FORETYPE)
    path = {"PATH": "/usr/bin:/bin"}
    with run_vscode(browser, version, tmp_path, {}, environment=path) as editor:
        editor.expect_status("no model")
        editor.run("Foretype: Set the Address of the Model Server")
        editor.page.locator(".quick-input-title", has_text="The address of a model").wait_for()
        editor.page.locator(".quick-input-widget input").first.fill(model.url)
        editor.press("Enter")
        editor.expect_status("qwen2.5-coder-7b")
        editor.replace_text("total = ")
        editor.expect_ghost("price * count")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_ends_at_its_start_is_tried_ever_more_slowly(
    version: str, browser: Any, model: ScriptedModel, tmp_path: Path
) -> None:
    starts, program = tmp_path / "starts", tmp_path / "foretype"
    program.write_text(f"#!/bin/sh\necho >> {starts}\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    settings = {"foretype.server.path": str(program)}
    with run_vscode(browser, version, tmp_path, settings) as editor:
        editor.expect_status("restarting")
        notice = editor.page.locator(".notification-list-item-message", has_text="keeps ending")
        notice.wait_for()
        assert starts.read_text(encoding="utf-8").count("\n") <= 4
        editor.set_machine_settings(settings_for(tmp_path, model.url))
        editor.expect_status("qwen2.5-coder-7b")


def two_models(url: str) -> dict[str, Any]:
    served = {"type": "openaicompatible", "endpoints": [{"url": url}]}
    chat, completion = "mistral::v1::mixtral-8x7b-instruct", "bigcode::v1::starcoder2-7b"
    return {
        "sourcegraph": None,
        "providerOverrides": [
            {"id": name, "displayName": name, "serverSideConfig": served}
            for name in ("mistral", "bigcode")
        ],
        "modelOverridesRecommendedSettings": [chat, completion],
        "defaultModels": {"chat": chat, "fastChat": chat, "codeCompletion": completion},
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_another_model_is_selected_and_asked(
    version: str, browser: Any, model: ScriptedModel, tmp_path: Path
) -> None:
    own = {"foretype.modelConfiguration": two_models(model.url)}
    with run_vscode(browser, version, tmp_path, settings_for(tmp_path, "", **own)) as editor:
        editor.expect_status("starcoder2-7b")
        editor.run("Foretype: Select Model")
        rows = editor.page.locator(".quick-input-list .monaco-list-row", has_text="mixtral")
        rows.first.wait_for()
        editor.page.locator(".quick-input-widget input").first.fill("mixtral")
        rows.first.wait_for()
        editor.page.wait_for_timeout(300)
        editor.press("Enter")
        editor.expect_status("mixtral-8x7b-instruct")


PRIMES = """def is_prime(n):
    \"\"\"Return True if n is a prime number.\"\"\"


print([n for n in range(50) if is_prime(n)])
"""


@pytest.mark.timeout(300)
def test_the_real_model_writes_ghost_text_and_answers(
    browser: Any, model_server: str, tmp_path: Path
) -> None:
    files = {"primes.py": PRIMES}
    settings = settings_for(tmp_path, model_server)
    with run_vscode(browser, "1.139", tmp_path, settings, files=files) as editor:
        editor.open("primes.py")
        editor.run("Foretype: Open Chat")
        editor.chat.locator("#question").fill("Write a Python function that reverses a string.")
        editor.chat.locator("#question").press("Enter")
        editor.chat.locator("section.assistant pre").wait_for(timeout=MODEL_ANSWERS_WITHIN_S * 1000)
        editor.chat.locator("#send").wait_for(timeout=MODEL_ANSWERS_WITHIN_S * 1000)
        editor.focus_editor()
        editor.press("Control+Home", "ArrowDown", "End", "Enter")
        ghost = eventually(lambda: editor.ghost, within_s=MODEL_ANSWERS_WITHIN_S)
        editor.page.wait_for_timeout(1000)
        editor.screenshot("real")
        editor.press("Tab")
        first = ghost.split("    ")[0].strip()
        assert first in editor.saved("primes.py")


def _hostile(marker: Path) -> str:
    return f"#!/bin/sh\ntouch {marker}\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_in_a_workspace_chooses_the_server_or_the_models(
    version: str, browser: Any, model: ScriptedModel, tmp_path: Path
) -> None:
    marker, program = tmp_path / "was-run", tmp_path / "work" / "bin" / "foretype"
    program.parent.mkdir(parents=True)
    program.write_text(_hostile(marker), encoding="utf-8")
    program.chmod(0o755)
    asked = len(model.heard(""))
    wanted = {
        "foretype.server.path": str(program),
        "foretype.endpoint": model.url,
        "foretype.gateway": model.url.removesuffix("/v1"),
        "foretype.configFile": str(tmp_path / "work" / "foretype.jsonc"),
        "foretype.modelConfiguration": {"providerOverrides": []},
        "foretype.server.environment": {"FORETYPE_CONFIG": str(tmp_path / "work/foretype.jsonc")},
    }
    files = {".vscode/settings.json": json.dumps(wanted), "foretype.jsonc": "{}"}
    path = {"PATH": f"{program.parent}:/usr/bin:/bin"}
    with run_vscode(browser, version, tmp_path, {}, files=files, environment=path) as editor:
        editor.expect_status("not installed")
        notice = editor.page.locator(".notification-list-item-message").first
        assert "uv tool install" in notice.inner_text()
        own = settings_for(tmp_path, "")
        editor.set_machine_settings(own)
        editor.expect_status("no model")
        editor.replace_text("total = ")
        editor.page.wait_for_timeout(1000)
    assert not marker.exists()
    assert len(model.heard("")) == asked
