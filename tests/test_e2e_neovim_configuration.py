"""The configuration file in a real Neovim with the real server."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.neovim_editor import SERVED, Editor, eventually, lua_list, run_neovim

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

TEXT = """{
  // the team's servers
  "sourcegraph": null,
  "providerOverrides": [
    { "id": "bigcode",
      "serverSideConfig": { "type": "huggingface-tgy", "endpoints": [{ "url": "http://h" }] } },
  ],
  "modelOverridesRecommendedSettings": [
    ""
  ],
}
"""
COMPLETE = """
local client = vim.lsp.get_clients({ name = 'foretype', bufnr = 0 })[1]
local params = {
  textDocument = vim.lsp.util.make_text_document_params(0),
  position = { line = 8, character = 5 },
}
local answer = client:request_sync('textDocument/completion', params, 5000, 0)
local labels = {}
for _, item in ipairs(answer.result.items) do table.insert(labels, item.label) end
return labels
"""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    (tmp_path / "foretype.jsonc").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "lsp_server", "serve"]
    with run_neovim(tmp_path, f"{{ cmd = {lua_list(command)} }}") as editor:
        editor.nvim.command("edit foretype.jsonc")
        eventually(lambda: editor.lua(SERVED))
        yield editor


def test_a_wrong_provider_type_is_marked_where_it_stands(editor: Editor) -> None:
    shown = eventually(lambda: editor.lua("return vim.diagnostic.get(0)"))
    (found,) = [diagnostic for diagnostic in shown if diagnostic["code"] == "provider-type"]
    line = TEXT.split("\n")[5]

    assert found["lnum"] == 5
    assert found["col"] == line.index('"huggingface-tgy"')
    assert found["end_col"] == found["col"] + len('"huggingface-tgy"')
    assert "huggingface-tgi" in found["message"]


def test_recommended_models_are_proposed(editor: Editor) -> None:
    labels: list[Any] = eventually(lambda: editor.lua(COMPLETE))

    assert "bigcode::v1::starcoder2-7b" in labels


def test_the_quick_fix_writes_what_was_meant(editor: Editor) -> None:
    eventually(lambda: editor.lua("return vim.diagnostic.get(0)"))
    editor.nvim.api.win_set_cursor(0, (6, 40))
    editor.lua("vim.lsp.buf.code_action({ apply = true })")

    assert eventually(lambda: '"type": "huggingface-tgi"' in editor.text)
