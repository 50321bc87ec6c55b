"""Emacs in a fresh home, set up by nothing but the README: what a new user sees."""

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, PACKAGE, Emacs, has_emacs, scripted_model
from tests.fake_model_server import chats, completes, fails, routes
from tests.neovim_editor import eventually, poll

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

README = (PACKAGE / "README.md").read_text(encoding="utf-8")
STEPS = ("2. **Put this folder", "3. **Say where your model is**")
ROUTES = routes(
    {
        "/v1/models": fails(200, {"object": "list", "data": [{"id": "tiny", "object": "model"}]}),
        "/v1/completions": completes("price * count\n"),
        "/v1/chat/completions": chats("Use `sum`."),
    }
)


def block(heading: str) -> str:
    """The first block of Lisp after some words of the README."""
    found = re.compile(r"```elisp\n(.*?)\n\s*```", re.DOTALL).search(README, README.index(heading))
    assert found
    return found[1]


@contextmanager
def new_user(home: Path, url: str, *more: str) -> Iterator[Emacs]:
    """Emacs on a file, in a home whose only other file is an init.el pasted from the README."""
    init = "\n".join([*map(block, STEPS), *more])
    init = init.replace("/path/to/foretype/editors/emacs", str(PACKAGE))
    (home / ".emacs.d").mkdir()
    (home / ".emacs.d" / "init.el").write_text(
        init.replace("http://127.0.0.1:8080/v1", url), encoding="utf-8"
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["env", "-u", "XDG_CONFIG_HOME", f"HOME={home}", f"PATH={path}", "LC_ALL=C.UTF-8"]
    command += ["TERM=screen-256color", "emacs", "-nw", str(home / "shop.py")]
    with tempfile.TemporaryDirectory(prefix="em") as short:
        emacs = Emacs(home, Path(short))
        emacs.tmux("new-session", "-d", "-x", "80", "-y", "24", shlex.join(command))
        try:
            yield emacs
        finally:
            emacs.tmux("kill-server")


def expect(emacs: Emacs, text: str) -> None:
    """Wait until the screen shows a text."""
    shown = poll(lambda: "\n".join(emacs.screen), lambda screen: text in screen, 20.0)
    assert text in shown, shown


def test_three_steps_of_the_readme_lead_to_ghost_text_and_chat(tmp_path: Path) -> None:
    with scripted_model(ROUTES) as model, new_user(tmp_path, model.url) as emacs:
        expect(emacs, "(Python ft ")  # "ft!" means that there is no server
        emacs.type("total = ")
        expect(emacs, "total = price * count")
        assert emacs.cursor == (1, len("total = "))
        emacs.press("Tab", "C-x", "C-s")
        file = tmp_path / "shop.py"
        eventually(lambda: file.exists() and "price * count" in file.read_text(encoding="utf-8"))
        emacs.press("M-x")
        emacs.type("foretype-chat")
        emacs.press("Enter")
        expect(emacs, "C-c C-c sends")
        emacs.type("How?")
        emacs.press("C-c", "C-c")
        expect(emacs, "Use `sum`.")
        emacs.press("M-x")
        emacs.type("foretype-status")
        emacs.press("Enter")
        expect(emacs, "codeCompletion: endpoint::v1::tiny")


def test_a_key_and_a_configuration_file_as_the_readme_has_them(tmp_path: Path) -> None:
    own_key = "The keys are in `foretype-ghost-map`"
    with scripted_model(ROUTES) as model, new_user(tmp_path, model.url, block(own_key)) as emacs:
        expect(emacs, "(Python ft ")
        emacs.type("total = ")
        expect(emacs, "total = price * count")
        emacs.press("C-f", "C-x", "C-s")
        file = tmp_path / "shop.py"
        eventually(lambda: file.exists() and "price * count" in file.read_text(encoding="utf-8"))
        emacs.press("C-x", "C-f")
        emacs.type("foretype.jsonc")
        emacs.press("Enter")
        expect(emacs, "(Foretype ft")
        emacs.type('{"modelConfiguration": 3}')
        expect(emacs, "Flymake")
