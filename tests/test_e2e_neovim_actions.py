"""Code actions in a real Neovim with the real server, on a scripted model."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake_model_server import FakeModelServer, Reply, Request, chats
from tests.neovim_editor import Editor, eventually, lua_list, run_neovim
from tests.test_lsp_server_requests import settings_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

TEXT = "def add(a, b):\n    # TODO: use b\n    return a + c\n\n\nprint(add(1, 2))\n"
FIXED = TEXT.replace("a + c", "a + b")
DONE = FIXED.replace("    # TODO: use b\n", "")
DOCUMENTED = TEXT.replace(":\n    #", ':\n    """Add."""\n    #', 1)
RENAMED = TEXT.replace("(a, b)", "(x, b)").replace("a + c", "x + c")
# What is told apart by the instruction, and what the model answers to it.
SCRIPT = {
    "Fix this problem": FIXED,
    "Do what this comment says": DONE,
    "Document this code": DOCUMENTED,
    "Rename a to x": RENAMED,
}
APPLY = """
local title, diagnostics = ...
vim.lsp.buf.code_action({
  apply = true,
  context = { diagnostics = diagnostics },
  filter = function(action) return action.title == 'Foretype: ' .. title end,
})
"""
DIAGNOSTIC = {
    "range": {"start": {"line": 2, "character": 15}, "end": {"line": 2, "character": 16}},
    "message": "undefined name",
    "source": "pyflakes",
}


async def scripted(request: Request, reply: Reply) -> None:
    asked = str(request.body["messages"])
    if "def slow" in asked:
        await request.disconnected.wait()
        return
    if "Write tests" in asked:
        answer = "```python\ndef test_add(): ...\n```"
    elif "Explain" in asked:
        answer = "It *adds*."
    else:
        whole = next(text for words, text in SCRIPT.items() if words in asked)
        answer = f"Here:\n```python\n{whole.partition('print')[0].rstrip()}\n```"
    await chats(answer)(request, reply)


@contextmanager
def model_in_a_thread() -> Iterator[str]:
    """The scripted server beside a test that blocks."""
    loop, urls, stop = asyncio.new_event_loop(), list[str](), asyncio.Event()
    is_up = threading.Event()

    async def serve() -> None:
        async with FakeModelServer(scripted) as model:
            urls.append(model.url)
            is_up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert is_up.wait(10)
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    with model_in_a_thread() as url:
        command = [sys.executable, "-P", "-m", "lsp_server", "serve"]
        settings = f"vim.json.decode([==[{json.dumps(settings_for(url))}]==])"
        options = f"{{ cmd = {lua_list(command)}, init_options = {settings} }}"
        with run_neovim(tmp_path, options, text=TEXT) as editor:
            editor.nvim.api.win_set_cursor(0, (2, 4))
            yield editor


def choose(editor: Editor, title: str, *diagnostics: object) -> None:
    editor.nvim.exec_lua(APPLY, title, list(diagnostics))


@pytest.mark.parametrize(
    ("title", "expected"),
    [("document this code", DOCUMENTED), ("do “use b”", DONE)],
    ids=["document", "todo"],
)
def test_an_action_edits_the_buffer(editor: Editor, title: str, expected: str) -> None:
    choose(editor, title)

    editor.expect_text(expected.removesuffix("\n"))
    editor.nvim.command("undo")
    editor.expect_text(TEXT.removesuffix("\n"))


def test_a_diagnostic_is_fixed(editor: Editor) -> None:
    choose(editor, "fix “undefined name”", DIAGNOSTIC)

    editor.expect_text(FIXED.removesuffix("\n"))


# What another server says is wrong, at columns of its own counting.
OTHERS = """
local namespace = vim.api.nvim_create_namespace('other')
local of_utf_16 = { start = { line = 2, character = 99 }, ['end'] = { line = 2, character = 99 } }
vim.diagnostic.set(namespace, 0, {
  {
    lnum = 2, col = 15, end_lnum = 2, end_col = 16, message = 'undefined name', source = 'pyflakes',
    severity = vim.diagnostic.severity.ERROR, code = 'F821',
    user_data = { lsp = { range = of_utf_16 } },
  },
  { lnum = 5, col = 0, message = 'elsewhere' },
})
vim.api.nvim_win_set_cursor(0, { 3, 4 })
"""


def test_what_another_server_says_is_wrong_is_fixed_among_neovims_own_code_actions(
    editor: Editor,
) -> None:
    editor.lua(OTHERS)
    editor.lua(
        "vim.lsp.buf.code_action({ apply = true, filter = function(action)"
        " return vim.startswith(action.title, 'Foretype: fix') end })"
    )

    editor.expect_text(FIXED.removesuffix("\n"))


def test_what_another_server_says_is_wrong_is_fixed_by_the_command(editor: Editor) -> None:
    editor.lua(OTHERS)
    editor.command("ForetypeFix")

    eventually(lambda: editor.lua("return require('foretype.preview').is_shown()"))
    editor.command("ForetypeAccept")
    editor.expect_text(FIXED.removesuffix("\n"))


def test_columns_of_other_servers_are_counted_as_ours(editor: Editor) -> None:
    editor.lua("vim.api.nvim_buf_set_lines(0, 2, 3, true, { '  \"😀é\"; a + c' })")
    editor.lua(OTHERS.replace("col = 15", "col = 16").replace("end_col = 16", "end_col = 17"))
    place = "{ start = { line = 2, character = 0 }, ['end'] = { line = 2, character = 0 } }"
    found = editor.lua(f"return require('foretype.diagnostics').in_lines(0, {place}, 'utf-16')")

    assert found == [
        {
            "range": {"start": {"line": 2, "character": 13}, "end": {"line": 2, "character": 14}},
            "message": "undefined name",
            "severity": 1,
            "source": "pyflakes",
            "code": "F821",
        }
    ]


def test_tests_are_written_to_a_new_file(editor: Editor, tmp_path: Path) -> None:
    choose(editor, "write tests")
    name = f"bufnr('{tmp_path}/test_example.py')"
    lines = eventually(lambda: editor.lua(f"return vim.fn.getbufline(vim.fn.{name}, 1, '$')"))

    # Neovim's empty file has a line of its own, which stays behind.
    assert lines == ["def test_add(): ...", ""]
    assert (tmp_path / "test_example.py").exists()


RUNNING = """
local server = vim.lsp.get_clients({ name = 'foretype' })[1]
local params = { command = 'foretype.status' }
return server:request_sync('workspace/executeCommand', params, 5000).result.endpoints[1].running
"""


def is_said(editor: Editor, words: str) -> bool:
    return any(words in line for line in editor.screen)


@pytest.mark.parametrize("command", ["ForetypeDocument", "ForetypeTests"])
def test_an_action_that_takes_long_says_so_and_can_be_stopped(editor: Editor, command: str) -> None:
    slow = TEXT.replace("add", "slow")
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, 1, true, { 'def slow(a, b):' })")
    editor.command(f"1,3{command}")
    eventually(lambda: is_said(editor, "Foretype writes … (:ForetypeStop stops it)"))
    eventually(lambda: editor.lua(RUNNING) == 1)
    editor.command("ForetypeStop")

    eventually(lambda: editor.lua(RUNNING) == 0)
    assert not is_said(editor, "Foretype writes")
    assert "nothing is being written" not in editor.messages
    assert editor.text.startswith(slow.partition("(")[0])


def test_an_action_whose_server_ends_is_not_waited_for(editor: Editor) -> None:
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, 1, true, { 'def slow(a, b):' })")
    editor.command("1,3ForetypeDocument")
    eventually(lambda: is_said(editor, "Foretype writes"))
    editor.lua("vim.lsp.get_clients({ name = 'foretype' })[1]:stop(true)")

    eventually(lambda: "The server ended while it was answering." in editor.messages)
    assert not is_said(editor, "Foretype writes")


def test_an_explanation_becomes_an_answer_of_the_chat(editor: Editor) -> None:
    choose(editor, "explain this code")

    assert eventually(lambda: "It *adds*." in editor.text_of("foretype://chat"))
    assert editor.text_of("example.py") == TEXT.removesuffix("\n")


def test_an_edit_asks_for_its_instruction(editor: Editor) -> None:
    editor.lua("vim.ui.input = function(_, answer) answer('Rename a to x') end")
    choose(editor, "edit…")

    eventually(lambda: editor.lua("return require('foretype.preview').is_shown()"))
    editor.command("ForetypeAccept")
    editor.expect_text(RENAMED.removesuffix("\n"))
