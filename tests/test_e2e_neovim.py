"""Ghost text in a real Neovim: first with a scripted server, at the end with the real product."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neovim_editor import (
    NVIM,
    Editor,
    Server,
    eventually,
    is_running,
    lua_list,
    poll,
    run_neovim,
    write_init_file,
)

pytestmark = [
    pytest.mark.e2e,
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

TAB, ESCAPE, DISMISS = "<Tab>", "<Esc>", "<C-]>"
WORD, LINE, NEXT, PREVIOUS = "<M-w>", "<M-l>", "<M-n>", "<M-p>"
MODEL_ANSWERS_WITHIN_S = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def editor(tmp_path: Path, server: Server) -> Iterator[Editor]:
    options = f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"
    with run_neovim(tmp_path, options) as running:
        yield running


def test_typing_makes_ghost_text_appear_behind_the_cursor(editor: Editor, server: Server) -> None:
    server.offer("total = price * count")
    editor.type("itotal = pr")
    editor.expect_ghost("ice * count")
    (mark,) = editor.marks
    assert (mark["position"], mark["highlight"]) == ("inline", "ForetypeGhost")
    assert (mark["row"], mark["col"]) == (0, len("total = pr"))
    assert editor.screen[0] == "total = price * count"
    assert editor.lua("return vim.fn.screencol()") == len("total = pr") + 1
    assert editor.text == "total = pr"
    assert editor.lua("return vim.api.nvim_get_hl(0, { name = 'ForetypeGhost' }).link") == "Comment"


def test_tab_accepts_and_undo_takes_back_only_that(editor: Editor, server: Server) -> None:
    server.offer("total = price * count")
    editor.type("itotal = pr")
    editor.expect_ghost("ice * count")
    editor.type(TAB)
    editor.expect_text("total = price * count")
    assert editor.cursor == (1, len("total = price * count"))
    assert editor.mode == "i"
    server.hears("accept", id="item-0")
    assert editor.ghost is None
    editor.type("!" + ESCAPE + "u")
    editor.expect_text("total = price * count")
    editor.type("u")
    editor.expect_text("total = pr")
    editor.type("u")
    editor.expect_text("")


def test_tab_is_a_tab_while_nothing_is_shown(editor: Editor) -> None:
    editor.lua("vim.bo.expandtab = false")
    editor.type("ix" + TAB + "y")
    editor.expect_text("x\ty")


@pytest.mark.parametrize(
    "mapping",
    [
        "vim.keymap.set('i', '<Tab>', 'mapped')",
        "vim.keymap.set('i', '<Tab>', function() return 'mapped' end, { expr = true })",
        "vim.keymap.set('i', '<Tab>', function() vim.api.nvim_paste('mapped', true, -1) end)",
        "vim.keymap.set('i', 'Q', 'mapped'); vim.keymap.set('i', '<Tab>', 'Q', { remap = true })",
        "vim.keymap.set('i', '<Tab>', 'mapped', { buffer = 0 })",
    ],
    ids=["keys", "expression", "function", "remapped", "of the buffer"],
)
def test_tab_keeps_the_mapping_it_had(tmp_path: Path, server: Server, mapping: str) -> None:
    options = f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"
    before = (
        f"vim.api.nvim_create_autocmd('BufReadPost', {{ callback = function() {mapping} end }})"
    )
    with run_neovim(tmp_path, options, before=before, text="\n") as editor:
        server.offer("value = 42")
        editor.type("i" + TAB)
        eventually(lambda: editor.text.startswith("mapped"))
        editor.type("<C-u>value")
        editor.expect_ghost(" = 42")
        editor.type(TAB)
        eventually(lambda: editor.text.startswith("value = 42"))


@pytest.mark.parametrize("key", [TAB, WORD, LINE, DISMISS])
def test_a_key_is_given_back_when_the_server_goes(editor: Editor, key: str) -> None:
    editor.lua(f"vim.keymap.set('i', '{key}', 'global ')")
    editor.type("i" + key)
    editor.expect_text("global ")
    editor.nvim.command("lua vim.lsp.enable('foretype', false)")
    eventually(lambda: not editor.lua("return #vim.lsp.get_clients()"))
    assert editor.lua(f"return vim.fn.maparg('{key}', 'i')") == "global "


def test_a_selected_menu_entry_has_the_keys_first(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    editor.lua("vim.keymap.set('i', '<Tab>', '<C-n>')")
    editor.type("ivalue_1<CR>value_2<CR>val<C-n>")
    eventually(lambda: editor.text.endswith("\nvalue_1"))
    editor.type(TAB)
    eventually(lambda: editor.text.endswith("\nvalue_2"))


def test_setup_again_replaces_the_keys(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    command = lua_list(server.command)
    keys = "{ accept = '<C-f>', accept_word = false }"
    editor.lua(f"require('foretype').setup({{ cmd = {command}, keys = {keys} }})")
    editor.lua("vim.bo.expandtab = false")
    editor.type("ival" + TAB + "<BS>")
    editor.expect_ghost("ue = 42")
    assert editor.lua("return vim.fn.maparg('<M-w>', 'i')") == ""
    editor.type("<C-f>")
    editor.expect_text("value = 42")


def test_tab_keeps_a_mapping_that_comes_later(editor: Editor) -> None:
    editor.lua("vim.keymap.set('i', '<Tab>', 'late')")
    editor.type("i" + TAB)
    editor.expect_text("late")


def test_escape_hides_the_ghost_and_leaves_insert_mode(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    editor.type("ival")
    editor.expect_ghost("ue = 42")
    editor.type(ESCAPE)
    eventually(lambda: editor.mode == "n")
    assert editor.ghost is None
    editor.type("au")
    editor.expect_ghost("e = 42")
    editor.type("<C-c>")
    eventually(lambda: editor.mode == "n")
    assert editor.ghost is None
    assert editor.text == "valu"


def test_dismiss_stays_in_insert_mode_until_the_next_key(editor: Editor, server: Server) -> None:
    server.offer("value = 42")
    editor.type("ival")
    editor.expect_ghost("ue = 42")
    editor.type(DISMISS)
    editor.expect_ghost(None)
    assert (editor.mode, editor.text) == ("i", "val")
    editor.type("u")
    editor.expect_ghost("e = 42")


def test_a_word_and_a_line_can_be_accepted_alone(editor: Editor, server: Server) -> None:
    server.offer("def área(a):\n    größe = a * a\n    return größe")
    editor.type("idef ")
    editor.expect_ghost("área(a):\n    größe = a * a\n    return größe")
    editor.type(WORD)
    editor.expect_text("def área")
    editor.expect_ghost("(a):\n    größe = a * a\n    return größe")
    editor.type(LINE)
    editor.expect_text("def área(a):")
    editor.type(LINE)
    editor.expect_text("def área(a):\n    größe = a * a")
    assert editor.cursor == (2, len("    größe = a * a".encode()))
    assert server.heard("accept") == []
    editor.type(WORD + WORD)
    editor.expect_text("def área(a):\n    größe = a * a\n    return größe")
    server.hears("accept", id="item-0")
    editor.type(ESCAPE + "u")
    editor.expect_text("def área(a):\n    größe = a * a\n    return")
    editor.type("3u")
    editor.expect_text("def área")


def test_typing_what_the_ghost_says_keeps_it(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    server.offer("value = 42\nother = 43")
    editor.type("ival")
    editor.expect_ghost("ue = 42\nother = 43")
    server.offer(waits_for=str(tmp_path / "never"))
    editor.lua(
        "_G.hidden = 0; local ghost = require('foretype.ghost'); local hide = ghost.hide;"
        "ghost.hide = function() _G.hidden = _G.hidden + 1; hide() end"
    )
    for typed in ("valu", "value", "value "):
        editor.type(typed[-1])
        editor.expect_text(typed)
        editor.expect_ghost("value = 42\nother = 43".removeprefix(typed))
    editor.type("<BS>")
    editor.expect_ghost(" = 42\nother = 43")
    editor.type(" = 42<CR>oth")
    editor.expect_ghost("er = 43")
    assert editor.lua("return _G.hidden") == 0
    editor.type("x")
    editor.expect_ghost(None)


def test_a_ghost_of_several_lines_is_drawn_below(editor: Editor, server: Server) -> None:
    server.offer("def f():\n\treturn 1\n\nf()")
    editor.lua("vim.bo.tabstop = 4")
    editor.type("idef")
    editor.expect_ghost(" f():\n\treturn 1\n\nf()")
    assert editor.screen[:4] == ["def f():", "    return 1", "", "f()"]
    editor.type(TAB)
    editor.expect_text("def f():\n\treturn 1\n\nf()")
    assert editor.cursor == (4, 3)


def test_a_tab_in_the_ghost_reaches_the_next_tab_stop(editor: Editor, server: Server) -> None:
    editor.lua("vim.bo.tabstop = 8")
    server.offer("abc\tdef")
    editor.type("iab")
    editor.expect_ghost("c     def")
    editor.type(TAB)
    editor.expect_text("abc\tdef")


@pytest.mark.parametrize(
    ("line", "becomes", "replaces", "screen", "accepted"),
    [
        ("print()", "print(a, b", "", ["print(a, b)"], "print(a, b)"),
        ("print()", "print(a, b)", ")", ["print(a, b)"], "print(a, b)"),
        ("print())", "print(a):", ")", ["print(a):)"], "print(a):)"),
        ("print(old) + 1", "print(n", "old", ["print(n  ) + 1"], "print(n) + 1"),
        ("print()", "print(\n    a\n", "", ["print(", "    a", ")"], "print(\n    a\n)"),
        ("print(x)", "print(\n  a)", "x)", ["print(", "  a)"], "print(\n  a)"),
    ],
    ids=["before", "up to", "over", "shorter", "pushed down", "lines over"],
)
def test_mid_line_the_screen_shows_what_accepting_gives(
    editor: Editor,
    server: Server,
    line: str,
    becomes: str,
    replaces: str,
    screen: list[str],
    accepted: str,
) -> None:
    server.offer(becomes, replaces=replaces)
    editor.lua(f"vim.api.nvim_buf_set_lines(0, 0, -1, true, {{ {json.dumps(line)} }})")
    editor.type("0f(a")
    eventually(lambda: editor.marks)
    assert editor.screen[: len(screen)] == screen
    assert editor.text == line
    editor.type(TAB)
    editor.expect_text(accepted)
    last = becomes.split("\n")
    assert editor.cursor == (len(last), len(last[-1]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_right_behind_characters_of_any_width(
    tmp_path: Path, server: Server, encoding: str
) -> None:
    before = (
        "vim.lsp.config('foretype', { capabilities = { general = "
        f"{{ positionEncodings = {{ '{encoding}' }} }} }} }})"
    )
    options = f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"
    with run_neovim(tmp_path, options, before=before) as editor:
        server.offer('s = "🦊é漢" + name', replaces="!!")
        editor.type('is = "🦊é漢"!!<Left><Left> + na')
        eventually(lambda: editor.marks)
        assert editor.screen[0].replace(" ", "").startswith('s="🦊é漢"+name')
        editor.type(TAB)
        editor.expect_text('s = "🦊é漢" + name')


def test_an_answer_to_an_older_text_is_not_drawn(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    server.offer("value = 42", waits_for=str(gate), is_deaf=True)
    editor.type("ival")
    server.hears("request", before="val")
    editor.lua("require('foretype.ghost').show = function() _G.drawn = true end")
    editor.type("id")
    editor.expect_text("valid")
    gate.touch()
    server.hears("request", before="valid")
    editor.nvim.command("sleep 50m")
    assert editor.lua("return _G.drawn") is None
    assert editor.ghost is None


def test_an_answer_after_leaving_insert_mode_is_not_drawn(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    server.offer("value = 42", waits_for=str(gate), is_deaf=True)
    editor.type("ival")
    server.hears("request", before="val")
    editor.type(ESCAPE)
    gate.touch()
    editor.lua(
        "_G.ok = vim.lsp.get_clients()[1]:request_sync('workspace/executeCommand', "
        "{ command = 'foretype.status' }, 5000, 0)"
    )
    assert editor.ghost is None


def test_the_server_learns_of_an_edit_before_the_cancellation(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    server.offer("value = 42", waits_for=str(tmp_path / "never"))
    editor.type("ival")
    server.hears("request", before="val")
    editor.type("x")
    server.hears("cancelled", before="val")
    events = [event["event"] for event in server.heard()]
    asked = events.index("request")
    assert events.index("change", asked) < events.index("cancelled")


def test_next_and_previous_ask_for_several(editor: Editor, server: Server) -> None:
    server.offer("value = 1", "value = 2", "value = 3")
    editor.type("ival")
    editor.expect_ghost("ue = 1")
    assert [request["kind"] for request in server.heard("request")][-1] == 2
    for key, shown in [(NEXT, "2"), (NEXT, "3"), (NEXT, "1"), (PREVIOUS, "3"), (PREVIOUS, "2")]:
        editor.type(key)
        editor.expect_ghost(f"ue = {shown}")
    assert [request["kind"] for request in server.heard("request")].count(1) == 1
    editor.type(TAB)
    editor.expect_text("value = 2")
    server.hears("accept", id="item-1")


def test_next_asks_where_nothing_is_shown(editor: Editor, server: Server) -> None:
    editor.type("ival")
    server.hears("request", before="val")
    server.offer("value = 1", "value = 2")
    editor.type(NEXT)
    editor.expect_ghost("ue = 1")
    editor.type(DISMISS)
    editor.expect_ghost(None)
    editor.type(PREVIOUS)
    editor.expect_ghost("ue = 2")


def test_text_typed_while_the_server_starts_gets_its_ghost(tmp_path: Path, server: Server) -> None:
    server.offer("value = 42")
    options = f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"
    before = "vim.api.nvim_create_autocmd('VimEnter', { command = 'startinsert' })"
    with run_neovim(tmp_path, options, before=before, text="val") as editor:
        editor.lua("vim.api.nvim_win_set_cursor(0, { 1, 3 })")
        editor.expect_ghost("ue = 42")


def test_settings_reach_the_server(tmp_path: Path, server: Server) -> None:
    options = (
        f"{{ cmd = {lua_list(server.command)}, init_options = "
        "{ endpoint = 'http://127.0.0.1:1/v1', inlineCompletion = { candidates = 3 } } }"
    )
    with run_neovim(tmp_path, options) as editor:
        started = server.hears("initialize")
        assert started["declared"] is True
        assert started["options"]["inlineCompletion"] == {"candidates": 3}
        settings = editor.lua("return vim.lsp.get_clients()[1].settings.foretype.endpoint")
        assert settings == "http://127.0.0.1:1/v1"


def test_the_status_command_prints_what_the_server_says(editor: Editor) -> None:
    editor.nvim.command("Foretype status")
    eventually(lambda: "revision: 7" in editor.nvim.command_output("messages"))
    assert "features:\n  chat: false" in editor.nvim.command_output("messages")


def test_a_missing_server_program_is_told_once(tmp_path: Path) -> None:
    init = write_init_file(tmp_path, "{ cmd = { 'no-such-foretype' } }", "")
    done = subprocess.run(
        [NVIM, "--headless", "--clean", "-u", init, "+qall!", tmp_path / "example.py"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )
    assert done.stderr.count('cannot run "no-such-foretype"') == 1
    assert "stack traceback" not in done.stderr


def test_the_server_ends_with_the_editor(tmp_path: Path, server: Server) -> None:
    with run_neovim(tmp_path, f"{{ cmd = {lua_list(server.command)} }}"):
        pid = server.hears("initialize")["pid"]
        assert is_running(pid)
    eventually(lambda: not is_running(pid))


@pytest.fixture
def real_editor(tmp_path: Path, model_server: str) -> Iterator[Editor]:
    command = [sys.executable, "-P", "-m", "lsp_server", "serve", "--endpoint", model_server]
    options = f"{{ cmd = {lua_list(command)} }}"
    with run_neovim(tmp_path, options) as running:
        yield running


@pytest.mark.timeout(180)
def test_a_real_model_writes_ghost_text_that_can_be_accepted(real_editor: Editor) -> None:
    real_editor.type("idef add(a, b):<CR>")
    real_editor.type("    return a")

    def ghost_after_asking_again() -> str | None:
        # A machine under load may exceed the server's time for one answer.
        ghost = poll(lambda: real_editor.ghost, bool, 10.0)
        if not ghost:
            real_editor.type(NEXT)
        return ghost

    ghost = eventually(ghost_after_asking_again, MODEL_ANSWERS_WITHIN_S)
    assert ghost.strip()
    typed = real_editor.text
    real_editor.type(TAB)
    eventually(lambda: real_editor.text != typed)
    assert real_editor.text == typed + ghost
    real_editor.type(ESCAPE + "u")
    real_editor.expect_text(typed)


@pytest.mark.timeout(180)
def test_the_status_command_knows_the_real_model_server(
    real_editor: Editor, model_server: str
) -> None:
    def status() -> bool:
        real_editor.nvim.command("Foretype status")
        return model_server in real_editor.nvim.command_output("messages")

    eventually(status, MODEL_ANSWERS_WITHIN_S)
