"""What the documents say is what the code does."""

import re
import subprocess
from pathlib import Path

import pytest

import lsp_server
from lsp_server.cli.arguments import RUNNERS, build_parser
from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from tests.documentation import with_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert with_settings(README) == README


def test_the_readme_lists_every_subcommand_and_no_other() -> None:
    listed = set(re.findall(r"^\| `foretype (\w+)", README, re.MULTILINE))

    assert listed == set(RUNNERS)


def test_the_readme_names_every_command_of_the_server() -> None:
    registered = build_server(Invocation()).protocol.fm.commands

    named = set(re.findall(r"`(foretype\.\w+)`", README)) - {"foretype.jsonc"}

    assert named == set(registered)


@pytest.mark.parametrize("command", RUNNERS)
def test_every_subcommand_answers_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([command, "--help"])

    assert ended.value.code == 0
    assert "usage: foretype" in capsys.readouterr().out


def test_options_named_in_the_readme_exist() -> None:
    known = set()
    for command in RUNNERS:
        known |= set(re.findall(r"--[a-z-]+", _help(command)))
    named = set(re.findall(r"`[^`\n]*?(--[a-z][a-z-]+)", README))

    assert named <= known


def _help(command: str) -> str:
    actions = next(
        action for action in build_parser()._actions if action.choices and action.dest == "command"
    )
    assert isinstance(actions.choices, dict)
    return str(actions.choices[command].format_help())


def test_the_changelogs_newest_version_is_the_packages() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)

    assert newest is not None
    assert newest.group(1) == lsp_server.__version__


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)

    assert not [target for target in targets if not (ROOT / target).exists()]


def test_make_targets_named_in_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):", makefile, re.MULTILINE))
    named = {
        target
        for name in DOCUMENTS
        for target in re.findall(r"`?make ([a-z0-9]+)", (ROOT / name).read_text(encoding="utf-8"))
    }

    assert named <= targets


def test_no_tracked_file_names_a_registry_host_or_a_path_of_this_checkout() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    forbidden = re.compile(
        rf"{re.escape(str(ROOT))}/|files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org"
    )
    found = []
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.is_file() and name != "tests/test_docs.py":
            text = path.read_bytes().decode("utf-8", "replace")
            found += [f"{name}: {match.group()}" for match in forbidden.finditer(text)]

    assert not found
