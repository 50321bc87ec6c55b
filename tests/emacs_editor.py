"""A real Emacs in a terminal, driven by keys and over its socket, and what it talks to."""

import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fake_model_server import FakeModelServer, Handler
from tests.neovim_editor import eventually, poll

REPOSITORY = Path(__file__).parent.parent
PACKAGE = REPOSITORY / "editors" / "emacs"
MISSING = "`make e2e` installs Debian's emacs-nox, elpa-eglot, elpa-evil, elpa-lsp-mode, ..."


def has_emacs() -> bool:
    """Tell whether Emacs and a terminal to run it in are installed."""
    return bool(shutil.which("emacs") and shutil.which("emacsclient") and shutil.which("tmux"))


def lisp(text: str) -> str:
    """A string as Lisp reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lisp_list(words: list[str]) -> str:
    """A list of strings as Lisp reads it."""
    return "(" + " ".join(map(lisp, words)) + ")"


@dataclass
class Emacs:
    """A running Emacs: keys go in through the terminal, questions over its socket."""

    folder: Path
    sockets: Path

    def _run(self, *command: str | Path) -> str:
        environment = {**os.environ, "TMUX_TMPDIR": str(self.sockets)}
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=environment,
        )
        return done.stdout

    def tmux(self, *arguments: str | Path) -> str:
        """Run a command of the terminal."""
        return self._run("tmux", "-L", "emacs", "-f", "/dev/null", *arguments)

    def type(self, text: str) -> None:
        """Type text as it stands."""
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux: Tab, M-f, C-g, BSpace, Enter."""
        self.tmux("send-keys", *keys)

    def evaluate(self, form: str) -> Any:
        """The value of a form in the buffer of the selected window, through JSON."""
        form = " ".join(form.split("\n"))
        wrapped = (
            "(with-current-buffer (window-buffer (selected-window))"
            f" (url-hexify-string (encode-coding-string (json-encode {form}) 'utf-8)))"
        )
        answer = self._run("emacsclient", "-s", self.sockets / "emacs", "--eval", wrapped)
        if not answer.startswith('"'):
            return None
        percent = re.sub(r'^"|"\s*$|\n', "", answer)  # a long answer comes in lines
        return json.loads(_unquoted(percent))

    def run(self, form: str) -> None:
        """Evaluate a form for what it does."""
        self.evaluate(f"(progn {form} nil)")

    @property
    def ghost(self) -> str | None:
        """The ghost text that is drawn at the cursor."""
        shown: str | None = self.evaluate("(foretype-ghost-text)")
        return shown

    @property
    def text(self) -> str:
        """The text of the buffer."""
        return str(self.evaluate("(buffer-substring-no-properties (point-min) (point-max))"))

    @property
    def screen(self) -> list[str]:
        """What the terminal shows."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")]

    @property
    def coloured_screen(self) -> str:
        """What the terminal shows, with the codes of its colours."""
        return self.tmux("capture-pane", "-p", "-e", "-N")

    @property
    def cursor(self) -> tuple[int, int]:
        """Where the terminal shows the cursor: row and column from 0."""
        shown = self.tmux("display-message", "-p", "#{cursor_y},#{cursor_x}")
        row, column = shown.strip().split(",")
        return int(row), int(column)

    @property
    def messages(self) -> str:
        """What was said in the echo area."""
        return str(self.evaluate("(with-current-buffer (messages-buffer) (buffer-string))"))

    def buffer(self, name: str) -> str:
        """The text of another buffer."""
        return str(
            self.evaluate(
                f"(if (get-buffer {lisp(name)}) (with-current-buffer {lisp(name)}"
                ' (buffer-substring-no-properties (point-min) (point-max))) "")'
            )
        )

    def expect_ghost(self, text: str | None) -> None:
        """Wait until exactly this ghost text is shown."""
        assert poll(lambda: self.ghost, lambda ghost: ghost == text, 10.0) == text

    def expect_text(self, text: str) -> None:
        """Wait until this is the text of the buffer."""
        assert poll(lambda: self.text, lambda seen: seen == text, 10.0) == text

    def expect(self, form: str, within_s: float = 10.0) -> Any:
        """Wait until a form has a value, and give it."""
        return eventually(lambda: self.evaluate(form), within_s)


def _unquoted(percent: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), percent.encode())


@contextlib.contextmanager
def run_emacs(
    folder: Path,
    init: str,
    *,
    name: str = "example.py",
    text: str = "",
    packages: bool = False,
    is_ready: str = "foretype--is-ready",
    size: tuple[int, int] = (80, 24),
) -> Iterator[Emacs]:
    """Run Emacs on a file in a terminal, with the package on its path."""
    file, init_file = folder / name, folder / "init.el"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="em") as short:  # paths of sockets are short
        emacs = Emacs(folder, Path(short))
        init_file.write_text(_init(emacs, init, packages=packages), encoding="utf-8")
        command = ["env", f"HOME={folder}", "TERM=screen-256color", "LC_ALL=C.UTF-8"]
        command += ["COLORTERM=truecolor"]
        command += ["emacs", "-nw", "-q" if packages else "-Q", "-l", str(init_file), str(file)]
        window = ["-x", str(size[0]), "-y", str(size[1]), "-c", str(folder)]
        emacs.tmux("new-session", "-d", *window, shlex.join(command))
        try:
            emacs.expect(is_ready, 20.0)
            yield emacs
        finally:
            emacs.run("(kill-emacs)")
            emacs.tmux("kill-server")


def _init(emacs: Emacs, init: str, *, packages: bool) -> str:
    lines = [
        "(setq native-comp-deferred-compilation nil)",
        "(package-initialize)" if packages else "",
        f"(add-to-list 'load-path {lisp(str(PACKAGE))})",
        "(require 'foretype)",
        "(require 'json) (require 'url-util) (require 'server)",
        "(setq make-backup-files nil auto-save-default nil create-lockfiles nil)",
        "(setq inhibit-startup-screen t indent-tabs-mode nil)",
        f'(setq server-socket-dir {lisp(str(emacs.sockets))} server-name "emacs")',
        "(server-start)",
        init,
    ]
    return "\n".join(lines)


def settings_for(command: list[str], settings: str = "nil", delay_s: float = 0.02) -> str:
    """The lines of an init file for a server's command line."""
    return (
        f"(setq foretype-command '{lisp_list(command)} foretype-settings {settings}"
        f" foretype-delay {delay_s})\n(global-foretype-mode)"
    )


@contextlib.contextmanager
def scripted_model(handler: Handler) -> Iterator[FakeModelServer]:
    """Serve a script from a thread of its own, beside a test that waits."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    model = FakeModelServer(handler)

    async def begin() -> None:
        await model.__aenter__()

    async def end() -> None:
        await model.__aexit__(None, None, None)

    try:
        asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
        yield model
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
