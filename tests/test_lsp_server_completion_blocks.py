"""Blocks as each kind of language writes them: where a generated text is cut."""

import random
import sysconfig
from pathlib import Path

import pytest

from lsp_server.completion.blocks import wants_block
from lsp_server.completion.pipeline import suggest
from lsp_server.completion.situation import Situation
from tests import real_python
from tests.real_holes import NOISES, Hole, is_complete, is_fitting, is_restored, stream, written


def situation_of(language_id: str, text: str) -> Situation:
    before, after = text.split("▮")
    return Situation.of(before, after, language_id)


# Name, language, document with the cursor, what is wanted of the text, and what follows it.
BLOCKS = [
    ("closing braces", "c", "int f(int a) {\n\t▮\n}\n", "g(a);\n\th(a);", "\n}\n\nint i;"),
    ("a missing brace", "c", "int f(int a) {\n\t▮\n", "g(a);\n\treturn a;\n}", "\n\nint i;\n"),
    ("a brace of its own line", "c", "int f(int a)▮\n", "\n{\n    return a;\n}", "\n\nint i;"),
    ("an else chain", "java",
     "{\n  a();\n  ▮\n}", "if (x) {\n    b();\n  } else {\n    c();\n  }", "\n  d();"),
    ("else behind a brace that the document closes", "javascript",
     "f();\nif (n < 0) {\n  ▮\n}\ng();\n", "a = -1;\n} else {\n  a = 1;", "\n}\n\ng();\n"),
    ("else if and else behind braces", "go",
     "func f() {\n\tif a {\n\t\t▮\n\t}\n}\n",
     "b()\n\t} else if c(d) {\n\t\te()\n\t} else {\n\t\tg()", "\n\t}\n}\n"),
    ("catch and finally behind braces", "java",
     "try {\n    ▮\n}\n",
     "a();\n} catch (IOException e) {\n    b(e);\n} finally {\n    c();", "\n}\nd();\n"),
    ("else on a line of its own", "c",
     "if (a)\n{\n    ▮\n}\nd();\n",
     "b();\n}\nelse if (c)\n{\n    e();\n}\nelse {\n    g();", "\n}\nd();\n"),
    ("an else after a gap", "rust",
     "if a {\n    ▮\n}\n", "b();\n    if c {\n        d();\n    }", "\n}\n\nelse {\n    e();\n}\n"),
    ("an else that the document holds", "javascript",
     "if (a) {\n  ▮\n} else {\n  c();\n}\n", "b();", "\n} else {\n  c();\n}\n"),
    ("an else that the document holds on its own line", "c",
     "if (a)\n{\n  ▮\n}\nelse\n{\n  c();\n}\n", "b();", "\n}\nelse\n{\n  c();\n}\n"),
    ("an else of the statement around", "javascript",
     "if (a) {\n  if (d) {\n    ▮\n  }\n} else {\n  c();\n}\n",
     "b();", "\n  }\n} else {\n  c();\n}\n"),
    ("else within a statement that has its own", "javascript",
     "if (a) {\n  if (d) {\n    ▮\n  }\n} else {\n  c();\n}\n",
     "b();\n  } else {\n    e();", "\n  }\n} else {\n  c();\n}\n"),
    ("an else without braces", "c", "if (a) {\n  ▮\n}\n", "b();", "\n} else\n  c();\n"),
    ("no else after a function", "javascript",
     "function f() {\n  ▮\n}\n", "a();", "\n} else {\n  b();\n}\n"),
    ("no braces", "c", "{\n  a();\n  ▮\n}", "if (x)\n    b();\n  else\n    c();", "\n  d();"),
    ("a preprocessor line", "c", "{\n  ▮\n}\n", "a();\n#if B\n  b();\n#endif\n  c();", "\n}\n"),
    ("one branch of a switch", "c",
     "switch (a) {\n  case 1:\n    ▮\n}\n", "b();\n    break;", "\n  case 2:\n"),
    ("a brace in a string", "javascript",
     "f(() => {\n  ▮\n});\n", 'a("}");\n  b(`}\n}`);', "\n});\n"),
    ("a brace in a comment", "go", "func f() {\n\t▮\n}\n", "a() // }\n\tb() /* } */", "\n}\n"),
    ("a regular expression", "javascript",
     "function f() {\n  ▮\n}\n", "a = /[}\"]/;\n  b();", "\n}\n"),
    ("a chain of calls", "javascript", "a();\n▮\n", "b()\n  .then(c)\n  .catch(d);", "\ne();\n"),
    ("a list", "javascript", "x = [\n  ▮\n];\n", "1,\n  2,", "\n];\n"),
    ("auto-closed brackets", "javascript", "f(▮)\n", "() => {\n  g();\n})", "\nh();\n"),
    ("a decorator", "python", "a = 1\n\n▮\n", "@b\n@c(\n    1,\n)\ndef d():\n    e()", "\n\nf()\n"),
    ("a head of several lines", "python",
     "def f(\n    a,\n):\n    ▮\n", "b()\n    c()", "\n\nd()\n"),
    ("a string of several lines", "python",
     "def f():\n    ▮\n", 'a = """\nb\n"""\n    c()', "\nd()\n"),
    ("a comment at the margin", "python", "def f():\n    ▮\n", "a()\n# b\n    c()", "\n# d\ne()\n"),
    ("match and case", "python",
     "a()\n▮\n", "match b:\n    case 1:\n        c()\n    case _:\n        d()", "\ne()\n"),
    ("a doc comment", "javascript", "▮\nf();\n", "/**\n * A.\n */", "\nfunction g() {}\n"),
    ("do and end", "ruby", "a\n▮\n", "b.each do |c|\n  d c\nend", "\ne\n"),
    ("when at the level of case", "ruby",
     "def f\n  a\n  ▮\nend\n", "case b\n  when 1\n    c\n  else\n    d\n  end", "\n  e\nend\n"),
    ("rescue", "ruby", "def f\n  ▮\nend\n", "a\nrescue B\n  c", "\nend\n\nd\n"),
    ("then on its own line", "shellscript", "a\n▮\n", "if b\nthen\n\tc\nelse\n\td\nfi", "\ne\n"),
    ("a case of a shell", "shellscript",
     "a\n▮\n", 'case "$b" in\nc)\n\td ;;\n*)\n\te ;;\nesac', "\nf\n"),
    ("a heredoc", "shellscript", "f() {\n\t▮\n}\n", "cat <<EOF\n}\nit's\nEOF\n\tg", "\n}\n"),
    ("a heredoc of PHP", "php",
     "function f() {\n    ▮\n}\n", "$a = <<<X\n}\nX;\n    b();", "\n}\n"),
    ("function and end", "lua",
     "▮\n", "local function a(b)\n  return b -- end\nend", "\n\nlocal c\n"),
    ("endif", "viml", "▮\n", 'if a\n  echo "b\nelse\n  echo c\nendif', "\nlet d = 1\n"),
    ("do and end of Elixir", "elixir", "def f do\n  ▮\nend\n", "a()\n  |> b()", "\nend\n"),
    ("a tag", "html", "<p>a</p>\n▮\n", "<ul>\n  <li>b</li>\n</ul>", "\n<p>c</p>\n"),
    ("what a tag holds", "html",
     "<ul>\n  ▮\n</ul>\n", "<li>a</li>\n  <li>b</li>", "\n</ul>\n<p>c</p>\n"),
    ("tags that nothing indents", "html",
     "<div>\n<p>a</p>\n▮\n</div>\n", "<ul>\n<li>b</li>\n</ul>", "\n<p>c</p>\n</div>\n"),
    ("an element like the one around it", "html",
     "<div>\n▮\n</div>\n", "<div a>\n<p>b</p>\n</div>\n<br>\n<i/>", "\n</div>\n<p>c</p>\n"),
    ("attributes of several lines", "html",
     "<p>a</p>\n▮\n", '<a\nb="x > y"\nc=\'d\'>\ne\n</a>', "\n<p>c</p>\n"),
    ("a tag whose attributes are being written", "html",
     '<div>\n  <a ▮\n  <a href="b">c</a>\n</div>\n', 'href="d">e</a>', '\n  <a href="b">c'),
    ("a tag in a comment and in a script", "html",
     "<div>\n▮\n</div>\n", "<!-- <b> -->\n<script>\nif (a <b) c;\n</script>\n<p>d</p>", "\n</div>"),
    ("a script", "html", "<script>\n  ▮\n</script>\n", "a();\n  b('</p>');\n}", "\n</script>\n"),
    ("a statement of a script", "html",
     "<script>\n  a();\n  ▮\n</script>\n", "if (b) {\n    c('<p>');\n  }", "\n  d();\n"),
    ("a rule of a page's style", "vue",
     '<style lang="scss">\na { b: c }\n▮\n</style>\n', ".d {\n  e: f;\n}", "\n.g {\n}\n"),
    ("all of a fence", "markdown",
     "# A\n\n```python\n▮\n```\n", "a = 1\n\ndef b():\n    c()", "\n```\n\nText.\n"),
    ("a fence that is not closed yet", "markdown",
     "Text:\n\n~~~\n▮", "$ a\n}\n\n$ b", "\n~~~\n\nText.\n"),
    ("a statement in a fence", "markdown",
     "```py\na = 1\n▮\n```\n", "def b():\n    c()", "\n\nd = 2\n"),
    ("after a fence", "markdown", "```py\na = 1\n```\n\n▮\n", "Some text.", "\nMore.\n"),
    ("a fence in a text that begins in one", "markdown",
     "a = 1\n```\n\nText.\n\n```py\n▮\n```\n", "b = 1\n\nc = 2", "\n```\n"),
    ("a fence without a name in a text that begins in one", "markdown",
     "  },\n```\n\nText.\n\n```\na\n```\n\nText.\n\n```\n▮\n```\n", "{\n  'b'", "\n```\n"),
    ("JSX", "javascriptreact",
     "return (\n  <a>\n    ▮\n  </a>\n);\n",
     "<b\n      c={d}\n    />\n    <e>don't</e>", "\n  </a>\n);\n"),
    ("a rule of CSS", "css", "a { b: c }\n\n▮\n", ".d,\n.e {\n  f: g;\n}", "\n\n.h {\n"),
    ("a query", "sql", "▮\n", "SELECT a,\n  b\nFROM c\nWHERE d = 'e;';", "\nSELECT 1;\n"),
    ("a recipe", "makefile", "a: b▮\n", "\n\tc\n\td", "\n\ne:\n"),
    ("a mapping", "yaml", "a:\n  ▮\n", "b: c\n  d:\n  - e\n  - f", "\ng: h\n"),
    ("a list on its key's own level", "yaml", "a:\n▮\n", "- b: c\n  d: e\n- f", "\ng: h\n"),
    ("an item of YAML", "yaml", "a:\n- b\n▮\n", "- c: d\n  e: f", "\n- g\n"),
    ("brackets in YAML's plain text", "yaml", "- a: |\n    f({ b\n▮\n", "- c: d", "\n- e\n"),
    ("a query in a function", "sql",
     "CREATE FUNCTION a() AS $$\nBEGIN\n    x;\n    ▮\nEND;\n$$ LANGUAGE plpgsql;\n",
     "UPDATE b\n    SET c = 1;", "\n    RETURN d;\nEND;\n$$"),
    ("a function of SQL", "sql", "▮\n",
     "CREATE FUNCTION a()\n  RETURNS int\nAS $$\nBEGIN\n  b;\n\n  c;\nEND;\n$$;", "\nd;\n"),
    ("a function after the end of another", "sql", "b;\n$$;\n\n▮\n\nAS $$\nc;\n$$;\n",
     "CREATE FUNCTION a()\nAS $$\nb;\n$$;", "\nd;\n"),
    ("a block of procedural SQL", "sql",
     "▮\n", "BEGIN\n  a;\n\n  IF b THEN\n    c;\n  END IF;\nEND;", "\n\nd;\n"),
    ("a transaction", "sql", "▮\n", "BEGIN;", "\na;\n"),
    ("void tags of HTML in XML", "xml",
     "<a>\n  ▮\n</a>\n", "<b>\n    <link>c</link>\n  </b>\n  <link>d</link>", "\n</a>\n"),
    ("between a tag and its end", "html", "<a>▮</a>\n", "\n  <b>c</b>\n</a>", "\n<d>\n"),
    ("a text of TOML", "toml", "a = 1\n▮\n", 'b = """\nc\n"""', "\nd = 2\n"),
    ("a tag of several lines", "typescriptreact",
     "<a>\n  <Link\n    b={{c: (d) => d}}\n    e={f}>▮\n</a>\n",
     "\n    <g />\n    <h />\n  </Link>", "\n</a>\n"),
    ("what a tag of several lines holds", "typescriptreact",
     "<a>\n  <b\n    c\n    e={f}>\n    ▮\n  </b>\n</a>\n",
     "<g\n      h\n    />\n    <i />", "\n  </b>\n</a>\n"),
    ("an s-expression", "clojure", "(ns a)\n▮\n", "(defn b [c]\n  (d \")\" c))", "\n\n(e)\n"),
    ("an item of Markdown", "markdown", "- a\n- ▮\n", "bc", "\n- c\n"),
    ("lifetimes and characters", "rust",
     "fn f<'a>(b: &'a str) {\n    ▮\n}\n", "let c = '}';\n    d(c);", "\n}\n"),
]  # fmt: skip


