"""The Emacs package as Emacs's own tools judge it."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, PACKAGE, has_emacs

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

SOURCES = sorted(PACKAGE.glob("*.el"))
DEFINED = re.compile(r"^\((?:cl-)?def[a-z-]+ \(?([^\s()]+)", re.MULTILINE)
# Whether a sentence begins in the imperative is a guess of checkdoc's, as it says itself.
CHECK = """
(progn (require 'checkdoc)
       (setq checkdoc-verb-check-experimental-flag nil)
       (checkdoc-file (pop command-line-args-left)))
"""
LINT = """
(progn (require 'package) (package-initialize) (require 'package-lint)
       (setq package-lint-main-file "foretype.el"))
"""


def emacs(*arguments: str | Path) -> tuple[int, str]:
    """Run Emacs without a screen; give its status and what it says."""
    done = subprocess.run(
        ["emacs", "-q", "--batch", *map(str, arguments)],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    shown = [line for line in (done.stdout + done.stderr).splitlines() if "site-start" not in line]
    return done.returncode, "\n".join(shown)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_file_compiles_without_a_warning(source: Path, tmp_path: Path) -> None:
    elsewhere = f'(lambda (_) (expand-file-name "{tmp_path}/out.elc"))'
    settings = f"(setq byte-compile-error-on-warn t byte-compile-dest-file-function {elsewhere})"
    status, shown = emacs("-L", PACKAGE, "--eval", settings, "-f", "batch-byte-compile", source)

    assert status == 0, shown
    assert "Warning" not in shown
    assert (tmp_path / "out.elc").exists()


def test_no_name_is_defined_by_two_files() -> None:
    names = Counter(
        name for source in SOURCES for name in DEFINED.findall(source.read_text(encoding="utf-8"))
    )

    assert [
        name for name, count in names.items() if count > 1 and name.startswith("foretype")
    ] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_checkdoc_finds_nothing(source: Path) -> None:
    assert emacs("--eval", CHECK, source.name) == (0, "")


def test_package_lint_finds_nothing() -> None:
    status, shown = emacs("--eval", LINT, "-f", "package-lint-batch-and-exit", *SOURCES)

    assert (status, [line for line in shown.splitlines() if "error" in line.lower()]) == (0, [])
    assert "warning" not in shown


def test_the_folder_installs_as_a_package(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "foretype", ignore=shutil.ignore_patterns("*.elc"))
    install = (
        f'(progn (require (quote package)) (setq package-user-dir "{tmp_path}/elpa")'
        f' (package-initialize) (package-install-file "{tmp_path}/foretype")'
        " (princ (autoloadp (symbol-function (quote global-foretype-mode)))))"
    )
    status, shown = emacs("--eval", install)

    assert status == 0, shown
    assert (tmp_path / "elpa" / "foretype-0.1.0" / "foretype-autoloads.el").exists()
