"""Vim with ALE, as `docs/editors.md` sets it up: a real editor without ghost text."""

import asyncio
import json
import os
import pty
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fake_model_server import FakeModelServer, Reply, Request, completes
from tests.neovim_editor import eventually
from tests.test_lsp_server_requests import settings_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

ROOT = Path(__file__).parent.parent
ALE = ROOT / ".venv" / "vim-ale" / "usr" / "share" / "vim-ale"
SETTINGS = ROOT / "editors" / "others" / "vim-ale.vim"
ACCEPT, DISMISS = "\x0e\x19", "\x05"
LOOK = """
function! Look(timer)
  let items = mode() ==# 'i' ? complete_info(['items']).items : []
  let seen = {'text': getline(1, '$'), 'items': items, 'messages': execute('messages')}
  call writefile([json_encode(seen)], 'seen.new')
  call rename('seen.new', 'seen.json')
endfunction
call timer_start(50, 'Look', {'repeat': -1})
"""


@dataclass
class Vim:
    """A running Vim: keys go in through its terminal, and a timer in it writes what is there."""

    folder: Path
    pid: int
    terminal: int

    def type(self, keys: str) -> None:
        for key in keys:
            os.write(self.terminal, key.encode())
            time.sleep(0.05)

    def press(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    @property
    def seen(self) -> dict[str, Any]:
        with suppress(FileNotFoundError, ValueError):
            return dict(json.loads((self.folder / "seen.json").read_text(encoding="utf-8")))
        return {"text": [], "items": [], "messages": ""}

    @property
    def servers(self) -> list[int]:
        """The language servers that this Vim has started, and that run."""
        shells = _children(self.pid)
        return [server for shell in shells for server in _children(shell)]

    def expect_entry(self, word: str) -> None:
        eventually(lambda: [item["word"] for item in self.seen["items"]] == [word], 20.0)

    def expect_text(self, *lines: str) -> None:
        eventually(lambda: self.seen["text"] == list(lines))


def _children(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in children.split()]
    return []


@contextmanager
def run_vim(folder: Path, configuration: Path) -> Iterator[Vim]:
    """Run Vim as a new user would, with nothing but the settings of the documentation."""
    (folder / "vimrc").write_text(
        "set nocompatible nomore noswapfile viminfo= noautoindent\nfiletype plugin on\n"
        f"set runtimepath^={ALE}\nsource {SETTINGS}\n{LOOK}",
        encoding="utf-8",
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"HOME": str(folder), "TERM": "xterm", "PATH": path, "LANG": "C.UTF-8"}
        environment["FORETYPE_CONFIG"] = str(configuration)
        os.execvpe("vim", ["vim", "-Nu", "vimrc", "example.py"], environment)  # noqa: S606
    threading.Thread(target=_drain, args=(terminal,), daemon=True).start()
    vim = Vim(folder, pid, terminal)
    try:
        eventually(lambda: vim.seen["text"], 20.0)
        yield vim
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _drain(terminal: int) -> None:
    # A terminal that nobody reads makes its program wait.
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass


@pytest.fixture
async def configuration(tmp_path: Path) -> AsyncIterator[Path]:
    async def completion(request: Request, reply: Reply) -> None:
        answer = "turn a + b\n" if "re<" in str(request.body) else "answer = 42\n"
        await completes(answer)(request, reply)

    async with FakeModelServer(completion) as model:
        file = tmp_path / "config.jsonc"
        file.write_text(json.dumps(settings_for(model.url)["modelConfiguration"]))
        yield file


async def in_vim(folder: Path, configuration: Path, act: Callable[[Vim], None]) -> None:
    def run() -> None:
        with run_vim(folder, configuration) as vim:
            act(vim)

    await asyncio.to_thread(run)


async def test_an_entry_appears_while_typing_and_can_be_accepted_or_dismissed(
    tmp_path: Path, configuration: Path
) -> None:
    def act(vim: Vim) -> None:
        vim.type("idef add(a, b):\r    re")
        vim.expect_entry("return a + b")
        vim.press(ACCEPT)
        vim.expect_text("def add(a, b):", "    return a + b")
        vim.type("\r    re")
        vim.expect_entry("return a + b")
        vim.press(DISMISS)
        eventually(lambda: not vim.seen["items"])
        vim.type("d = re")
        vim.expect_entry("return a + b")
        vim.press(ACCEPT)
        vim.expect_text("def add(a, b):", "    return a + b", "    red = return a + b")
        assert "Error" not in vim.seen["messages"]

    await in_vim(tmp_path, configuration, act)


async def test_completion_comes_back_by_itself_after_the_server_was_killed(
    tmp_path: Path, configuration: Path
) -> None:
    def act(vim: Vim) -> None:
        vim.type("idef add(a, b):\r    re")
        vim.expect_entry("return a + b")
        vim.press(DISMISS)
        (first,) = vim.servers
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not vim.servers)
        vim.type("\x7f\x7fre")
        vim.expect_entry("return a + b")
        (second,) = vim.servers
        os.kill(second, signal.SIGKILL)
        vim.type("\x7f\x7fre")  # without waiting for ALE to see that it has gone
        vim.expect_entry("return a + b")
        vim.press(ACCEPT)
        vim.expect_text("def add(a, b):", "    return a + b")
        assert "Error" not in vim.seen["messages"]

    await in_vim(tmp_path, configuration, act)
