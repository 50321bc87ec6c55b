"""`:Foretype ...` in a real Neovim with the real server and a scripted model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_model_server import chats, completes, fails, routes
from tests.model_beside import ModelBeside, model_beside
from tests.neovim_editor import FORETYPE, Editor, eventually, lua_list, run_neovim

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

MODELS = {"object": "list", "data": [{"id": "tiny", "object": "model"}]}
HANDLER = routes(
    {
        "/v1/models": fails(200, MODELS),
        "/v1/completions": completes("ue = 42"),
        "/v1/chat/completions": chats("Yes."),
    }
)


@pytest.fixture
def model() -> Iterator[ModelBeside]:
    with model_beside(HANDLER) as running:
        yield running


@pytest.fixture
def editor(tmp_path: Path, model: ModelBeside) -> Iterator[Editor]:
    settings = f"{{ endpoint = '{model.url}' }}"
    options = f"{{ cmd = {lua_list([*FORETYPE, 'serve'])}, init_options = {settings} }}"
    with run_neovim(tmp_path, options, text="\n") as running:
        yield running


def test_ghost_text_can_be_switched_off_and_on(editor: Editor, model: ModelBeside) -> None:
    editor.type("ival")
    editor.expect_ghost("ue = 42")
    editor.type("<Esc>")
    editor.command("Foretype off")
    feature = (
        "local client = vim.lsp.get_clients({ name = 'foretype' })[1];"
        "local params = { command = 'foretype.status' };"
        "local reply = client:request_sync('workspace/executeCommand', params, 5000);"
        "return reply.result.features.codeCompletion"
    )
    eventually(lambda: editor.lua(feature) is False)
    asked = len(model.asked("/v1/completions"))
    editor.type("oval")
    editor.lua("vim.wait(600)")
    assert editor.ghost is None
    assert len(model.asked("/v1/completions")) == asked
    editor.type("<Esc>")
    editor.command("Foretype on")
    eventually(lambda: editor.lua(feature) is True)
    editor.type("oval")
    editor.expect_ghost("ue = 42")


def test_a_model_can_be_chosen(editor: Editor) -> None:
    editor.lua("vim.ui.select = function(items, _, choose) choose(items[#items]) end")
    editor.command("Foretype model")
    eventually(lambda: "fastChat uses endpoint::v1::tiny" in editor.messages)


def test_reloading_says_what_was_found(editor: Editor) -> None:
    editor.command("Foretype reload")
    eventually(lambda: "read again, 0 problems" in editor.messages)


def test_the_doctor_is_shown_in_a_terminal(editor: Editor, model: ModelBeside) -> None:
    editor.command("Foretype doctor")
    eventually(lambda: model.url.removesuffix("/v1") in editor.text.replace("\n", ""), 30.0)
    assert editor.nvim.current.buffer.options["buftype"] == "terminal"


def test_the_log_is_opened(editor: Editor) -> None:
    editor.command("Foretype log")
    assert editor.nvim.current.buffer.name.endswith("lsp.log")


def test_a_chat_needs_no_file(tmp_path: Path, editor: Editor) -> None:
    editor.command("lua vim.lsp.enable('foretype', false)")
    eventually(lambda: not editor.lua("return #vim.lsp.get_clients()"))
    editor.command("enew | ForetypeChat Hello?")
    eventually(lambda: "Yes." in editor.text_of("foretype://chat"))
