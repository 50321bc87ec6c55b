"""The server under a real Neovim: it comes back when it dies, and what is wrong is told."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.fake_model_server import chats
from tests.model_beside import model_beside
from tests.neovim_editor import (
    FORETYPE,
    PLUGIN,
    SERVED,
    Server,
    children,
    eventually,
    lua_list,
    poll,
    run_neovim,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]


def options_for(server: Server) -> str:
    return f"{{ cmd = {lua_list(server.command)}, debounce_ms = 20 }}"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_server_comes_back_without_anything_done(
    tmp_path: Path, how: signal.Signals
) -> None:
    server = Server(tmp_path)
    server.offer("value = 42")
    with run_neovim(tmp_path, options_for(server)) as editor:
        editor.type("ival")
        editor.expect_ghost("ue = 42")
        os.kill(server.hears("initialize")["pid"], how)
        eventually(lambda: len(server.heard("initialize")) == 2)
        eventually(lambda: editor.lua(SERVED))
        editor.type("u")
        editor.expect_ghost("e = 42")
        editor.type("<Tab>")
        editor.expect_text("value = 42")


def test_text_typed_while_the_server_is_away_is_known_to_the_next(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with run_neovim(tmp_path, options_for(server)) as editor:
        for count in (1, 2, 3):
            assert poll(lambda: len(server.heard("initialize")), count.__eq__, 10.0) == count
            eventually(lambda: editor.lua(SERVED))
            os.kill(server.heard("initialize")[-1]["pid"], signal.SIGKILL)
            eventually(lambda: not editor.lua(SERVED))
            editor.type("oline<Esc>")
        assert editor.lua("return require('foretype.restart').is_waiting()")
        eventually(lambda: editor.lua(SERVED))
        server.offer("value = 42")
        editor.type("oval")
        editor.expect_ghost("ue = 42")
        assert not editor.lua("return require('foretype.restart').is_waiting()")


def test_a_server_that_cannot_live_is_given_up(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with run_neovim(tmp_path, options_for(server)) as editor:
        editor.lua("vim.lsp.config('foretype', { cmd = { 'false' } })")
        waits = [
            editor.lua(f"return require('foretype.restart').wait_ms({n})") for n in range(1, 7)
        ]
        assert waits == [0, 500, 1000, 2000, 4000, 8000]
        assert editor.lua("return require('foretype.restart').wait_ms(7)") is None


def test_a_server_that_was_told_to_end_stays_away(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with run_neovim(tmp_path, options_for(server)) as editor:
        pid = server.hears("initialize")["pid"]
        editor.lua("vim.lsp.enable('foretype', false)")
        eventually(lambda: pid not in children(editor))
        time.sleep(0.3)
        assert len(server.heard("initialize")) == 1


def test_restart_starts_it_anew(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with run_neovim(tmp_path, options_for(server)) as editor:
        editor.command("Foretype restart")
        eventually(lambda: len(server.heard("initialize")) == 2)
        eventually(lambda: editor.lua(SERVED))


def test_a_mistake_in_the_settings_is_shown(tmp_path: Path) -> None:
    options = (
        f"{{ cmd = {lua_list([*FORETYPE, 'serve'])}, "
        "init_options = { endpoint = 'http://127.0.0.1:9/v1', model = 'm', "
        "inlineCompletion = { candidates = 'many' } } }"
    )
    with run_neovim(tmp_path, options) as editor:
        eventually(lambda: "/inlineCompletion/candidates: " in editor.messages, 20.0)


def test_an_option_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with run_neovim(tmp_path, options_for(server)) as editor:
        told = editor.lua("return { pcall(require('foretype').setup, { debounce = 1 }) }")
        assert told == [False, 'foretype: setup() knows no option "debounce"']


def test_health_tells_what_works_and_what_does_not(tmp_path: Path) -> None:
    with model_beside(chats("Yes.")) as model:
        settings = f"{{ endpoint = '{model.url}', model = 'tiny' }}"
        options = f"{{ cmd = {lua_list([*FORETYPE, 'serve'])}, init_options = {settings} }}"
        with run_neovim(tmp_path, options) as editor:
            editor.command("checkhealth foretype")
            report = eventually(lambda: editor.text if "Foretype: server" in editor.text else "")
            assert f'OK "{sys.executable}" is ' in report
            assert "OK It runs\n" in report
            assert f"OK {model.url}: " in report
            assert "OK codeCompletion: endpoint::v1::tiny" in report
            editor.lua("require('foretype').setup({ cmd = { 'no-such-foretype' } })")
            editor.command("checkhealth foretype")
            eventually(lambda: 'ERROR Cannot run "no-such-foretype"' in editor.text)
            editor.command("messages clear")


def test_the_help_has_tags_that_lead_somewhere(tmp_path: Path) -> None:
    server = Server(tmp_path)
    doc = tmp_path / "help" / "doc"
    doc.mkdir(parents=True)
    (doc / "foretype.txt").write_text((PLUGIN / "doc" / "foretype.txt").read_text())
    with run_neovim(tmp_path, options_for(server)) as editor:
        editor.command(f"helptags {doc}")
        assert (doc / "tags").read_text().count("\n") > 30
        editor.command(f"set runtimepath+={doc.parent}")
        editor.command("help :ForetypeEdit")
        assert "*:ForetypeEdit*" in editor.nvim.current.line
        wanted = editor.lua(
            "local text = table.concat(vim.fn.readfile(vim.fn.expand('%')), '\\n');"
            "local missing = {};"
            "for tag in text:gmatch('|([^|%s]+)|') do "
            "local found = vim.fn.getcompletion(tag, 'help');"
            "if not found[1] then table.insert(missing, tag) end end;"
            "return missing"
        )
        assert wanted == []
