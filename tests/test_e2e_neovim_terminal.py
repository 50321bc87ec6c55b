"""Neovim in a terminal, set up by nothing but the README: what a new user sees."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.fake_model_server import chats, completes, fails, routes
from tests.model_beside import model_beside
from tests.neovim_editor import PLUGIN
from tests.neovim_terminal import TMUX, terminal

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(120),
    pytest.mark.skipif(TMUX is None, reason="needs tmux"),
]

README = (PLUGIN / "README.md").read_text(encoding="utf-8")
FILE = '"""Shapes."""\n\n\ndef area(radius):\n    return 3.14 * radius**2\n\n\n'
BODY = '(width, height):\n    """Length."""\n    return (width**2 + height**2) ** 0.5\n'
ANSWER = "Use this:\n\n```python\nimport math\n```\n\nThat is exact."
XDG = ("CONFIG", "DATA", "STATE", "CACHE")
ROUTES = routes(
    {
        "/v1/models": fails(200, {"object": "list", "data": [{"id": "tiny", "object": "model"}]}),
        "/v1/completions": completes(BODY),
        "/v1/chat/completions": chats(ANSWER, delay_s=0.01),
    }
)


def block(heading: str) -> str:
    """The first block of Lua after some words of the README."""
    found = re.compile(r"```lua\n(.*?)\n\s*```", re.DOTALL).search(README, README.index(heading))
    assert found
    return "\n".join(line.strip() for line in found[1].split("\n"))


def new_home(folder: Path, url: str, *headings: str) -> dict[str, str]:
    """A home whose only file is an init.lua pasted from the README, with paths filled in."""
    init = folder / ".config" / "nvim" / "init.lua"
    init.parent.mkdir(parents=True)
    text = "\n".join(block(heading) for heading in headings)
    text = text.replace("/path/to/foretype/editors/neovim", str(PLUGIN))
    init.write_text(text.replace("http://127.0.0.1:8080/v1", url), encoding="utf-8")
    (folder / "shapes.py").write_text(FILE, encoding="utf-8")
    programs = Path(sys.executable).parent
    home = {f"XDG_{name}_HOME": str(folder / f".{name.lower()}") for name in XDG}
    return {**home, "HOME": str(folder), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def test_three_steps_of_the_readme_lead_to_ghost_text_and_chat(tmp_path: Path) -> None:
    steps = ("2. **Put this folder", "3. **Say where your model is**", "In the status line")
    with model_beside(ROUTES) as model:
        environ = new_home(tmp_path, model.url, *steps)
        with terminal(tmp_path, "shapes.py", environ=environ) as screen:
            screen.expect("shapes.py")
            screen.press("G")
            screen.type("idef diagonal")
            shown = screen.expect("(width, height):").split("\n")
            row = next(number for number, line in enumerate(shown) if "diagonal" in line)
            assert shown[row + 1].strip() == '"""Length."""'
            assert screen.cursor == (len("def diagonal"), row)
            screen.press("M-w")
            screen.press("C-]")
            screen.expect_gone("height):")
            screen.type("w")
            screen.expect("(width, height):")
            screen.press("Tab")
            screen.expect("** 0.5")
            screen.press("Escape")
            screen.type(":4,5ForetypeChat Is this exact?")
            screen.press("Enter")
            screen.expect("That is exact.", 30.0)
            assert "import math" in screen.screen
            screen.press("Escape")
            screen.type("q:w")
            screen.press("Enter")
            screen.expect_gone("That is exact.")
            screen.type(":wq")
            screen.press("Enter")
            screen.expect_gone("import math")
    assert "diagonal(width, height):" in (tmp_path / "shapes.py").read_text()


def test_the_server_alone_runs_without_the_plugin(tmp_path: Path) -> None:
    with model_beside(ROUTES) as model:
        environ = new_home(tmp_path, model.url, "## Without the plugin")
        with terminal(tmp_path, "shapes.py", environ=environ) as screen:
            screen.expect("def area")
            question = "(vim.lsp.get_clients({ name = 'foretype' })[1] or {}).initialized"
            screen.type(f":lua vim.wait(20000, function() return {question} end) print('it runs')")
            screen.press("Enter")
            screen.expect("it runs", 30.0)
            screen.type(f":lua print('initialized:', {question})")
            screen.press("Enter")
            screen.expect("initialized: true")
