"""Ghost text in a real Neovim beside what else happens there: other windows, macros and 'paste'."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neovim_editor import Editor, Server, eventually, lua_list, run_neovim

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

LONG_AFTER_THE_DELAY_S = 0.5
FILES_MARKS = """
local ghost = require('foretype.ghost')
return vim.api.nvim_buf_get_extmarks(vim.fn.bufnr('example.py'), ghost.namespace, 0, -1, {})
"""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def editor(tmp_path: Path, server: Server) -> Iterator[Editor]:
    options = f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"
    with run_neovim(tmp_path, options) as running:
        yield running


@pytest.mark.parametrize(
    "leaving",
    [
        "vim.api.nvim_set_current_buf(vim.api.nvim_create_buf(true, true))",
        "vim.api.nvim_open_win(vim.api.nvim_create_buf(true, true), true, "
        "{ relative = 'editor', row = 5, col = 5, width = 20, height = 3 })",
        "vim.cmd.split() vim.api.nvim_win_set_cursor(0, { 1, 0 })",
    ],
    ids=["another buffer", "a prompt that floats", "another window of the buffer"],
)
def test_a_ghost_does_not_stay_behind_when_insert_mode_goes_elsewhere(
    editor: Editor, server: Server, leaving: str
) -> None:
    server.offer("value = 42")
    editor.type("ival")
    editor.expect_ghost("ue = 42")
    server.offer()
    editor.lua(leaving)
    eventually(lambda: editor.lua(FILES_MARKS) == [])
    assert editor.mode == "i"


def test_an_answer_for_a_window_that_was_left_is_not_drawn(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    server.offer("value = 42", waits_for=str(tmp_path / "go"))
    editor.type("ival")
    server.hears("request", before="val")
    editor.lua("vim.api.nvim_set_current_buf(vim.api.nvim_create_buf(true, true))")
    server.hears("cancelled", before="val")
    (tmp_path / "go").touch()
    time.sleep(LONG_AFTER_THE_DELAY_S)
    assert editor.lua(FILES_MARKS) == []


def test_nothing_is_asked_for_while_a_macro_is_recorded_or_run(
    editor: Editor, server: Server
) -> None:
    server.offer("value = 42")
    editor.type("qqoval")
    time.sleep(LONG_AFTER_THE_DELAY_S)
    editor.type("<Tab>x<Esc>q")
    eventually(lambda: editor.lua("return vim.fn.reg_recording()") == "")
    editor.type("2@q")
    eventually(lambda: editor.lua("return vim.fn.line('$')") == 4)
    assert editor.lua("return vim.fn.getline(4) == vim.fn.getline(2)")
    assert server.heard("request") == []
    editor.type("oval")
    editor.expect_ghost("ue = 42")


def test_nothing_is_asked_for_while_text_is_pasted(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    editor.command("set paste")
    editor.type("ival")
    time.sleep(LONG_AFTER_THE_DELAY_S)
    assert server.heard("request") == []
    editor.type("<Esc>")
    editor.command("set nopaste")
    editor.type("au")
    editor.expect_ghost("e = 42")


def test_text_of_a_file_with_another_name_goes_on_being_known(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    editor.command(f"saveas {tmp_path}/renamed.py")
    server.offer("value = 42")
    editor.type("ival")
    editor.expect_ghost("ue = 42")
    editor.type("<Tab>")
    editor.expect_text("value = 42")
