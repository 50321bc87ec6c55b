"""A real VS Code with the extension, in a headless browser, and the scripted model it talks to."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.code_server import node_program, server_folder
from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    routes,
)
from tests.neovim_editor import eventually, poll

ROOT = Path(__file__).parent.parent
EXTENSION = ROOT / "editors" / "vscode"
VSIX = EXTENSION / "foretype.vsix"
CODE_SERVERS = Path(sys.prefix) / "code-server"
FORETYPE = Path(sys.executable).with_name("foretype")

GHOST = ".view-lines .ghost-text-decoration, .view-zones .suggest-preview-text .view-line"
STATUS = "#foretype\\.foretype\\.foretype\\.status"
_LISTENING = re.compile(r"agent listening on (\d+)")
_SETTINGS: dict[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "editor.wordBasedSuggestions": "off",
    "editor.minimap.enabled": False,
    "git.enabled": False,
}


def _trust(is_trusted: bool) -> dict[str, Any]:
    """Ask nobody whether a folder is to be trusted."""
    name = "security.workspace.trust"
    return {f"{name}.enabled": not is_trusted, f"{name}.startupPrompt": "never"}


ANSWER = "Use a **sum**:\n\n```python\ntotal = sum(prices)\n```\n\nNo <b>tags</b>."


async def list_models(_: Request, reply: Reply) -> None:
    await reply.json({"data": [{"id": "qwen2.5-coder-7b"}, {"id": "codellama-13b"}]})


def answering(text: str, chat: Handler | None = None) -> Handler:
    return routes(
        {
            "/v1/models": list_models,
            "/v1/completions": completes(text),
            "/v1/chat/completions": chat or chats(ANSWER),
        }
    )


class ScriptedModel:
    """The scripted model server in a thread of its own, since the test waits for a browser."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._loop: asyncio.AbstractEventLoop
        self._end: asyncio.Event
        self._server: FakeModelServer

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with FakeModelServer(self._handler) as self._server:
            self._is_ready.set()
            await self._end.wait()

    def __enter__(self) -> "ScriptedModel":
        self._thread.start()
        assert self._is_ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return self._server.url

    def does(self, handler: Handler) -> None:
        """Answer from now on with this."""
        self._server.handler = handler

    def heard(self, path: str) -> list[Request]:
        return [request for request in self._server.requests if request.path.endswith(path)]


@dataclass
class VsCode:
    """A window of VS Code."""

    page: Any
    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def ghost(self) -> str:
        spans = self.page.locator(GHOST).all_text_contents()
        return "".join(spans).replace("\xa0", " ")

    @property
    def status(self) -> str:
        item = self.page.locator(STATUS)
        return item.first.inner_text().strip() if item.count() else ""

    @property
    def chat(self) -> Any:
        """The page inside the page that the chat is."""
        return self.page.frame_locator("iframe.webview").frame_locator("iframe#active-frame")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=30)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def run(self, title: str) -> None:
        """Run a command of the palette by its title."""
        self.press("F1")
        box = self.page.locator(".quick-input-widget input").first
        box.wait_for()
        box.fill(f">{title}")
        self.page.locator(".quick-input-list .monaco-list-row").first.wait_for()
        self.page.wait_for_timeout(200)
        self.press("Enter")
        eventually(lambda: not box.is_visible() or box.input_value() != f">{title}")

    def focus_editor(self) -> None:
        self.page.locator(".editor-instance .view-lines").first.click(position={"x": 200, "y": 8})

    def replace_text(self, text: str) -> None:
        self.focus_editor()
        self.press("Escape", "Control+a", "Delete")
        self.type(text)

    def saved(self, name: str = "example.py") -> str:
        """Save the document and give the text of the file."""
        self.press("Control+s")
        self.page.wait_for_timeout(300)
        return (self.work / name).read_text(encoding="utf-8")

    def open(self, name: str) -> None:
        """Open a file of the folder by its name; asked again when it was not yet found."""
        box = self.page.locator(".quick-input-widget input").first
        tab = self.page.locator(f'.tab.active[aria-label^="{name}"]')

        def is_open() -> bool:
            self.press("Control+p")
            box.wait_for()
            box.fill(str(self.work / name))
            self.page.wait_for_timeout(500)
            self.press("Enter")
            self.page.wait_for_timeout(1000)
            return bool(tab.is_visible())

        eventually(is_open, within_s=30.0)

    def expect_ghost(self, text: str, within_s: float = 15.0) -> None:
        seen = poll(lambda: self.ghost, lambda ghost: ghost == text, within_s)
        assert seen == text

    def expect_text(self, text: str, name: str = "example.py") -> None:
        saved = poll(lambda: self.saved(name), lambda seen: seen == text, 10.0)
        assert saved == text

    def expect_status(self, text: str) -> None:
        status = poll(lambda: self.status, lambda seen: text in seen, 20.0)
        assert text in status

    def set_machine_settings(self, settings: dict[str, Any]) -> None:
        write_json(self.folder / "user" / "Machine" / "settings.json", settings)

    def server_processes(self) -> list[int]:
        """The language servers of this window, which are told apart by their log file."""
        log = str(self.folder / "foretype.log").encode()
        running = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [int(entry.name) for entry in running if log in _command_line(entry)]

    def trust_the_workspace(self) -> None:
        """Leave the restricted mode, as its user does."""
        self.run("Workspaces: Manage Workspace Trust")
        self.page.locator(".workspace-trust-editor a.monaco-button", has_text="Trust").first.click()
        page = self.page.locator(".workspace-trust-editor.trusted")
        page.wait_for()
        self.press("Escape")  # it lies above the window in newer versions
        self.open("example.py")
        page.wait_for(state="hidden")

    def kill_server(self) -> None:
        (process,) = self.server_processes()
        os.kill(process, signal.SIGKILL)

    def screenshot(self, name: str) -> Path:
        file = self.folder / f"{name}.png"
        self.page.screenshot(path=str(file))
        return file


