"""Ghost text drawn by Neovim 0.12 itself; in older ones by a stand-in that keeps to its help."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neovim_editor import Editor, Server, eventually, lua_list, poll, run_neovim

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

STAND_IN = Path(__file__).parent / "data" / "inline_completion.lua"
BUILTIN = """
local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
local mark = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
if not mark then return '' end
local text = mark[4].virt_text[1][1]
for _, line in ipairs(mark[4].virt_lines or {}) do text = text .. '\\n' .. line[1][1] end
return text
"""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def editor(tmp_path: Path, server: Server) -> Iterator[Editor]:
    before = f"vim.cmd.source('{STAND_IN}')"
    with run_neovim(tmp_path, f"{{ cmd = {lua_list(server.command)} }}", before=before) as running:
        yield running


def expect(editor: Editor, text: str) -> None:
    assert poll(lambda: str(editor.lua(BUILTIN)), lambda seen: seen == text, 10.0) == text


def test_neovim_draws_and_tab_accepts(editor: Editor, server: Server) -> None:
    server.offer("total = price * count\nprint(total)")
    editor.type("itotal = pr")
    expect(editor, "ice * count\nprint(total)")
    assert editor.marks == []
    editor.type("<Tab>")
    editor.expect_text("total = price * count\nprint(total)")
    server.hears("accept", id="item-0")
    expect(editor, "")
    editor.type("!<Esc>u")
    editor.expect_text("total = price * count\nprint(total)")
    editor.type("u")
    editor.expect_text("total = pr")


def test_what_was_typed_since_the_answer_is_not_left_behind(editor: Editor, server: Server) -> None:
    server.offer("total = price * count")
    editor.type("itotal = pr")
    expect(editor, "ice * count")
    editor.type("ic<Tab>")
    editor.expect_text("total = price * count")


def test_a_word_and_a_line_can_be_accepted_alone(editor: Editor, server: Server) -> None:
    server.offer("total = price * count\nprint(total)")
    editor.type("itotal = pr")
    expect(editor, "ice * count\nprint(total)")
    editor.type("<M-w>")
    editor.expect_text("total = price")
    expect(editor, " * count\nprint(total)")
    editor.type("<M-l>")
    editor.expect_text("total = price * count")
    assert server.heard("accept") == []


def test_dismissed_it_goes_and_typing_asks_again(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    editor.type("ival")
    expect(editor, "ue = 42")
    editor.type("<C-]>")
    expect(editor, "")
    assert (editor.mode, editor.text) == ("i", "val")
    editor.type("u")
    expect(editor, "e = 42")
    editor.type("<Esc>")
    expect(editor, "")


def test_others_are_asked_for_and_shown_alone(editor: Editor, server: Server) -> None:
    server.offer("value = 1", "value = 2")
    editor.type("ival")
    expect(editor, "ue = 1")
    editor.type("<M-n>")
    editor.expect_ghost("ue = 2")
    expect(editor, "")
    editor.type("<Tab>")
    editor.expect_text("value = 2")
    server.hears("accept", id="item-1")
    server.offer("other = 3")
    editor.type("<CR>")
    editor.type("o")
    expect(editor, "ther = 3")


def test_a_tab_is_a_tab_while_nothing_is_shown(editor: Editor) -> None:
    editor.lua("vim.bo.expandtab = false")
    editor.type("ix<Tab>y")
    editor.expect_text("x\ty")


def test_the_plugin_draws_where_told_to(tmp_path: Path, server: Server) -> None:
    options = f"{{ cmd = {lua_list(server.command)}, ghost_text = 'own', debounce_ms = 20 }}"
    with run_neovim(tmp_path, options, before=f"vim.cmd.source('{STAND_IN}')") as editor:
        server.offer("value = 42")
        editor.type("ival")
        editor.expect_ghost("ue = 42")
        eventually(lambda: not editor.lua("return vim.lsp.inline_completion.is_enabled({bufnr=1})"))
