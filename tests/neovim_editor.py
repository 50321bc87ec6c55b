"""A real Neovim with the plugin, driven over its socket, and the scripted server it talks to."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

REPOSITORY = Path(__file__).parent.parent
PLUGIN = REPOSITORY / "editors" / "neovim"
SCRIPTED_SERVER = Path(__file__).parent / "data" / "scripted_lsp_server.py"
NVIM = Path(sys.executable).with_name("nvim")
FORETYPE = [sys.executable, "-P", "-m", "lsp_server"]
Seen = TypeVar("Seen")

GHOST = """
local ghost = require('foretype.ghost')
local marks = vim.api.nvim_buf_get_extmarks(0, ghost.namespace, 0, -1, { details = true })
local found = {}
for _, mark in ipairs(marks) do
  local below = {}
  for _, line in ipairs(mark[4].virt_lines or {}) do
    local text = ''
    for _, chunk in ipairs(line) do text = text .. chunk[1] end
    table.insert(below, text)
  end
  table.insert(found, {
    row = mark[2], col = mark[3], text = mark[4].virt_text[1][1], below = below,
    position = mark[4].virt_text_pos, highlight = mark[4].virt_text[1][2],
  })
end
return found
"""
SCREEN = """
vim.cmd.redraw()
local rows = {}
for row = 1, 20 do
  local cells = {}
  for column = 1, 80 do cells[column] = vim.fn.screenstring(row, column) end
  rows[row] = (table.concat(cells):gsub('%s+$', ''))
end
return rows
"""
SERVED = """
local client = vim.lsp.get_clients({ name = 'foretype', bufnr = 0 })[1]
return client ~= nil and client.initialized == true
"""


def poll(look: Callable[[], Seen], is_right: Callable[[Seen], bool], within_s: float) -> Seen:
    """Look until what is seen is right or time is up; return what was seen last."""
    deadline = time.monotonic() + within_s
    while not is_right(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return seen


def eventually(look: Callable[[], Seen | None], within_s: float = 10.0) -> Seen:
    """Look until something is seen."""
    seen = poll(look, bool, within_s)
    assert seen
    return seen


@dataclass
class Editor:
    """A running Neovim, driven over its socket."""

    nvim: Any

    def type(self, keys: str) -> None:
        self.nvim.input(keys)

    def lua(self, code: str) -> Any:
        return self.nvim.exec_lua(code)

    def command(self, command: str) -> None:
        self.nvim.command(command)

    @property
    def text(self) -> str:
        return "\n".join(self.nvim.api.buf_get_lines(0, 0, -1, True))

    def text_of(self, name: str) -> str:
        """The text of the buffer of a name."""
        lines = self.nvim.call("getbufline", self.nvim.call("bufnr", name), 1, "$")
        return "\n".join(lines)

    @property
    def messages(self) -> str:
        return str(self.nvim.command_output("messages"))

    @property
    def cursor(self) -> tuple[int, int]:
        row, column = self.nvim.api.win_get_cursor(0)
        return row, column

    @property
    def mode(self) -> str:
        return str(self.nvim.api.get_mode()["mode"])

    @property
    def marks(self) -> list[dict[str, Any]]:
        return list(self.lua(GHOST))

    @property
    def ghost(self) -> str | None:
        """The text of the ghost, as long as it is drawn inline."""
        marks = self.marks
        return "\n".join([marks[0]["text"], *marks[0]["below"]]) if marks else None

    @property
    def screen(self) -> list[str]:
        return list(self.lua(SCREEN))

    def expect_ghost(self, text: str | None) -> None:
        assert poll(lambda: self.ghost, lambda ghost: ghost == text, 10.0) == text

    def expect_text(self, text: str) -> None:
        assert poll(lambda: self.text, lambda seen: seen == text, 10.0) == text


@dataclass
class Server:
    """The scripted server as the test sees it."""

    folder: Path
    command: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.script, self.record = self.folder / "script.json", self.folder / "record.jsonl"
        self.command = [sys.executable, str(SCRIPTED_SERVER), str(self.script), str(self.record)]
        self.offer()

    def offer(self, *becomes: str, **rest: object) -> None:
        new = self.script.with_suffix(".new")
        new.write_text(json.dumps({"becomes": becomes, **rest}), encoding="utf-8")
        new.replace(self.script)

    def heard(self, event: str = "") -> list[dict[str, Any]]:
        if not self.record.exists():
            return []
        lines = self.record.read_text(encoding="utf-8").split("\n")[:-1]
        return [line for line in map(json.loads, lines) if event in ("", line["event"])]

    def hears(self, event: str, **details: object) -> dict[str, Any]:
        def look() -> list[dict[str, Any]]:
            return [seen for seen in self.heard(event) if details.items() <= seen.items()]

        return eventually(look)[-1]


def is_running(pid: int) -> bool:
    """Tell whether a process has not ended, whether or not anybody has asked how it did."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def children(editor: Editor) -> list[int]:
    """The processes that an editor has started and that run."""
    pid = editor.lua("return vim.uv.os_getpid()")
    return list(editor.nvim.api.get_proc_children(pid))


def write_init_file(folder: Path, options: str, before: str) -> Path:
    file = folder / "init.lua"
    file.write_text(
        f"vim.opt.rtp:append({json.dumps(str(PLUGIN))})\n"
        f"vim.o.swapfile = false\n{before}\n"
        f"require('foretype').setup({options})\n",
        encoding="utf-8",
    )
    return file


def lua_list(words: list[str]) -> str:
    return "{" + ", ".join(map(json.dumps, words)) + "}"


def connect(socket: Path) -> Any:
    """Attach to a Neovim that may not listen yet; its socket exists a moment before it does."""
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return pytest.importorskip("pynvim").attach("socket", path=str(socket))
    return None


@contextlib.contextmanager
def run_neovim(folder: Path, options: str, *, before: str = "", text: str = "") -> Iterator[Editor]:
    """Run Neovim on a Python file, with the plugin set up and its server attached."""
    file, socket = folder / "example.py", folder / "nvim.sock"
    file.write_text(text, encoding="utf-8")
    init = write_init_file(folder, options, before)
    environment = {**os.environ, "NVIM_LOG_FILE": str(folder / "nvim.log")}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(folder / name.lower())
    command: list[str | Path] = [
        NVIM,
        "--headless",
        "--clean",
        "-u",
        init,
        "--listen",
        socket,
        file,
    ]
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with eventually(lambda: connect(socket)) as nvim:
            editor = Editor(nvim)
            eventually(lambda: editor.lua(SERVED), within_s=20.0)
            yield editor
            assert "Error" not in nvim.command_output("messages")
            with contextlib.suppress(OSError, EOFError):
                nvim.command("qall!")
        process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()