def settings_for(folder: Path, endpoint: str, **more: Any) -> dict[str, Any]:
    """The user's settings that a test needs: which server to start, and which model to ask."""
    return {
        "foretype.server.path": str(FORETYPE),
        "foretype.server.arguments": ["--log-file", str(folder / "foretype.log")],
        "foretype.endpoint": endpoint,
        **more,
    }


def write_json(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def run_vscode(
    browser: Any,
    version: str,
    folder: Path,
    machine_settings: dict[str, Any],
    *,
    files: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    is_trusted: bool = True,
) -> Iterator[VsCode]:
    """Run VS Code on a folder of its own with `example.py` open; one not trusted is restricted."""
    for name, text in {"example.py": "", **(files or {})}.items():
        file = folder / "work" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    write_json(folder / "user" / "User" / "settings.json", _SETTINGS | _trust(is_trusted))
    write_json(folder / "user" / "Machine" / "settings.json", machine_settings)
    with ExitStack() as stack:
        port = stack.enter_context(_code_server(version, folder, environment or {}))
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        stack.callback(page.close)
        page.set_default_timeout(20_000)
        file_url = f"vscode-remote://127.0.0.1:{port}{folder}/work/example.py"
        payload = quote(json.dumps([["openFile", file_url]]))
        page.goto(f"http://127.0.0.1:{port}/?folder={folder}/work&payload={payload}")
        page.locator(".editor-instance .view-line").first.wait_for(timeout=60_000)
        editor = VsCode(page, folder)
        eventually(lambda: editor.status, within_s=60.0)
        yield editor


@contextmanager
def run_browser() -> Iterator[Any]:
    """Run a browser without a screen; only one at a time."""
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    assert chromium is not None
    # The page would ask an extension gallery.
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", only_here]
        )
        try:
            yield running
        finally:
            running.close()


@contextmanager
def _code_server(version: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    inside = server_folder(CODE_SERVERS, version)
    directories = [
        *("--server-data-dir", str(folder / "server")),
        *("--user-data-dir", str(folder / "user")),
        *("--extensions-dir", str(folder / "extensions")),
    ]
    base = [node_program(CODE_SERVERS, version), "out/server-main.js"]
    environ = {**os.environ, "HOME": str(folder), **environment}
    install = [*base, "--install-extension", str(VSIX), *directories]
    subprocess.run(install, cwd=inside, env=environ, check=True, capture_output=True)
    log = folder / "code-server.log"
    options = [
        *("--host", "127.0.0.1", "--port", "0", "--without-connection-token"),
        *("--accept-server-license-terms", "--telemetry-level", "off"),
    ]
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*base, *options, *directories], cwd=inside, env=environ, stdout=output, stderr=output
        ) as process,
    ):
        try:
            listening = eventually(lambda: _LISTENING.search(log.read_text()), within_s=30.0)
            yield int(listening.group(1))
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
