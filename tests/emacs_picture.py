"""Takes the picture in the Emacs package's README: `python -m tests.emacs_picture`."""

import sys
import tempfile
from pathlib import Path

from rich.terminal_theme import TerminalTheme

from tests.emacs_editor import PACKAGE, lisp, run_emacs, scripted_model, settings_for
from tests.fake_model_server import chats, completes, fails, routes
from tests.neovim_editor import FORETYPE, eventually
from tests.neovim_picture import ANSWER, FILE, GHOST, MODEL, draw

PICTURE = PACKAGE / "images" / "emacs.svg"
COLUMNS, ROWS = 112, 22
INIT = """
(load-theme 'modus-vivendi t)
(menu-bar-mode -1)
(global-eldoc-mode -1)
(setq split-width-threshold 80 split-height-threshold nil mode-line-position nil vc-mode nil
      mode-line-mule-info nil mode-line-remote nil mode-line-frame-identification "")
"""
THEME = TerminalTheme((0, 0, 0), (255, 255, 255), [(0, 0, 0)] * 8, [(168, 168, 168)] * 8)


def capture(folder: Path) -> str:
    """Type, ask, and give the screen with its colours."""
    listed = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
    handler = routes(
        {
            "/v1/models": fails(200, listed),
            "/v1/completions": completes(GHOST),
            "/v1/chat/completions": chats(ANSWER, delay_s=0.01),
        }
    )
    with scripted_model(handler) as model:
        own = settings_for([*FORETYPE, "serve"], f"'(:endpoint {lisp(model.url)})")
        with run_emacs(
            folder, INIT + own, name="shapes.py", text=FILE, size=(COLUMNS, ROWS)
        ) as emacs:
            emacs.run("(goto-char (point-min)) (forward-line 3)")
            emacs.press("C-Space", "Down", "Down")
            eventually(lambda: emacs.evaluate("(region-active-p)"))
            emacs.run("(split-window-right 49) (foretype-chat)")
            emacs.type("What could go wrong here?")
            emacs.press("C-c", "C-c")
            eventually(lambda: emacs.buffer("*foretype chat*").count("## You") == 2)
            emacs.run('(select-window (get-buffer-window "shapes.py")) (goto-char (point-max))')
            emacs.type("def diagonal")
            emacs.expect_ghost(GHOST.removesuffix("\n"))
            emacs.run("(message nil)")
            eventually(lambda: "** 0.5" in "\n".join(emacs.screen))
            return emacs.coloured_screen


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        taken = capture(Path(temporary))
    PICTURE.parent.mkdir(exist_ok=True)
    picture = draw(taken, columns=COLUMNS, editor="Emacs", theme=THEME)
    PICTURE.write_text(picture, encoding="utf-8")
    sys.stderr.write(f"{PICTURE}\n")
