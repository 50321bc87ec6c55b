"""Prompts for models that only continue text, and the way back from their answers."""

import pytest

from providers.continuation import Continuation


def at_cursor(prefix: str, answer: str) -> str:
    """What arrives of an answer that comes character by character."""
    whole, split = Continuation(prefix), Continuation(prefix)
    in_pieces = "".join(split.feed(character) for character in answer) + split.close()

    assert whole.feed(answer) + whole.close() == in_pieces
    assert whole.is_stopped == split.is_stopped
    return in_pieces


@pytest.mark.parametrize(
    ("prefix", "prompt"),
    [
        ("def f():\n    ", "def f():"),
        ("def f():\r\n\t", "def f():"),
        ("    return ", "    return"),
        ("x = f(", "x = f("),
        ("\n\n", "\n\n"),
        ("", "\n"),
    ],
    ids=repr,
)
def test_blanks_at_the_end_of_the_prompt_are_withheld(prefix: str, prompt: str) -> None:
    assert Continuation(prefix).prompt == prompt


@pytest.mark.parametrize(
    ("prefix", "answer", "text"),
    [
        ("def f():\n    ", "\n    return 1\n    x", "return 1\n    x"),
        ("def f():\n", "\n    return 1", "    return 1"),
        ("def f():\n", "    return 1", "    return 1"),
        ("func f() {\n", "\treturn", "\treturn"),
        ("if a {\n\t", "\t\tb()", "\tb()"),
        ("case x do\n  ", ":ok -> 1", ":ok -> 1"),
        ("f = x =>\n  ", "(x)", "(x)"),
        ("a = 1;\n", "(b)", "(b)"),
        ('<ul class="a">\n  ', "{#each a as b}", "{#each a as b}"),
        ("    return ", " 1 + 2", "1 + 2"),
        ("x = f(", " 1)", " 1)"),
        ("import os\n\n", "\nimport sys", "import sys"),
        ("if (x) {\n\t", "\n\treturn;", "return;"),
        ("def f():\n    ", " return 1\n\nx", "return 1\n\nx"),
        ("f(\n    a,\n", " b)", "b)"),
        ("def f():\n    x = 1\n", "\n    return x", "    return x"),
        ("def f():\n    x = 1\n", "    return x", "    return x"),
        ("def f():\n    x = 1\n\n", "\n\n    return x", "    return x"),
        ("def f():\n    x = 1\n\n", "    return x", "    return x"),
        ("func f() {\n\tx := 1\n", "\tg(x)", "\tg(x)"),
        ("a:\n  b: 1\n", "  c: 2", "  c: 2"),
        ("a: ", "\n  b: 1\n  c: 2", "\n  b: 1\n  c: 2"),
        ("if a: ", " \r\n    b()\r\n    c()", "\r\n    b()\r\n    c()"),
        ("if a then ", "\n  b()", "\n  b()"),
        ("a: ", "\n- b", "\n- b"),
        ("if a: ", " b()", "b()"),
        ("    if a: ", "\nb()", "b()"),
        ("x = ", "\n  1 + 2", "1 + 2"),
        ("a = b\n", "  .map(f)\n", "  .map(f)\n"),
        ("a = b\n", "\n  .map(f)\n", "  .map(f)\n"),
    ],
    ids=repr,
)
def test_the_answer_goes_on_at_the_cursor(prefix: str, answer: str, text: str) -> None:
    assert at_cursor(prefix, answer) == text


@pytest.mark.parametrize(
    ("prefix", "answer"),
    [
        ("import os\n\n", ".path as p\n"),
        ("import os\n\n", " as system\n"),
        ("x = 1\n    ", " + 2\n"),
        ("x = 1\n", "<< 2\n"),
        ("def f():\n    return 1\n    ", "\n\ndef g():\n    pass"),
        ("def f():\n    return 1\n\n\n", "\n    print(2)"),
        ("x = 1\n", "  \n \n"),
        ("def f():\n    x = 1\n", " if y else 2"),
        ("def f():\n    x = 1\n", "    + 2"),
        ("x = 1\n", "  # why"),
        ("x = 1\n", "\n  y = 2"),
        ("def f():\n    x = 1\n\n", "\n    y = 2"),
        ("x = rows\n\n", "[0]"),
        ("x = rows\n\n", "(0)"),
        ("x = {\n}\n", ");"),
        ("x = y\n", ".z"),
        ("x = y\n", "&& z"),
    ],
    ids=[
        "same line",
        "same line, blank",
        "sum",
        "shift",
        "left the block",
        "inside the block above",
        "blank",
        "same line, word",
        "same line, blanks",
        "same line, comment",
        "deeper than any level",
        "above a blank line",
        "index",
        "call",
        "closer",
        "name",
        "condition",
    ],
)
def test_an_answer_for_another_place_gives_nothing(prefix: str, answer: str) -> None:
    assert at_cursor(prefix, answer) == ""


@pytest.mark.parametrize(
    ("prefix", "answer"),
    [
        ("def f():\n    ", "return 1\n    x"),
        ("x = 1\n", "y = 2"),
        ("x = 1\n    ", "    y = 2"),
        ("x = 1\n\n", "@cached\ndef f():"),
        ("x = 1;\n", "// more"),
        ("<b></b>\n", "<p></p>"),
        ("x = 1\n", "```python\ny = 2\n```"),
        ("- one\n", "- two"),
        ("{\n  x: 1\n", "}"),
        (".a {\n}\n", ".b {"),
        ("(define a 1)\n", "(define b 2)"),
        ('name = "a"\n\n', "[dependencies]"),
        ("void F() { }\n\n    ", "[Test]"),
        ("  .b {\n  }\n\n  ", "&:hover {"),
        ("Some text.\n\n", "\\section{Intro}"),
        ("Some text\n\n", "| A | B |"),
        ("Some text\n\n", "* item"),
        ("# Title\n\n", "![logo](logo.png)"),
        ("# Title\n\n", "> quote"),
        ("let v = xs.iter()\n    ", ".map(f)"),
        ("const ok = a\n  ", "&& b;"),
        ("f x\n  ", "| x > 0 = 1"),
        ("list\n", "|> Enum.map(f)"),
    ],
    ids=repr,
)
def test_an_answer_whose_blanks_were_taken_off_stands_at_the_cursor(
    prefix: str, answer: str
) -> None:
    assert at_cursor(prefix, answer) == answer.lstrip()


def test_the_first_character_is_given_at_once_where_no_line_may_begin() -> None:
    assert Continuation("x = ").feed(" 1") == "1"
    assert Continuation("x = 1\n").feed("y") == ""
