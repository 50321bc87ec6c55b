"""What the documents of the Neovim plugin say is what its code has."""

import re
from pathlib import Path

from tests.documentation import settings_table

PLUGIN = Path(__file__).parent.parent / "editors" / "neovim"
README = (PLUGIN / "README.md").read_text(encoding="utf-8")
HELP = (PLUGIN / "doc" / "foretype.txt").read_text(encoding="utf-8")


def lua(module: str) -> str:
    return (PLUGIN / "lua" / "foretype" / f"{module}.lua").read_text(encoding="utf-8")


def options_in(text: str) -> dict[str, str]:
    """Names and defaults of the options in the first Lua table that begins with `cmd`."""
    table = text[text.index("cmd = { 'foretype', 'serve', '--stdio' }") :]
    table = re.sub(r"\s*--.*", "", table[: table.index("\n  },")])
    return dict(re.findall(r"^\s*(\w+) = (.+?),?$", table, re.MULTILINE))


def test_the_documents_show_the_options_and_their_defaults() -> None:
    declared = options_in(lua("options"))

    assert options_in(README) == declared
    assert options_in(HELP.replace("\t", "")) == declared


def test_the_documents_name_every_command_and_no_other() -> None:
    source = lua("commands")
    made = set(re.findall(r"^  (\w+) = \{", source, re.MULTILINE))
    actions = re.search(r"ipairs\(\{ ([^}]*) \}\)", source)
    assert actions
    made |= set(re.findall(r"'(\w+)'", actions[1]))

    named = set(re.findall(r":(?:\[range\]|'<,'>)?Foretype(\w+)", README))
    assert named == made
    assert set(re.findall(r"\*:Foretype(\w+)\*", HELP)) == made


def test_the_documents_name_everything_that_the_command_does() -> None:
    done = set(re.findall(r"^  (\w+) = (?:function|doctor|switch)", lua("server_commands"), re.M))

    assert set(re.findall(r":Foretype (\w+)`", README)) == done
    assert set(re.findall(r"^:Foretype (\w+)", HELP, re.MULTILINE)) == done


def test_the_settings_named_in_the_readme_exist() -> None:
    rows = README[README.index("| Setting | Means |") :].split("\n\n")[0]
    named = re.findall(r"`([\w.]+)`", "\n".join(row.split("|")[1] for row in rows.splitlines()))
    known = set(re.findall(r"^\| `([\w.]+)`", settings_table(), re.MULTILINE))

    assert set(named) <= known


def test_the_help_documents_every_function_of_the_module() -> None:
    functions = set(re.findall(r"^(?:function )?M\.(\w+)(?:\(| = )", lua("init"), re.MULTILINE))

    assert set(re.findall(r"\*foretype\.(\w+)\(\)\*", HELP)) == functions
