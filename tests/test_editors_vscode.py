"""What the VS Code extension declares is what its README says and what the server takes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lsp_server
from config.options import Options
from config.shapes import Key, Node, RecordOf, keys_of
from lsp_server.configuration import Invocation
from lsp_server.features import build_server

FOLDER = Path(__file__).parent.parent / "editors" / "vscode"
PACKAGE: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SOURCES = [*FOLDER.glob("src/*.ts"), *FOLDER.glob("webview/*.ts")]
SETTINGS: dict[str, dict[str, Any]] = PACKAGE["contributes"]["configuration"]["properties"]
COMMANDS = {command["command"]: command["title"] for command in PACKAGE["contributes"]["commands"]}
# Whoever sets one of these decides what is started, where code goes, or which files are sent.
USERS_OWN = {
    "foretype.configFile",
    "foretype.endpoint",
    "foretype.gateway",
    "foretype.inlineCompletion.excludedFiles",
    "foretype.inlineCompletion.gitIgnoredFiles",
    "foretype.model",
    "foretype.modelConfiguration",
    "foretype.server.arguments",
    "foretype.server.environment",
    "foretype.server.path",
}
# A list that VS Code shows is one that a user would have to keep up to date.
LEFT_TO_THE_SERVER = {"foretype.inlineCompletion.excludedFiles"}


def server_settings(node: type[Node], prefix: str) -> Iterator[tuple[str, Key]]:
    for name, (_, key) in keys_of(node).items():
        if isinstance(key.shape, RecordOf):
            yield from server_settings(key.shape.node, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", key


TAKEN = dict(server_settings(Options, "foretype."))


def test_the_settings_are_those_of_the_server_and_of_the_extension_itself() -> None:
    own = {name for name in SETTINGS if name.startswith("foretype.server.")}

    assert set(SETTINGS) - own == set(TAKEN)


def test_the_defaults_are_the_servers() -> None:
    declared = {name: SETTINGS[name]["default"] for name in TAKEN}
    expected = {
        name: None if name in LEFT_TO_THE_SERVER else key.default for name, key in TAKEN.items()
    }

    assert declared == expected


def test_a_workspace_cannot_choose_the_server_or_what_is_sent_where() -> None:
    assert {n for n, setting in SETTINGS.items() if setting.get("scope") == "machine"} == USERS_OWN


def test_every_setting_is_described() -> None:
    assert all(setting["markdownDescription"].endswith(".") for setting in SETTINGS.values())


def test_the_readme_lists_every_setting_and_no_other() -> None:
    rows = re.findall(r"^\| `(foretype\.[\w.]+)`( \*)? \|", README, re.MULTILINE)

    assert {name for name, _ in rows} == set(SETTINGS)
    assert {name for name, mark in rows if mark} == USERS_OWN


def test_the_readme_lists_every_command_with_its_title() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `(foretype\.\w+)` \|", README, re.MULTILINE)

    assert {command: title for title, command in rows} == COMMANDS


def test_every_command_exists_in_the_code_under_an_id_of_its_own() -> None:
    code = (FOLDER / "src" / "extension.ts").read_text(encoding="utf-8")
    registered = set(re.findall(r"'(foretype\.\w+)':", code))

    assert registered == set(COMMANDS)
    # The client registers the server's commands by itself, and fails to start when one is taken.
    assert not registered & set(build_server(Invocation()).protocol.fm.commands)


def test_commands_named_in_menus_and_the_walkthrough_exist() -> None:
    contributes = PACKAGE["contributes"]
    in_menus = {
        i["command"] for menu in contributes["menus"].values() for i in menu if "command" in i
    }
    steps = json.dumps(contributes["walkthroughs"])
    in_steps = set(re.findall(r"command:(foretype\.\w+)", steps, re.IGNORECASE))

    assert in_menus | in_steps <= set(COMMANDS)
    pages = re.findall(r'"markdown": "([^"]+)"', steps)
    assert pages
    assert all((FOLDER / page).is_file() for page in pages)


def test_the_versions_agree() -> None:
    supported = PACKAGE["engines"]["vscode"].removeprefix("^")

    assert PACKAGE["version"] == lsp_server.__version__
    assert PACKAGE["devDependencies"]["@types/vscode"] == supported
    assert supported.removesuffix(".0") in README


def test_no_proposed_api_is_asked_for() -> None:
    assert "enabledApiProposals" not in PACKAGE


def test_files_are_small_and_say_what_they_are() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, path
        assert text.startswith("/** "), path


def test_the_chats_page_runs_no_script_but_its_own() -> None:
    page = (FOLDER / "src" / "chat_view.ts").read_text(encoding="utf-8")

    assert (
        "default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};" in page
    )
    assert "unsafe" not in page


def test_pictures_are_small() -> None:
    assert all(path.stat().st_size < 300_000 for path in FOLDER.glob("images/*"))


def test_the_lock_file_names_no_address() -> None:
    # npm writes the addresses of its registry, and of those who ask for money, unless told not to.
    assert "://" not in (FOLDER / "package-lock.json").read_text(encoding="utf-8")
