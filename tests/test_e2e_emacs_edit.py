"""Edits with a preview in a real Emacs, against a server that writes what a script says."""

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.emacs_editor import (
    MISSING,
    Emacs,
    has_emacs,
    lisp,
    run_emacs,
    scripted_model,
    settings_for,
)
from tests.fake_model_server import chats, routes
from tests.neovim_editor import FORETYPE, eventually

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

SERVER = Path(__file__).parent / "data" / "scripted_editing_server.py"
TEXT = "import math\n\n\n\ndef area(r):\n    a = 3.14 * r * r\n    return a\n\n\n\nprint(area(1))\n"
NEW = "    a = math.pi * r**2\n    return a\n"
PREVIEW = "\n".join(
    [
        "--- example.py",
        "+++ example.py",
        "@@ -3,9 +3,9 @@",
        " ",
        " ",
        " def area(r):",
        "-    a = 3.14 * r * r",
        "+    a = math.pi * r**2",
        "     return a",
        " ",
        " ",
        " ",
        " print(area(1))",
        "",
    ]
)


@contextmanager
def editing(folder: Path, new: str = NEW, pause_s: float = 0.0) -> Iterator[Emacs]:
    """Emacs with the two lines of the function's body asked to be rewritten."""
    command = [sys.executable, str(SERVER), new, str(pause_s), str(folder / "asked.json")]
    with run_emacs(folder, settings_for(command), text=TEXT) as emacs:
        ask(emacs)
        yield emacs


def ask(emacs: Emacs) -> None:
    """Have the two lines rewritten."""
    emacs.run("(goto-char (point-min)) (forward-line 5)")
    emacs.press("C-Space", "Down", "Down")
    eventually(lambda: emacs.evaluate("(region-active-p)"))
    emacs.press("M-x")
    emacs.type("foretype-edit")
    emacs.press("Enter")
    emacs.type("use math.pi")
    emacs.press("Enter")


def asked(folder: Path) -> Any:
    """What the server was asked last."""
    file = folder / "asked.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def preview(emacs: Emacs) -> str:
    """What would be changed."""
    return emacs.buffer("*foretype edit*")


def source(emacs: Emacs) -> str:
    """The text of the file's buffer."""
    return emacs.buffer("example.py")


def test_an_edit_is_shown_and_made_when_accepted(tmp_path: Path) -> None:
    with editing(tmp_path) as emacs:
        eventually(lambda: preview(emacs) == PREVIEW)
        assert source(emacs) == TEXT
        request = asked(tmp_path)
        assert request["instruction"] == "use math.pi"
        assert request["apply"] is False
        assert request["range"] == {
            "start": {"line": 5, "character": 0},
            "end": {"line": 7, "character": 0},
        }
        emacs.press("C-x", "o", "C-c", "C-c")
        eventually(lambda: source(emacs) == TEXT.replace("3.14 * r * r", "math.pi * r**2"))
        assert preview(emacs) == ""
        emacs.run('(select-window (get-buffer-window "example.py"))')
        emacs.press("C-_")
        emacs.expect_text(TEXT)


def test_a_rejected_edit_changes_nothing(tmp_path: Path) -> None:
    with editing(tmp_path) as emacs:
        eventually(lambda: preview(emacs) == PREVIEW)
        emacs.press("C-x", "o", "C-c", "C-k")
        eventually(lambda: preview(emacs) == "")
        assert source(emacs) == TEXT