@pytest.mark.parametrize("case", BLOCKS, ids=[case[0] for case in BLOCKS])
def test_a_text_that_runs_on_is_cut_after_its_block(case: tuple[str, ...]) -> None:
    _, language_id, document, wanted, more = case
    situation = situation_of(language_id, document)
    seen = ""
    for character in wanted + more:
        seen += character
        if is_complete(seen, situation):
            break

    for raw in (wanted + more, seen):
        suggestion = suggest(raw, situation)
        assert suggestion is not None
        assert suggestion.text == wanted


@pytest.mark.parametrize(
    ("language_id", "document", "raw", "accepted"),
    [
        ("python", "x = fo▮\n", "o(1)\ny = 2", "x = foo(1)\n"),
        ("python", "x = foo▮bar(1)\n", "_bar(1)", "x = foo_bar(1)\n"),
        ("python", "x = foo()▮\n", ".bar()\ny", "x = foo().bar()\n"),
        ("python", 'print("▮")\n', 'hello")\nx', 'print("hello")\n'),
        ("python", 'print("▮")\n', "hello", 'print("hello")\n'),
        ("python", "x = 1  # the ▮\n", "number\ny = 2\n", "x = 1  # the number\n"),
        (
            "python",
            'def f():\n    """Give ▮\n',
            'it."""\n    x()',
            'def f():\n    """Give it."""\n',
        ),
        ("javascript", "f(a, ▮);\n", "b, g(c));\nh();", "f(a, b, g(c));\n"),
        ("javascript", "x = [▮]\n", "1, 2]\ny", "x = [1, 2]\n"),
        ("javascript", "throw ▮\n", "thrownError;\nx", "throw thrownError;\n"),
    ],
)
def test_in_the_middle_of_a_line_the_rest_of_it_comes(
    language_id: str, document: str, raw: str, accepted: str
) -> None:
    situation = situation_of(language_id, document)
    suggestion = suggest(raw, situation)

    assert suggestion is not None
    assert situation.prefix + suggestion.text + situation.suffix[suggestion.replaces :] == accepted


