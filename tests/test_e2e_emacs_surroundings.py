"""Ghost text in a real Emacs beside what else happens there: other windows, modes and macros."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, Emacs, has_emacs, run_emacs, settings_for
from tests.neovim_editor import Server, eventually

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

LONG_AFTER_THE_DELAY_S = 0.5
EVIL = list(Path("/usr/share/emacs/site-lisp").glob("elpa*/evil-*"))
NOTES_AT_THE_TOP = """
(add-hook 'after-change-functions
          (lambda (start end _)
            (when (string-suffix-p "!" (buffer-substring start end))
              (save-excursion (goto-char (point-min)) (insert "# loud\\n"))))
          -90 t)
"""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def emacs(tmp_path: Path, server: Server) -> Iterator[Emacs]:
    with run_emacs(tmp_path, settings_for(server.command)) as running:
        yield running


def show_ghost(emacs: Emacs, server: Server) -> None:
    server.offer("value = 42")
    emacs.type("val")
    emacs.expect_ghost("ue = 42")
    eventually(lambda: "value = 42" in emacs.screen)


@pytest.mark.parametrize(
    "form",
    [
        '(let ((inhibit-modification-hooks t)) (save-excursion (goto-char 1) (insert "a = 1\\n")))',
        '(with-current-buffer (make-indirect-buffer (current-buffer) "other")'
        ' (goto-char 1) (insert "a = 1\\n"))',
    ],
    ids=["silently", "in an indirect buffer"],
)
def test_edits_that_are_not_announced_reach_the_server(
    emacs: Emacs, server: Server, form: str
) -> None:
    emacs.type("x")
    server.hears("request", before="x")
    emacs.run(form)
    emacs.type("y")
    server.hears("request", before="xy", line=1)


def test_edits_that_other_hooks_make_reach_the_server(emacs: Emacs, server: Server) -> None:
    emacs.run(NOTES_AT_THE_TOP)
    emacs.type("x!")
    emacs.expect_text("# loud\nx!")
    emacs.type("y")
    server.hears("request", before="x!y", line=1)


def test_a_clone_of_the_buffer_is_left_alone(emacs: Emacs, server: Server) -> None:
    show_ghost(emacs, server)
    emacs.run('(clone-indirect-buffer "clone" nil)')
    emacs.run('(with-current-buffer "clone" (goto-char 1) (insert "import os\\n"))')
    assert emacs.evaluate('(with-current-buffer "clone" (overlays-in 1 (point-max)))') is None
    assert emacs.evaluate('(with-current-buffer "clone" (list foretype-mode foretype--uri))') == [
        None,
        None,
    ]
    emacs.run('(kill-buffer "clone")')
    emacs.type("x")
    server.hears("request", before="valx", line=1)


def test_another_major_mode_takes_the_ghost_off_the_screen(emacs: Emacs, server: Server) -> None:
    show_ghost(emacs, server)
    emacs.run("(text-mode)")
    eventually(lambda: "val" in emacs.screen)
    emacs.type("u")
    emacs.expect_ghost("e = 42")


def test_leaving_the_window_takes_the_ghost_off_the_screen(emacs: Emacs, server: Server) -> None:
    emacs.run("(progn (split-window) (set-window-buffer (next-window) (messages-buffer)))")
    show_ghost(emacs, server)
    emacs.press("C-x", "o")
    eventually(lambda: "val" in emacs.screen)


def test_only_the_selected_window_of_a_buffer_shows_the_ghost(emacs: Emacs, server: Server) -> None:
    emacs.run("(split-window)")
    show_ghost(emacs, server)
    assert [line for line in emacs.screen if line.startswith("val")] == ["value = 42", "val"]


def test_nothing_is_offered_for_a_keyboard_macro(emacs: Emacs, server: Server) -> None:
    emacs.press("C-x", "(")
    emacs.type("val")
    time.sleep(LONG_AFTER_THE_DELAY_S)
    emacs.press("Enter", "C-x", ")")
    emacs.expect("(and (not defining-kbd-macro) last-kbd-macro t)")
    assert server.heard("request") == []
    emacs.press("C-x", "e")
    emacs.expect_text("val\nval\n")
    server.offer("value = 42")
    emacs.type("val")
    emacs.expect_ghost("ue = 42")


@pytest.mark.skipif(not EVIL, reason=MISSING)
def test_evil_has_ghost_text_only_while_it_inserts(tmp_path: Path, server: Server) -> None:
    init = "(require 'evil) (evil-mode 1)\n" + settings_for(server.command)
    with run_emacs(tmp_path, init, packages=True) as emacs:
        server.offer("value = 42")
        emacs.type("ival")
        emacs.expect_ghost("ue = 42")
        emacs.press("Escape")
        emacs.expect_ghost(None)
        asked = len(server.heard("request"))
        emacs.type("x")
        emacs.expect_text("va")
        time.sleep(LONG_AFTER_THE_DELAY_S)
        assert (emacs.ghost, len(server.heard("request"))) == (None, asked)
        emacs.type("Al")
        emacs.expect_ghost("ue = 42")
        emacs.press("Tab")
        emacs.expect_text("value = 42")
