"""A real Neovim in a real terminal, which tmux plays; what a user would see and press."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.neovim_editor import NVIM, poll

TMUX = shutil.which("tmux")


@dataclass(frozen=True)
class Terminal:
    """The screen and the keyboard."""

    name: str

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            [TMUX or "tmux", "-L", self.name, *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return done.stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    @property
    def coloured_screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-e")

    @property
    def cursor(self) -> tuple[int, int]:
        place = self.tmux("display-message", "-p", "#{cursor_x},#{cursor_y}").strip()
        column, row = map(int, place.split(","))
        return column, row

    def expect(self, text: str, within_s: float = 20.0) -> str:
        seen = poll(lambda: self.screen, lambda screen: text in screen, within_s)
        assert text in seen, seen
        return seen

    def expect_gone(self, text: str, within_s: float = 20.0) -> None:
        seen = poll(lambda: self.screen, lambda screen: text not in screen, within_s)
        assert text not in seen, seen


@contextmanager
def terminal(
    folder: Path, *arguments: str, environ: Mapping[str, str], columns: int = 90, rows: int = 20
) -> Iterator[Terminal]:
    """Run Neovim in a terminal of its own, in a folder, with a home that holds nothing else."""
    running = Terminal(f"foretype-{uuid.uuid4().hex[:8]}")
    size = ["-x", str(columns), "-y", str(rows)]
    command = [TMUX or "tmux", "-L", running.name, "-f", "/dev/null", "new-session", "-d", *size]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environ}
    subprocess.run([*command, str(NVIM), *arguments], check=True, cwd=folder, env=environment)
    try:
        yield running
    finally:
        subprocess.run([TMUX or "tmux", "-L", running.name, "kill-server"], check=False)
