"""What the README of the Emacs package says is what its code does."""

import re
from pathlib import Path

import pytest

from config.options import Options
from config.shapes import Node, RecordOf, keys_of

PACKAGE = Path(__file__).parent.parent / "editors" / "emacs"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
SOURCES = {file: file.read_text(encoding="utf-8") for file in sorted(PACKAGE.glob("*.el"))}
SOURCE = "\n".join(SOURCES.values())


def names(pattern: str) -> set[str]:
    """All names in the sources that a pattern finds."""
    return {str(name) for name in re.findall(pattern, SOURCE, re.MULTILINE)}


def commands() -> set[str]:
    """What can be called with M-x."""
    forms = re.split(r"^(?=\()", SOURCE, flags=re.MULTILINE)
    heads = [re.match(r"\(defun (foretype-[\w-]+)", form) for form in forms]
    return {
        head[1]
        for head, form in zip(heads, forms, strict=True)
        if head and "\n  (interactive" in form and "--" not in head[1]
    }


def settings(node: type[Node], prefix: str = "") -> set[str]:
    """All settings of the server, with their paths."""
    found = set()
    for name, (_, key) in keys_of(node).items():
        inner = key.shape.node if isinstance(key.shape, RecordOf) else None
        found |= settings(inner, f"{prefix}{name}.") if inner else {prefix + name}
    return found


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = set(re.findall(r"`(foretype-[a-z-]+)` \|", README))
    in_the_text = set(re.findall(r"`[^`\n]*?(foretype-edit-(?:accept|reject))`", README))
    options = names(r"^\(defcustom (foretype-[a-z-]+)")

    assert (listed | in_the_text) - options == commands()


def test_the_readme_lists_every_option_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(foretype-[a-z-]+)` \| `([^`]+)` \|", README, re.MULTILINE))
    declared = dict(re.findall(r"^\(defcustom (foretype-[a-z-]+) '?(.+)$", SOURCE, re.MULTILINE))

    assert rows == declared


def test_keys_in_the_readme_are_those_of_the_keymaps() -> None:
    told = set(re.findall(r"^\| `([^`]+)` \| `(foretype-[a-z-]+)` \|", README, re.MULTILINE))
    binding = r"\(define-key map \(kbd \"([^\"]+)\"\) #'(foretype-[a-z-]+)\)"
    bound = set(re.findall(binding, SOURCE))

    keys = {(key, command) for key, command in told if not key.startswith("foretype-")}
    edit = {("C-c C-c", "foretype-edit-accept"), ("C-c C-k", "foretype-edit-reject")}
    assert keys | edit | {("<tab>", "foretype-accept")} == bound


def test_settings_in_the_readme_exist() -> None:
    table = README.partition("| Setting | Means |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-zA-Z.]+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))

    assert named
    assert named <= settings(Options)


def test_other_names_in_the_readme_exist() -> None:
    named = set(re.findall(r"\b((?:global-)?foretype-[a-z-]+[a-z])\b", README)) - {"foretype-chat-"}
    defined = names(r"^\((?:defun|defvar|defcustom|defface|define-[a-z-]+-mode) ([\w-]+)")

    assert named <= defined | names(r"^\(define-globalized-minor-mode ([\w-]+)")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_no_file_is_longer_than_a_concept(file: Path) -> None:
    assert len(SOURCES[file].splitlines()) <= 300


def test_only_the_global_value_chooses_the_program_and_the_settings() -> None:
    risky = re.findall(
        r"\(defcustom (foretype-(?:command|settings)).*?:risky t\)", SOURCE, re.DOTALL
    )
    reads = re.findall(r"(?<!\(default-value ')foretype-(?:command|settings)\b", SOURCE)
    declared_or_named = re.findall(
        r"(?:defcustom |`|\(setq )foretype-(?:command|settings)\b", SOURCE
    )

    assert risky == ["foretype-command", "foretype-settings"]
    assert len(reads) == len(declared_or_named)