def test_what_the_model_writes_is_shown_at_once_and_can_be_stopped(tmp_path: Path) -> None:
    with editing(tmp_path, pause_s=30.0) as emacs:
        eventually(lambda: preview(emacs) == NEW[: len(NEW) // 2])
        emacs.press("C-x", "o", "C-c", "C-k")
        eventually(lambda: asked(tmp_path) == "cancelled")
        assert preview(emacs) == ""
        assert source(emacs) == TEXT


def test_an_edit_of_text_that_has_changed_is_not_made(tmp_path: Path) -> None:
    with editing(tmp_path) as emacs:
        eventually(lambda: preview(emacs) == PREVIEW)
        emacs.run('(with-current-buffer "example.py" (goto-char 50) (insert "x"))')
        before = source(emacs)
        emacs.press("C-x", "o", "C-c", "C-c")
        eventually(lambda: "changed meanwhile" in emacs.messages)
        assert source(emacs) == before


def test_an_edit_that_changes_nothing_says_so(tmp_path: Path) -> None:
    with editing(tmp_path, new="    a = 3.14 * r * r\n    return a\n") as emacs:
        eventually(lambda: "would change nothing" in emacs.messages)
        assert source(emacs) == TEXT


FLYMAKE = """
(add-hook 'python-mode-hook
          (lambda ()
            (add-hook 'flymake-diagnostic-functions
                      (lambda (report &rest _)
                        (save-excursion
                          (goto-char (point-min))
                          (when (search-forward "3.14" nil t)
                            (funcall report (list (flymake-make-diagnostic
                                                   (current-buffer) (- (point) 4) (point)
                                                   :warning "magic number 😀"))))))
                      nil t)
            (flymake-mode)))
"""


def test_what_flymake_marks_is_fixed_by_the_real_server(tmp_path: Path) -> None:
    function = TEXT.partition("\n\n\n\n")[2].partition("\n\n\n\n")[0]
    fixed = function.replace("3.14 * r * r", "math.pi * r**2")
    answer = f"```python\n{fixed}\n```"
    with scripted_model(routes({"/v1/chat/completions": chats(answer)})) as model:
        settings = f'\'(:endpoint {lisp(model.url)} :model "scripted")'
        init = FLYMAKE + settings_for([*FORETYPE, "serve"], settings)
        with run_emacs(tmp_path, init, text=TEXT) as emacs:
            emacs.expect("(and (flymake-diagnostics) t)")
            emacs.press("M-x")
            emacs.type("foretype-fix")
            emacs.press("Enter")
            eventually(lambda: "Flymake marks nothing here" in emacs.messages)
            emacs.run("(goto-char (point-min)) (forward-line 5)")
            emacs.press("M-x")
            emacs.type("foretype-fix")
            emacs.press("Enter")
            eventually(lambda: "+    a = math.pi * r**2" in preview(emacs))
            question = str(model.requests[-1].body)
            assert "Fix this problem" in question
            assert "magic number 😀" in question
            emacs.press("C-x", "o", "C-c", "C-c")
            eventually(lambda: source(emacs) == TEXT.replace("3.14 * r * r", "math.pi * r**2"))


def test_the_real_servers_edit_is_shown_rejected_and_accepted(tmp_path: Path) -> None:
    answer = f"Here it is:\n\n```python\n{textwrap.dedent(NEW)}```\n"
    smallest = PREVIEW.replace("-3,9 +3,9", "-3,7 +3,7").replace(" \n print(area(1))\n", "")
    with scripted_model(routes({"/v1/chat/completions": chats(answer)})) as model:
        settings = f'\'(:endpoint {lisp(model.url)} :model "scripted")'
        with run_emacs(tmp_path, settings_for([*FORETYPE, "serve"], settings), text=TEXT) as emacs:
            ask(emacs)
            eventually(lambda: preview(emacs) == smallest)
            question = str(model.requests[-1].body)
            assert "use math.pi" in question
            assert "a = 3.14 * r * r" in question
            emacs.press("C-x", "o", "C-c", "C-k")
            eventually(lambda: preview(emacs) == "")
            assert source(emacs) == TEXT
            ask(emacs)
            eventually(lambda: preview(emacs) == smallest)
            emacs.press("C-x", "o", "C-c", "C-c")
            eventually(lambda: source(emacs) == TEXT.replace("3.14 * r * r", "math.pi * r**2"))
            assert preview(emacs) == ""
            emacs.run('(select-window (get-buffer-window "example.py"))')
            emacs.press("C-_")
            emacs.expect_text(TEXT)
