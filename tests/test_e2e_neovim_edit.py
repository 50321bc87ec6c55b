"""Edits in a real Neovim: each is shown before it is made."""

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

FILE = "def twice(é):\n    return é + é\n\nprint(twice(2))\n"
EDITED = "def twice(é):\n    return 2 * é"
AFTER = "def twice(é):\n    return 2 * é\n\nprint(twice(2))"
BEFORE = FILE.rstrip("\n")
IS_SHOWN = "return require('foretype.preview').is_shown()"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(tmp_path)
    server.offer(edited=EDITED)
    return server


@pytest.fixture
def editor(tmp_path: Path, server: Server) -> Iterator[Editor]:
    options = f"{{ cmd = {lua_list(server.command)} }}"
    with run_neovim(tmp_path, options, text=FILE) as running:
        yield running


def expect_proposal(editor: Editor) -> None:
    assert eventually(lambda: editor.lua(IS_SHOWN))
    assert editor.lua("return vim.wo.diff")
    assert editor.text_of("foretype://proposal") == AFTER


def file_text(editor: Editor) -> str:
    return editor.text_of("example.py")


def test_an_edit_is_shown_as_a_difference_and_made_when_accepted(
    editor: Editor, server: Server
) -> None:
    editor.command("1,2ForetypeEdit multiply instead")
    expect_proposal(editor)
    asked = server.hears("edit", instruction="multiply instead", apply=False)
    last = len("    return é + é".encode())
    assert asked["span"] == {
        "start": {"line": 0, "character": 0},
        "end": {"line": 1, "character": last},
    }
    assert file_text(editor) == BEFORE
    assert any("return 2 * é" in line and "return é + é" in line for line in editor.screen)
    editor.type("<CR>")
    editor.expect_text(AFTER)
    assert editor.lua("return #vim.api.nvim_list_tabpages()") == 1
    assert not editor.lua("return vim.wo.diff")
    editor.type("u")
    editor.expect_text(BEFORE)


@pytest.mark.parametrize("way", ["q", ":ForetypeReject<CR>", ":tabclose<CR>"])
def test_a_rejected_edit_leaves_the_file_as_it_is(editor: Editor, way: str) -> None:
    editor.command("1,2ForetypeEdit multiply instead")
    expect_proposal(editor)
    editor.type(way)
    editor.expect_text(BEFORE)
    eventually(lambda: not editor.lua(IS_SHOWN))
    assert editor.lua("return #vim.api.nvim_list_tabpages()") == 1
    assert not editor.lua("return vim.wo.diff")


def test_a_file_that_was_changed_meanwhile_stays(editor: Editor) -> None:
    editor.command("1,2ForetypeEdit multiply instead")
    expect_proposal(editor)
    editor.nvim.api.buf_set_lines(1, 0, 0, True, ["# new"])
    editor.command("ForetypeAccept")
    editor.expect_text("# new\n" + BEFORE)
    assert "ask again" in editor.messages


def test_without_lines_it_writes_at_the_cursor(editor: Editor, server: Server) -> None:
    server.offer(edited="# sum\n")
    editor.nvim.api.win_set_cursor(0, (4, 0))
    editor.command("ForetypeEdit a comment")
    eventually(lambda: editor.lua(IS_SHOWN))
    editor.command("ForetypeAccept")
    editor.expect_text(BEFORE.replace("print", "# sum\nprint"))


def test_the_instruction_is_asked_for(editor: Editor, server: Server) -> None:
    editor.type(":1,2ForetypeEdit<CR>multiply<CR>")
    server.hears("edit", instruction="multiply")
    expect_proposal(editor)


def test_an_edit_can_be_stopped(editor: Editor, server: Server, tmp_path: Path) -> None:
    server.offer(edited=EDITED, waits_for=str(tmp_path / "never"))
    editor.command("1,2ForetypeEdit multiply instead")
    eventually(lambda: any("Foretype writes" in line for line in editor.screen))
    editor.command("ForetypeStop")
    server.hears("edit cancelled")
    assert not any("Foretype writes" in line for line in editor.screen)
    assert file_text(editor) == BEFORE


def test_the_server_can_have_the_user_asked(editor: Editor, server: Server) -> None:
    editor.lua(
        "local client = vim.lsp.get_clients({ name = 'foretype' })[1];"
        "assert(client.capabilities.experimental.foretype.promptCommand == 'foretype.prompt');"
        "local at = { line = 0, character = 0 };"
        "local place = { uri = vim.uri_from_bufnr(0), range = { start = at, ['end'] = at } };"
        "vim.schedule(function() client:exec_cmd("
        "{ title = 'x', command = 'foretype.prompt', arguments = { place } }) end)"
    )
    eventually(lambda: editor.mode == "c")
    editor.type("shorter<CR>")
    server.hears("edit", instruction="shorter")


def test_documenting_is_shown_first(editor: Editor, server: Server) -> None:
    server.offer(edited="# Doubles.\n")
    editor.command("1,2ForetypeDocument")
    eventually(lambda: editor.lua(IS_SHOWN))
    assert editor.text_of("foretype://proposal") == "# Doubles.\n" + BEFORE
    editor.command("ForetypeAccept")
    editor.expect_text("# Doubles.\n" + BEFORE)


def test_tests_are_written_to_a_file_of_their_own(editor: Editor, server: Server) -> None:
    server.offer(edited="def test_twice(): ...")
    editor.command("1,2ForetypeTests")
    eventually(lambda: editor.nvim.current.buffer.name.endswith("/test_example.py"))
    editor.expect_text("def test_twice(): ...")
    assert file_text(editor) == BEFORE


def test_an_explanation_becomes_a_turn_of_the_chat(editor: Editor) -> None:
    editor.command("1,2ForetypeExplain")
    eventually(lambda: "## You\n\nExplain." in editor.text_of("foretype://chat"))
    assert editor.lua("return require('foretype.attachments').labels()") == ["example.py:1-2"]


def test_what_the_server_does_not_offer_is_told(editor: Editor) -> None:
    editor.command("ForetypeFix")
    eventually(lambda: "nothing to fix here" in editor.messages)
