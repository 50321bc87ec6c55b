"""The layers and the invariants of ARCHITECTURE.md that can be read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "providers", "lsp_server")

# Folder -> top-level modules that nothing in it may import; the longest matching folder counts.
FORBIDDEN = {
    "config": {"providers", "lsp_server", "pygls", "lsprotocol", "httpx", "httpx_sse", "rich"},
    "providers": {"lsp_server", "pygls", "lsprotocol", "rich"},
    "lsp_server": {"httpx", "httpx_sse"},
    "lsp_server/completion": {"httpx", "httpx_sse", "pygls", "lsprotocol", "rich"},
}
# Module -> the only files that may import it.
RESERVED = {"httpx_sse": {"providers/sse.py"}, "xllamacpp": {"lsp_server/demo/model_server.py"}}
# The guard decides what other names mean, so it may import nothing that could be shadowed.
GUARD_IMPORTS = {"os", "sys"}
# The command line, the protocol itself, and child processes that speak to us alone.
MAY_USE_STDOUT = (
    "lsp_server/cli/",
    "lsp_server/demo/",
    "lsp_server/cli/program.py",
    "lsp_server/large_documents.py",
    "lsp_server/transport.py",
)
DISK_READERS = {"config/files.py"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"), name)


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def forbidden_for(name: str) -> set[str]:
    folders = [folder for folder in FORBIDDEN if name.startswith(f"{folder}/")]
    return FORBIDDEN[max(folders, key=len)]


SOURCES = dict(sources())


@pytest.mark.parametrize("name", SOURCES)
def test_module_imports_only_what_its_layer_may(name: str) -> None:
    imported = set(imports_of(SOURCES[name]))

    assert not imported & forbidden_for(name)
    for module, users in RESERVED.items():
        assert module not in imported or name in users


def test_import_guard_imports_only_what_cannot_be_shadowed() -> None:
    assert set(imports_of(SOURCES["lsp_server/import_guard.py"])) <= GUARD_IMPORTS


def test_only_one_module_of_config_reads_disk() -> None:
    def opens_files(tree: ast.Module) -> bool:
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = {f.id if isinstance(f, ast.Name) else getattr(f, "attr", "") for f in calls}
        return bool(names & {"open", "read_text", "read_bytes"})

    readers = {name for name, tree in SOURCES.items() if name.startswith("config/")}
    assert {name for name in readers if opens_files(SOURCES[name])} <= DISK_READERS


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_prints_and_only_the_command_line_touches_standard_output(name: str) -> None:
    for node in ast.walk(SOURCES[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{name}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr == "stdout":
            assert name.startswith(MAY_USE_STDOUT), f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", SOURCES)
def test_module_is_small_and_says_what_it_promises(name: str) -> None:
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())

    assert lines <= 300
    assert ast.get_docstring(SOURCES[name])
