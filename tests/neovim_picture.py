"""Takes the picture in the Neovim plugin's README: `python -m tests.neovim_picture`."""

import io
import json
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.fake_model_server import chats, completes, fails, routes
from tests.model_beside import model_beside
from tests.neovim_editor import FORETYPE, PLUGIN, lua_list, poll
from tests.neovim_terminal import terminal

PICTURE = PLUGIN / "images" / "neovim.svg"
COLUMNS, ROWS = 104, 22
MODEL = "qwen2.5-coder-7b"
FILE = '"""Shapes."""\n\n\ndef area(radius):\n    return 3.14 * radius**2\n\n\n'
GHOST = (
    "(width, height):\n"
    '    """Length of the diagonal."""\n'
    "    return (width**2 + height**2) ** 0.5\n"
)
ANSWER = """Use `math.pi`, and check the sign:

```python
import math


def area(radius):
    if radius < 0:
        raise ValueError("negative")
    return math.pi * radius**2
```
"""
INIT = """
vim.opt.rtp:append({plugin})
vim.o.swapfile, vim.o.number, vim.o.termguicolors, vim.o.ruler = false, true, true, false
vim.g.markdown_fenced_languages = {{ 'python' }}
vim.cmd.colorscheme('retrobox')
vim.api.nvim_set_hl(0, 'StatusLine', {{ fg = '#ebdbb2', bg = '#504945' }})
vim.o.statusline = " %t %m %= %{{v:lua.require'foretype'.statusline()}} "
require('foretype').setup({{ cmd = {command}, init_options = {{ endpoint = {url} }} }})
"""
THEME = TerminalTheme((28, 28, 28), (235, 219, 178), [(40, 40, 40)] * 8, [(146, 131, 116)] * 8)


def capture(folder: Path) -> str:
    """Type, ask, and give the screen with its colours."""
    listed = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
    handler = routes(
        {
            "/v1/models": fails(200, listed),
            "/v1/completions": completes(GHOST),
            "/v1/chat/completions": chats(ANSWER, delay_s=0.01),
        }
    )
    (folder / "shapes.py").write_text(FILE, encoding="utf-8")
    with model_beside(handler) as model:
        text = INIT.format(
            plugin=json.dumps(str(PLUGIN)),
            command=lua_list([*FORETYPE, "serve"]),
            url=json.dumps(model.url),
        )
        (folder / "init.lua").write_text(text, encoding="utf-8")
        environ = {f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        size = {"columns": COLUMNS, "rows": ROWS}
        with terminal(folder, "-u", "init.lua", "shapes.py", environ=environ, **size) as screen:
            screen.expect(f"foretype: {MODEL}")
            screen.type(":4,5ForetypeChat What could go wrong here?")
            screen.press("Enter")
            screen.expect("math.pi * radius")
            screen.press("C-w", "t", "G")
            screen.type("idef diagonal")
            screen.expect("** 0.5")
            poll(lambda: screen.screen, lambda seen: f"{MODEL} …" not in seen, 5.0)
            return screen.coloured_screen


def draw(screen: str, *, columns: int, editor: str, theme: TerminalTheme) -> str:
    """Draw a screen as SVG, with no font from elsewhere."""
    console = Console(
        record=True,
        width=columns,
        force_terminal=True,
        color_system="truecolor",
        file=io.StringIO(),
    )
    # All at once: a colour may begin in one line and end in another.
    shown = Text.from_ansi(screen.rstrip("\n"))
    console.print(shown, no_wrap=True, crop=False, overflow="ignore")
    svg = console.export_svg(title=f"Foretype in {editor}", theme=theme, unique_id=editor.lower())
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        taken = capture(Path(folder))
    picture = draw(taken, columns=COLUMNS, editor="Neovim", theme=THEME)
    PICTURE.write_text(picture, encoding="utf-8")
    sys.stderr.write(f"{PICTURE}\n")