@pytest.mark.parametrize(
    ("language_id", "document", "is_block"),
    [
        ("python", "def f():\n    ▮\n", True),
        ("python", "def f(\n    a,\n):\n    ▮\n", True),
        ("python", "def f():▮\n", True),
        ("python", "def f():  # why▮\n", True),
        ("python", "# a note:▮\n", False),
        ("python", 'x = """a:▮\n', False),
        ("python", "x = 1\n▮\n", False),
        ("haskell", "class A a where▮\n", True),
        ("haskell", "module A where▮\n", False),
        ("haskell", "f x ==▮\n", False),
        ("nim", "proc f(): int =▮\n", True),
        ("nim", "type A = ref object of B▮\n", True),
        ("coffeescript", "else if a▮\n", True),
        ("coffeescript", "if a then b▮\n", False),
        ("javascript", "f(() => {▮})", True),
        ("javascript", "f(▮, b)", True),
        ("javascript", "f(▮b, c)", False),
        ("javascript", "if (a) {\n  // why\n  ▮\n}", True),
        ("html", "<div>▮", True),
        ("html", "<br>▮", False),
        ("markdown", "A list:▮", False),
        ("markdown", "```py\n▮\n```\n", True),
        ("markdown", "```py\ndef a():▮\n```\n", True),
        ("vue", "<script>\nif (a) {▮\n</script>", True),
    ],
)
def test_a_block_is_wanted_where_one_begins(
    language_id: str, document: str, is_block: bool
) -> None:
    assert wants_block(situation_of(language_id, document)) is is_block


