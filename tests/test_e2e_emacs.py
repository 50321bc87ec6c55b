"""Ghost text in a real Emacs in a terminal: with a scripted server, at the end with the product."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, Emacs, has_emacs, run_emacs, settings_for
from tests.neovim_editor import Server, eventually, is_running, poll

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

TAB, WORD, LINE, DISMISS, NEXT, PREVIOUS = "Tab", "M-f", "M-e", "C-g", "M-n", "M-p"
UNDO = "C-_"
MODEL_ANSWERS_WITHIN_S = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def emacs(tmp_path: Path, server: Server) -> Iterator[Emacs]:
    with run_emacs(tmp_path, settings_for(server.command)) as running:
        yield running


def test_typing_makes_ghost_text_appear_behind_the_cursor(emacs: Emacs, server: Server) -> None:
    server.offer("total = price * count")
    emacs.type("total = pr")
    emacs.expect_ghost("ice * count")
    eventually(lambda: emacs.screen[1] == "total = price * count")
    assert emacs.cursor == (1, len("total = pr"))
    assert emacs.text == "total = pr"


def test_tab_accepts_and_undo_takes_back_only_that(emacs: Emacs, server: Server) -> None:
    server.offer("total = price * count")
    emacs.type("total = pr")
    emacs.expect_ghost("ice * count")
    emacs.press(TAB)
    emacs.expect_text("total = price * count")
    server.hears("accept", id="item-0")
    emacs.expect_ghost(None)
    emacs.press(UNDO)
    emacs.expect_text("total = pr")


def test_tab_indents_while_nothing_is_shown(emacs: Emacs) -> None:
    emacs.type("if x:")
    emacs.press("Enter", "BSpace", TAB)
    emacs.type("y")
    emacs.expect_text("if x:\n    y")


def test_a_word_and_a_line_can_be_accepted_alone(emacs: Emacs, server: Server) -> None:
    server.offer("def área(a):\n    größe = a * a\n    return größe")
    emacs.type("def ")
    emacs.expect_ghost("área(a):\n    größe = a * a\n    return größe")
    emacs.press(WORD)
    emacs.expect_text("def área")
    emacs.expect_ghost("(a):\n    größe = a * a\n    return größe")
    emacs.press(LINE)
    emacs.expect_text("def área(a):")
    emacs.press(LINE)
    emacs.expect_text("def área(a):\n    größe = a * a")
    assert server.heard("accept") == []
    emacs.press(WORD, WORD)
    emacs.expect_text("def área(a):\n    größe = a * a\n    return größe")
    server.hears("accept", id="item-0")
    emacs.press(UNDO)
    emacs.expect_text("def área(a):\n    größe = a * a\n    return")


def test_typing_along_and_deleting_again_keep_the_ghost(
    emacs: Emacs, server: Server, tmp_path: Path
) -> None:
    server.offer("value = 42\nother = 43")
    emacs.type("val")
    emacs.expect_ghost("ue = 42\nother = 43")
    server.offer(waits_for=str(tmp_path / "never"))
    for typed in ("valu", "value", "value "):
        emacs.type(typed[-1])
        emacs.expect_text(typed)
        assert emacs.ghost == "value = 42\nother = 43".removeprefix(typed)
    emacs.press("BSpace")
    emacs.expect_ghost(" = 42\nother = 43")
    emacs.type("x")
    emacs.expect_ghost(None)


def test_several_lines_are_drawn_with_the_cursor_before_them(emacs: Emacs, server: Server) -> None:
    server.offer("def f():\n    return 1\n\nf()")
    emacs.type("def f():")
    emacs.expect_ghost("\n    return 1\n\nf()")
    eventually(lambda: emacs.screen[1:5] == ["def f():", "    return 1", "", "f()"])
    assert emacs.cursor == (1, len("def f():"))
    emacs.press(TAB)
    emacs.expect_text("def f():\n    return 1\n\nf()")


def test_what_a_suggestion_replaces_is_hidden_and_goes(emacs: Emacs, server: Server) -> None:
    server.offer("call(first, second)", replaces=")")
    emacs.type("cal)")
    emacs.press("C-b")
    emacs.type("l(fi")
    emacs.expect_ghost("rst, second)")
    eventually(lambda: emacs.screen[1] == "call(first, second)")
    assert emacs.cursor == (1, len("call(fi"))
    emacs.press(WORD)
    emacs.expect_text("call(first)")
    emacs.press(TAB)
    emacs.expect_text("call(first, second)")


def test_dismiss_hides_until_the_next_key(emacs: Emacs, server: Server) -> None:
    server.offer("value = 42")
    emacs.type("val")
    emacs.expect_ghost("ue = 42")
    emacs.press(DISMISS)
    emacs.expect_ghost(None)
    emacs.type("u")
    emacs.expect_ghost("e = 42")


def test_moving_away_hides_the_ghost(emacs: Emacs, server: Server) -> None:
    server.offer("value = 42")
    emacs.type("val")
    emacs.expect_ghost("ue = 42")
    emacs.press("Left")
    emacs.expect_ghost(None)
    assert emacs.text == "val"


def test_next_asks_for_several_and_goes_round(emacs: Emacs, server: Server) -> None:
    server.offer("value = 1", "value = 2", "value = 3")
    emacs.type("val")
    emacs.expect_ghost("ue = 1")
    emacs.press(NEXT)
    emacs.expect_ghost("ue = 2")
    server.hears("request", kind=1)
    emacs.press(NEXT)
    emacs.expect_ghost("ue = 3")
    emacs.press(NEXT)
    emacs.expect_ghost("ue = 1")
    emacs.press(PREVIOUS)
    emacs.expect_ghost("ue = 3")
    emacs.press(TAB)
    server.hears("accept", id="item-2")


def test_typing_on_cancels_the_request_that_runs(
    emacs: Emacs, server: Server, tmp_path: Path
) -> None:
    server.offer("value = 42", waits_for=str(tmp_path / "go"))
    emacs.type("val")
    server.hears("request", before="val")
    emacs.type("u")
    server.hears("cancelled", before="val")
    (tmp_path / "go").touch()
    emacs.expect_ghost("e = 42")


def test_characters_of_any_width_keep_the_columns_right(emacs: Emacs, server: Server) -> None:
    server.offer("x = '😀é' + suffix")
    emacs.type("x = '😀é' + su")
    emacs.expect_ghost("ffix")
    assert server.hears("request", before="x = '😀é' + su")


def test_settings_reach_the_server(tmp_path: Path, server: Server) -> None:
    settings = '\'(:endpoint "http://127.0.0.1:1/v1" :inlineCompletion (:candidates 3))'
    with run_emacs(tmp_path, settings_for(server.command, settings)):
        started = server.hears("initialize")
        assert started["declared"] is True
        assert started["options"]["endpoint"] == "http://127.0.0.1:1/v1"
        assert started["options"]["inlineCompletion"] == {"candidates": 3}


def test_nothing_in_a_folder_chooses_the_program_or_the_settings(
    tmp_path: Path, server: Server
) -> None:
    (tmp_path / ".dir-locals.el").write_text(
        '((nil . ((foretype-command . ("evil")) (foretype-settings . (:endpoint "http://evil"))'
        ' (exec-path . ("/evil")))))',
        encoding="utf-8",
    )
    before = "(setq enable-local-variables :all)\n"
    with run_emacs(tmp_path, before + settings_for(server.command)) as emacs:
        assert emacs.evaluate("(car foretype-command)") == "evil"  # in the buffer it is set
        assert server.hears("initialize")["options"] is None
        emacs.run("(foretype-restart)")
        eventually(lambda: len(server.heard("initialize")) == 2)
        assert server.hears("initialize")["options"] is None


def test_a_server_that_dies_is_started_again(emacs: Emacs, server: Server) -> None:
    server.offer("value = 42")
    emacs.type("val")
    emacs.expect_ghost("ue = 42")
    first = server.hears("initialize")["pid"]
    os.kill(first, 9)
    emacs.expect_ghost(None)
    emacs.type("u")  # typed while there is no server
    emacs.expect_ghost("e = 42")
    assert server.heard("initialize")[-1]["pid"] != first
    assert "started again" in emacs.messages


def test_a_server_that_keeps_dying_is_started_less_and_less_often(
    emacs: Emacs, server: Server
) -> None:
    def starts() -> int:
        return len(server.heard("initialize"))

    for deaths in (1, 2, 3):
        os.kill(server.heard("initialize")[-1]["pid"], 9)
        assert poll(starts, (deaths + 1).__eq__, 20.0) == deaths + 1
    pauses = [line for line in emacs.messages.split("\n") if "started again in" in line]
    assert ["0.5 s" in pauses[0], "1 s" in pauses[1], "2 s" in pauses[2]] == [True] * 3


def test_a_missing_program_is_told_and_editing_goes_on(tmp_path: Path) -> None:
    init = settings_for(["no-such-foretype"])
    with run_emacs(tmp_path, init, is_ready="(bound-and-true-p global-foretype-mode)") as emacs:
        assert "cannot find the program" in emacs.messages
        emacs.type("value")
        emacs.expect_text("value")
        assert emacs.messages.count("cannot find") == 1


def test_the_server_ends_with_the_editor(tmp_path: Path, server: Server) -> None:
    with run_emacs(tmp_path, settings_for(server.command)):
        pid = server.hears("initialize")["pid"]
        assert is_running(pid)
    eventually(lambda: not is_running(pid))


def test_emacs_and_the_server_end_when_their_terminal_goes_away(
    tmp_path: Path, server: Server
) -> None:
    with run_emacs(tmp_path, settings_for(server.command)) as emacs:
        both = [emacs.evaluate("(emacs-pid)"), server.heard("initialize")[-1]["pid"]]
        emacs.tmux("kill-server")
        eventually(lambda: not any(map(is_running, both)))


def test_the_status_command_shows_what_the_server_says(emacs: Emacs) -> None:
    emacs.run("(foretype-status)")
    assert "revision: 7\nfeatures:\n  chat: no" in emacs.buffer("*foretype status*")


@pytest.mark.timeout(180)
def test_a_real_model_writes_ghost_text_that_can_be_accepted(
    tmp_path: Path, model_server: str
) -> None:
    command = [sys.executable, "-P", "-m", "lsp_server", "serve", "--endpoint", model_server]
    with run_emacs(tmp_path, settings_for(command)) as emacs:
        emacs.type("def add(a, b):")
        emacs.press("Enter")
        emacs.type("return a")

        def ghost_after_asking_again() -> str | None:
            # A machine under load may exceed the server's time for one answer.
            ghost = poll(lambda: emacs.ghost, bool, 10.0)
            if not ghost:
                emacs.run("(foretype-next-suggestion)")
            return ghost

        ghost = eventually(ghost_after_asking_again, MODEL_ANSWERS_WITHIN_S)
        assert ghost.strip()
        typed = emacs.text
        emacs.press(TAB)
        emacs.expect_text(typed + ghost)
        emacs.press(UNDO)
        emacs.expect_text(typed)
