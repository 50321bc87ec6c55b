"""The indentation of a suggestion is in the unit of its file."""

import pytest

from lsp_server.completion.pipeline import suggest
from lsp_server.completion.situation import Situation

ABOVE = "def first(x):\n    if x:\n        return 1\n    while x:\n        x = g(x)\n\n\n"
LOOP = "for item in items:\n      if item:\n        return item\n    return 0\n"


def offered(document: str, raw: str, language_id: str = "python") -> str:
    """What is offered at the mark."""
    prefix, _, suffix = document.partition("▮")
    suggestion = suggest(raw, Situation.of(prefix, suffix, language_id))
    return suggestion.text if suggestion else ""


@pytest.mark.parametrize("own", ["  ", "   ", "\t", "        "])
@pytest.mark.parametrize("unit", ["  ", "    ", "\t"])
def test_a_block_steps_in_as_its_file_does(unit: str, own: str) -> None:
    document = ABOVE.replace("    ", unit) + "def second(items):\n" + unit + "▮\n"
    body = f"for item in items:\n{unit}{own}if item:\n{unit}{own * 2}return item\n{unit}return 0"
    wanted = f"for item in items:\n{unit * 2}if item:\n{unit * 3}return item\n{unit}return 0"

    assert offered(document, body) == wanted


def test_a_block_under_a_head_that_is_typed_steps_in_as_its_file_does() -> None:
    raw = "\n  for item in items:\n    return item\n  return 0"

    found = offered(ABOVE + "def second(items):▮\n", raw)

    assert found == "\n    for item in items:\n        return item\n    return 0"


def test_braces_are_levels_too() -> None:
    above = "function a() {\n  if (b) {\n    c();\n  }\n  else {\n    e();\n  }\n}\n\n"
    document = above + "function d() {\n  ▮\n}\n"
    raw = "if (x) {\n      y(\n          1,\n      );\n  } else {\n      z();\n  }\n"

    wanted = "if (x) {\n    y(\n      1,\n    );\n  } else {\n    z();\n  }"

    assert offered(document, raw, "javascript") == wanted


def test_where_the_file_has_no_blocks_the_models_unit_stays() -> None:
    raw = "for item in items:\n  if item:\n    print(item)\n"

    assert offered("second = []\n▮\n", raw) == raw.rstrip()


def test_where_the_file_has_several_units_the_models_stays() -> None:
    document = ABOVE + "if x:\n  pass\n\n\ndef second(items):\n    ▮\n"

    assert offered(document, LOOP) == LOOP.rstrip()


def test_the_step_that_the_editor_has_made_is_the_files() -> None:
    wanted = "for item in items:\n        if item:\n            return item\n    return 0"

    assert offered("def second(items):\n    ▮\n", LOOP) == wanted


def test_what_is_aligned_within_brackets_tells_no_unit() -> None:
    raw = "total = max(\n            one,\n            two,\n    )\n    return total\n"

    assert offered(ABOVE + "def second(one, two):\n    ▮\n", raw) == raw.rstrip()


def test_a_text_of_several_units_stays_as_it_is() -> None:
    raw = "if a:\n      b()\n    if c:\n        d()\n    return 0\n"

    assert offered(ABOVE + "def second(items):\n    ▮\n", raw) == raw.rstrip()