def test_a_prefix_that_was_clipped_inside_a_docstring_is_read_right() -> None:
    clipped = 'lists (of things, that go on.\n    """\n    return 1\n\n\ndef f(x):\n    ▮\n'
    suggestion = suggest("y = x\n    return y\n\nz = 1\n", situation_of("python", clipped))

    assert suggestion is not None
    assert suggestion.text == "y = x\n    return y"


def test_a_decorator_above_the_next_method_is_no_repetition() -> None:
    document = "class A:\n    x = 1\n\n    ▮\n\n    @property\n    def b(self): ...\n"
    wanted = "@property\n    def a(self):\n        return 1"
    suggestion = suggest(f"{wanted}\n\n    @property", situation_of("python", document))

    assert suggestion is not None
    assert suggestion.text == wanted


def standard_library() -> list[Hole]:
    chance = random.Random(3)  # noqa: S311 -- a sample
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    taken: list[Hole] = []
    for path in chance.sample(paths, 60):
        text = path.read_text(encoding="utf-8", errors="replace")
        if text.isascii() and "\t" not in text and "\f" not in text:
            holes = [*real_python.holes_in(path.name, text, chance)]
            usual = [hole for hole in holes if 1 < len(hole.wanted.strip()) < 1_000]
            taken += chance.sample(usual, min(4, len(usual)))
    return taken


def test_the_standard_library_comes_back_from_a_model_that_knows_it() -> None:
    holes = standard_library()
    assert len(holes) > 100
    for noise in NOISES:
        tried = [hole for hole in holes if is_fitting(hole, noise)][
            : 200 if noise == "none" else 25
        ]
        missed = [
            hole for hole in tried if not is_restored(hole, stream(hole, written(hole, noise)))
        ]

        assert len(missed) <= 0.03 * len(tried), [(noise, hole.place) for hole in missed]
