"""What models are known to write, in many languages, and what becomes of it once accepted."""

import pytest

from lsp_server.completion.completeness import Completeness
from lsp_server.completion.pipeline import suggest
from lsp_server.completion.situation import Situation

# Language, document with the cursor, what a model writes, and the document afterwards.
ANSWERS = [
    # At the seam, also in the middle of a word.
    ("ruby", "count = ▮\n", " 10", "count = 10\n"),
    ("java", "int x =▮", " 30;", "int x = 30;"),
    ("python", "x = foo.ba▮\n", "r()", "x = foo.bar()\n"),
    ("go", "\tfmt.Prin▮\n", 'tln("a")\n\treturn', '\tfmt.Println("a")\n'),
    ("javascript", "let a = ▮\r\nuse(a)\r\n", "get()\r\nlet b = 2\r\n", "let a = get()\nuse(a)\n"),
    # Languages laid out by indentation, where no mark need stand at the end of a head.
    (
        "haskell",
        "main = do▮\n",
        "\n  x <- getLine\n  print x\n\nf = 1",
        "main = do\n  x <- getLine\n  print x\n",
    ),
    (
        "haskell",
        "f = do\n  forM_ xs $ \\x ->▮\n",
        "\n    print x\n  return ()",
        "f = do\n  forM_ xs $ \\x ->\n    print x\n",
    ),
    (
        "haskell",
        "f x =\n▮\n",
        "  let y = x\n   in y * 2\n\ng = 1",
        "f x =\n  let y = x\n   in y * 2\n",
    ),
    (
        "haskell",
        "module A where\n\n▮\n",
        "f x\n  | x > 0 = 1\n  | otherwise = y\n  where\n    y = 2\n\ng = 2",
        "module A where\n\nf x\n  | x > 0 = 1\n  | otherwise = y\n  where\n    y = 2\n",
    ),
    ("haskell", "f = do\n  x <- ▮\n  print x\n", "get\n  put", "f = do\n  x <- get\n  print x\n"),
    ("haskell", "import A▮\n", "\nimport B\n", None),
    (
        "nim",
        "proc f(x: int): int =▮\n",
        "\n  let y = x\n  y * 2\n\nproc g() = discard",
        "proc f(x: int): int =\n  let y = x\n  y * 2\n",
    ),
    (
        "nim",
        "type\n▮\n",
        "  A = object\n    x: int\n    y: int\n\nvar a = 1",
        "type\n  A = object\n    x: int\n    y: int\n",
    ),
    (
        "coffeescript",
        "if a▮\n",
        "\n  foo\n  bar\nelse\n  baz\nqux",
        "if a\n  foo\n  bar\nelse\n  baz\n",
    ),
    (
        "coffeescript",
        "class A\n▮\n",
        "  constructor: (@x) ->\n    @y = 1\n\n  get: -> @x\n\nb = 1",
        "class A\n  constructor: (@x) ->\n    @y = 1\n\n  get: -> @x\n",
    ),
    # Below a head of several lines without brackets.
    (
        "python",
        "if a and \\\n        b:\n    ▮\n",
        "c()\n    d()\ne()",
        "if a and \\\n        b:\n    c()\n    d()\n",
    ),
    (
        "python",
        "with a as b, \\\n     c as d:▮\n",
        "\n    e()\n    f()\ng()",
        "with a as b, \\\n     c as d:\n    e()\n    f()\n",
    ),
    (
        "shellscript",
        "if [ a ] && \\\n   [ b ]; then\n  ▮\nfi\n",
        "cd c\n  ls\nfi\necho e",
        "if [ a ] && \\\n   [ b ]; then\n  cd c\n  ls\nfi\n",
    ),
    (
        "shellscript",
        "ls | \\\n    while read a; do\n      ▮\n    done\n",
        "cd a\n      ls\n    done\necho b",
        "ls | \\\n    while read a; do\n      cd a\n      ls\n    done\n",
    ),
    (
        "lua",
        "if a\n    and b then\n  ▮\nend\n",
        "c()\n  d()\nend",
        "if a\n    and b then\n  c()\n  d()\nend\n",
    ),
    (
        "ruby",
        "if a &&\n   b\n  ▮\nend\n",
        "c()\n  d()\nend",
        "if a &&\n   b\n  c()\n  d()\nend\n",
    ),
    (
        "nim",
        "if a and\n    b:\n  ▮\n",
        "c()\n  d()\ne()",
        "if a and\n    b:\n  c()\n  d()\n",
    ),
    # The body of a head that has none, whatever the rest of the head.
    (
        "go",
        "func clamp(▮) int {\n}\n",
        "v int) int {\n\treturn min(v, 9)\n}",
        "func clamp(v int) int {\n\treturn min(v, 9)\n}\n",
    ),
    (
        "go",
        "func clamp(▮) int {\n\treturn 1\n}\n",
        "v int) int {\n\treturn v\n}",
        "func clamp(v int) int {\n\treturn 1\n}\n",
    ),
    ("go", "func clamp(▮) int {\n}\n", "a, b int", "func clamp(a, b int) int {\n}\n"),
    (
        "python",
        "def f(▮) -> int:\n",
        "a: int) -> int:\n    b = a\n    return b",
        "def f(a: int) -> int:\n    b = a\n    return b\n",
    ),
    (
        "python",
        "with ▮ as f:\n\nx = 1\n",
        "open(a) as f:\n    g(f)\n    h()\n\nx",
        "with open(a) as f:\n    g(f)\n    h()\n\nx = 1\n",
    ),
    (
        "lua",
        "if ▮ then\nend\n",
        "a < 3 then\n  b()\n  c()\nend",
        "if a < 3 then\n  b()\n  c()\nend\n",
    ),
    ("lua", "if ▮ then\nend\n", "foo(a)\n  b()\nend", "if foo(a) then\nend\n"),
    (
        "lua",
        "if ▮ then\n  d()\nend\n",
        "a < 4 then\n  b()\nend",
        "if a < 4 then\n  d()\nend\n",
    ),
    (
        "shellscript",
        "if [ ▮ ]; then\nfi\n",
        "-f a ]; then\n  cd b\n  ls\nfi\n",
        "if [ -f a ]; then\n  cd b\n  ls\nfi\n",
    ),
    (
        "elixir",
        "if ▮ do\nend\n",
        "a == 1 do\n  b()\n  c()\nend",
        "if a == 1 do\n  b()\n  c()\nend\n",
    ),
    (
        "typescript",
        "class ▮ extends B {\n}\n",
        "Aa extends B {\n  c = 1;\n}",
        "class Aa extends B {\n  c = 1;\n}\n",
    ),
    ("ruby", "foo ▮ if bar\nbaz\n", "qux\nend", "foo qux if bar\nbaz\n"),
    # The beginning of the line, or the lines above, once more.
    ("javascript", "  const c = ▮\n", "  const c = a + b;", "  const c = a + b;\n"),
    ("python", "x = compute(▮)\n", "x = compute(1, 2)", "x = compute(1, 2)\n"),
    ("python", "def f(a):▮\n", "def f(a):\n    return a\n", "def f(a):\n    return a\n"),
    (
        "python",
        "class A:\n    def f(self):\n        ▮\n",
        "class A:\n    def f(self):\n        return 1\n",
        "class A:\n    def f(self):\n        return 1\n",
    ),
    (
        "java",
        "class A {\n    int f() {\n        ▮\n    }\n}\n",
        "class A {\n    int f() {\n        return 1;\n    }\n}",
        "class A {\n    int f() {\n        return 1;\n    }\n}\n",
    ),
    # However short it is, where it is all that is typed on the line.
    ("go", "f {\n\t// ▮\n}\n", "// increment x", "f {\n\t// increment x\n}\n"),
    ("javascript", "f() {\n    //▮\n}\n", " // start it", "f() {\n    // start it\n}\n"),
    ("javascript", "f() {\n    //▮\n}\n", "// start it", "f() {\n    // start it\n}\n"),
    ("python", "def f():\n    # ▮\n", "# Say it.", "def f():\n    # Say it.\n"),
    ("lua", "do\n  -- ▮\nend\n", "-- Say it.", "do\n  -- Say it.\nend\n"),
    ("typescript", "/**\n * ▮\n */\n", "* Adds.", "/**\n * Adds.\n */\n"),
    ("c", "f() {\n  /* ▮ */\n}\n", "/* init */", "f() {\n  /* init */\n}\n"),
    ("markdown", "* A\n  - ▮\n", "- Second", "* A\n  - Second\n"),
    ("yaml", "steps:\n  - ▮\n", "- run: make", "steps:\n  - run: make\n"),
    ("go", "\tx ▮\n", "x := 5", "\tx := 5\n"),
    ("sql", "CREATE TABLE a (\n  id ▮\n);", "  id INTEGER", "CREATE TABLE a (\n  id INTEGER\n);"),
    ("python", "x = [\n    0, ▮\n]\n", "0, 0, 1,", "x = [\n    0, 0, 0, 1,\n]\n"),
    ("python", "x = (a\n  - ▮\n)\n", "-1 * b", "x = (a\n  - -1 * b\n)\n"),
    # With other blanks.
    ("python", "if a:\n    x  =  ▮\n", "x = compute()", "if a:\n    x  =  compute()\n"),
    # A word that is begun.
    ("java", "  private final String na▮\n", "name;", "  private final String name;\n"),
    ("javascript", "f() {\n  re▮\n}\n", "return x;", "f() {\n  return x;\n}\n"),
    ("go", "\tif er▮\n", "err != nil {", "\tif err != nil {\n"),
    ("javascript", "x(rerender);\nre▮\n", "render(a);", "x(rerender);\nrerender(a);\n"),
    # The end of what is typed: a path, a call, a key.
    ("python", "x = self.items.▮\n", "self.items.pop()", "x = self.items.pop()\n"),
    ("python", "x = self.▮\n", "self.items", "x = self.items\n"),
    ("rust", "let s = String::▮\n", 'String::from("a");', 'let s = String::from("a");\n'),
    ("cpp", "auto v = std::▮\n", "std::move(x);", "auto v = std::move(x);\n"),
    ("python", "df = pd.read_csv(▮\n", "pd.read_csv('a.csv')", "df = pd.read_csv('a.csv')\n"),
    (
        "javascript",
        "const a = document.querySelector(▮);\n",
        "document.querySelector('#app');",
        "const a = document.querySelector('#app');\n",
    ),
    (
        "javascript",
        "const a = document.querySelector('▮');\n",
        "document.querySelector('#it');",
        "const a = document.querySelector('#it');\n",
    ),
    (
        "typescript",
        "this.setState({ count: ▮ });\n",
        "count: this.state.count + 1",
        "this.setState({ count: this.state.count + 1 });\n",
    ),
    # What is doubled on purpose.
    ("python", "x = datetime.▮\n", "datetime.now()", "x = datetime.datetime.now()\n"),
    ("javascript", "x = res.data.▮\n", "data.map(f)", "x = res.data.data.map(f)\n"),
    ("java", "x = Math.max(▮);\n", "Math.max(a, b), c);", "x = Math.max(Math.max(a, b), c);\n"),
    ("java", "x = Math.abs(▮);\n", "Math.abs(a)", "x = Math.abs(Math.abs(a));\n"),
    ("python", "x = op.dirname(▮)\n", "op.dirname(a)", "x = op.dirname(op.dirname(a))\n"),
    ("python", "x = op.dirname(▮\n", "op.dirname(a))", "x = op.dirname(op.dirname(a))\n"),
    ("python", "x = op.join(▮\n", "op.join(a, b),", "x = op.join(op.join(a, b),\n"),
    ("python", "f(np.fft(▮\n", "np.fft(x), 0),", "f(np.fft(np.fft(x), 0),\n"),
    ("markdown", "# A\n\n##▮\n", "## B", "# A\n\n#### B\n"),
    ("python", "x = textwrap.de▮\n", "dent(y)", "x = textwrap.dedent(y)\n"),
    # Nothing worth showing.
    ("c", "int main(void) {\n    ▮\n}", "   \n\t\n", None),
    ("javascript", "f(x▮", ")", None),
    ("lua", "-- x\n▮\n", "-- Path: src/a.lua", None),
    ("html", "<p>\n▮\n", "<!-- Path: a.html -->", None),
    ("css", "▮\n", "/* Path: a.css */", None),
    ("lisp", "▮\n", ";; Path: src/a.lisp", None),
    ("fortran", "▮\n", "! Path: src/a.f90", None),
    ("python", "x = 1\n▮\n", "### Assistant: Sure", None),
    ("markdown", "Text.\n\n▮\n", "### Response: a heading", "Text.\n\n### Response: a heading\n"),
    ("python", "x = 1\n▮\n", "```", None),
    ("python", "x = 1\n▮\n", "Assistant: Sure, here is", None),
    ("python", "class Human:\n    ▮\n", "Human: str = 1", None),
    # The declaration below once more, with another body.
    (
        "python",
        '@app.route("▮")\ndef index():\n    pass\n',
        '/")\ndef index():\n    return 1',
        '@app.route("/")\ndef index():\n    pass\n',
    ),
    (
        "python",
        "@▮\ndef f(x):\n    return x\n",
        "cache\ndef f(x):\n    return x * 2",
        "@cache\ndef f(x):\n    return x\n",
    ),
    (
        "python",
        "class A:\n    ▮\n    def x(self):\n        return 1\n",
        "@property\n    def x(self):\n        return 2",
        "class A:\n    @property\n    def x(self):\n        return 1\n",
    ),
    (
        "java",
        '@GetMapping("▮")\npublic String index() {\n    return a;\n}\n',
        '/")\npublic String index() {\n    return b;\n}',
        '@GetMapping("/")\npublic String index() {\n    return a;\n}\n',
    ),
    (
        "java",
        "class A {\n    ▮\n    public String toString() {\n        return a;\n    }\n}\n",
        "@Override\n    public String toString() {\n        return b;\n    }",
        "class A {\n    @Override\n    public String toString() {\n        return a;\n    }\n}\n",
    ),
    (
        "rust",
        "#[derive(▮)]\npub struct P {\n    x: i32,\n}\n",
        "Debug)]\npub struct P {\n    y: i32,\n}",
        "#[derive(Debug)]\npub struct P {\n    x: i32,\n}\n",
    ),
    (
        "typescript",
        "▮\nexport class A {\n  x = 1;\n}\n",
        "@Injectable()\nexport class A {\n  y = 2;\n}",
        "@Injectable()\nexport class A {\n  x = 1;\n}\n",
    ),
    # Not where the parameters, which tell overloads apart, are still to come.
    (
        "kotlin",
        "class A {\n  ▮\n  fun register(\n    a: Int\n  ): Unit = Unit\n}\n",
        "fun register(\n    a: String\n  ): Unit = Unit",
        "class A {\n  fun register(\n    a: String\n  ): Unit = Unit\n  fun register(\n"
        "    a: Int\n  ): Unit = Unit\n}\n",
    ),
    # The next line once more, with other blanks; in a string they tell lines apart.
    (
        "typescript",
        "function f() {\n  ▮\n  return a + b;\n}\n",
        "const a = 1;\n  return a+b;\n}",
        "function f() {\n  const a = 1;\n  return a + b;\n}\n",
    ),
    (
        "python",
        'def f():\n    ▮\n    print(a, "b c")\n',
        'a = 1\n    print(a, "bc")',
        'def f():\n    a = 1\n    print(a, "bc")\n    print(a, "b c")\n',
    ),
    # What is no declaration may well be written twice.
    (
        "go",
        "func f() {\n\t▮\n\tif err != nil {\n\t\treturn\n\t}\n}\n",
        "for a() {\n\t\tb()\n\t}\n\tif err != nil {",
        "func f() {\n\tfor a() {\n\t\tb()\n\t}\n\tif err != nil {\n\t\treturn\n\t}\n}\n",
    ),
    (
        "go",
        "func f() {\n\t▮\n\tif err != nil {\n\t\treturn\n\t}\n}\n",
        "if err != nil {\n\t\tlog(err)\n\t}",
        "func f() {\n\tif err != nil {\n\t\tlog(err)\n\t}\n\tif err != nil {\n\t\treturn\n\t}\n}\n",
    ),
    (
        "python",
        "▮\n    def f(self):\n        pass\n",
        "class A:\n    x = 1\n\n    class B:\n        def f(self):\n            pass",
        "class A:\n    x = 1\n\n    class B:\n        def f(self):\n            pass\n"
        "    def f(self):\n        pass\n",
    ),
    # What stands right of the cursor.
    ("typescript", "foo(bar(▮));", "baz));", "foo(bar(baz));"),
    ("python", 'print(f"{▮}")', 'x}")', 'print(f"{x}")'),
    ("python", 'print(f"{▮}")', "xs", 'print(f"{xs}")'),
    ("python", 'd = {"▮"}\n', 'key": 1', 'd = {"key": 1}\n'),
    ("javascript", "const s = `a ${▮}`;\n", "b}`;\nc();", "const s = `a ${b}`;\n"),
    ("java", "if (▮) {\n}\n", "x > 0) {\n    run();\n}", "if (x > 0) {\n    run();\n}\n"),
    (
        "javascript",
        "items.map((x) => {▮})\n",
        "\n  return x;\n})",
        "items.map((x) => {\n  return x;\n})\n",
    ),
    ("rust", "let v = vec![▮];\n", "1, 2, 3];", "let v = vec![1, 2, 3];\n"),
    ("html", '<a href="▮">x</a>\n', '/home">x</a>', '<a href="/home">x</a>\n'),
    ("html", "<p>▮</p>\n", "Hello</p>", "<p>Hello</p>\n"),
    (
        "typescript",
        "import { ▮ } from './a';\n",
        "b, c } from './a';",
        "import { b, c } from './a';\n",
    ),
    ("python", "total = ▮ + 1\n", "count + 1", "total = count + 1\n"),
    # What stands below.
    (
        "go",
        "func f() {\n\tx := 1\n\t▮\n\treturn x\n}\n",
        "x++\n\treturn x\n}",
        "func f() {\n\tx := 1\n\tx++\n\treturn x\n}\n",
    ),
    (
        "javascript",
        "switch (a) {\n  case 1:\n    ▮\n    break;\n  case 2:\n}\n",
        "run();\n    break;\n  case 2:",
        "switch (a) {\n  case 1:\n    run();\n    break;\n  case 2:\n}\n",
    ),
    (
        "css",
        ".a {\n  ▮\n  margin: 0;\n}\n",
        "color: red;\n  margin: 0;\n}",
        ".a {\n  color: red;\n  margin: 0;\n}\n",
    ),
    (
        "html",
        "<ul>\n  <li>a</li>\n  ▮\n</ul>\n",
        "<li>b</li>\n</ul>",
        "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n",
    ),
    # What goes on after a block, and what does not.
    (
        "ruby",
        "begin\n  ▮\n",
        "a\nrescue B => e\n  c\nend\nd",
        "begin\n  a\nrescue B => e\n  c\nend\n",
    ),
    (
        "shellscript",
        "if a; then\n  ▮\n",
        "b\nelif c; then\n  d\nelse\n  e\nfi\nf",
        "if a; then\n  b\nelif c; then\n  d\nelse\n  e\nfi\n",
    ),
    (
        "python",
        "for x in y:\n    ▮\n",
        "if x:\n        break\nelse:\n    z()\nw()",
        "for x in y:\n    if x:\n        break\nelse:\n    z()\n",
    ),
    # Fences, words before them, thoughts.
    (
        "go",
        "func f() int {\n\t▮\n}\n",
        "Here is the code:\n\n```go\n\treturn 1\n```\nHope it helps!",
        "func f() int {\n\treturn 1\n}\n",
    ),
    (
        "python",
        "def f():\n    ▮\n",
        "Sure, I can help.\n\nHere is it:\n\n```python\n    return 1\n```",
        "def f():\n    return 1\n",
    ),
    (
        "python",
        "def f():\n    ▮\n",
        "Sure!\n```python\ndef f():\n    return 1\n```\nIt gives 1.",
        "def f():\n    return 1\n",
    ),
    ("javascript", "const a = ▮;\n", "```js\nfoo();\n```", "const a = foo();\n"),
    (
        "python",
        "def f():\n    ▮\n",
        "    return 1\n```\n\nThis gives 1.",
        "def f():\n    return 1\n",
    ),
    (
        "python",
        "def f():\n    ▮\n",
        "<think>\nA value.\n\nSo, return it.\n</think>\n\n    return 1\n",
        "def f():\n    return 1\n",
    ),
    ("python", "x = ▮\n", "<think></think>42\ny", "x = 42\n"),
    (
        "go",
        "func f() {\n\t▮\n}\n",
        "<think>\n\n</think>\n\n```go\n\ta()\n```",
        "func f() {\n\ta()\n}\n",
    ),
    ("python", "x = ▮\n", "<think>\nA number, ", None),
    # Tokens of models.
    ("c", "int x = ▮;", "10<|im_end|>\n<|im_start|>user", "int x = 10;"),
    ("python", "x = ▮\n", "10 <EOT>", "x = 10\n"),
    ("python", "x = ▮\n", "10<|cursor|>", "x = 10\n"),
    ("python", "x = ▮\n", "10[/INST]", "x = 10\n"),
    ("python", "x = ▮\n", "<|endoftext|>", None),
    # Code about them, however far the line goes on, and HTML that strikes text through.
    (
        "python",
        "stops = ▮\n",
        '["<|im_end|>", "' + "long " * 20 + '"]\n',
        'stops = ["<|im_end|>", "' + "long " * 20 + '"]\n',
    ),
    (
        "html",
        "<p>▮\n",
        "<s>" + "old " * 20 + "</s> new</p>\n",
        "<p><s>" + "old " * 20 + "</s> new</p>\n",
    ),
    (
        "html",
        "<div>\n  ▮\n</div>\n",
        "<p><s>\n    old\n  </s> new</p>\n",
        "<div>\n  <p><s>\n    old\n  </s> new</p>\n</div>\n",
    ),
    # Loops.
    (
        "html",
        "<ul>\n  ▮\n</ul>\n",
        "<li>a</li>\n  <li>b</li>\n" + "  <li>a</li>\n  <li>b</li>\n" * 2,
        "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n",
    ),
    ("python", "def f():\n    ▮\n", "a()\n\n    a()\n\n    a()\n\n    a()", "def f():\n    a()\n"),
    # Comments and texts.
    (
        "javascript",
        "/**\n * ▮\n */\nf();\n",
        "Adds two.\n * @param a\n */\nf",
        "/**\n * Adds two.\n */\nf();\n",
    ),
    ("go", "// ▮\nfunc F() {}\n", "F does it.\nfunc F() {", "// F does it.\nfunc F() {}\n"),
    ("python", 's = """\n▮\n"""\n', 'hello\nworld\n"""\nx = 1', 's = """\nhello\n"""\n'),
    # Tabs.
    (
        "makefile",
        "all:\n▮\n",
        "\techo hi\n\techo ho\n\nclean:\n\trm",
        "all:\n\techo hi\n\techo ho\n",
    ),
    ("python", "def f():\n\t▮\n", "\ta = 1\n\treturn a\n\nx", "def f():\n\ta = 1\n\treturn a\n"),
    # Between brackets that the editor closed: they end up behind the last line.
    ("java", "void f() {▮}\n", "\n    g();\n", "void f() {\n    g();\n}\n"),
    (
        "java",
        "class A {\n\tvoid f() {▮}\n}\n",
        "\n\t\tg();\n\t",
        "class A {\n\tvoid f() {\n\t\tg();\n\t}\n}\n",
    ),
    ("javascript", "const a = [▮];\n", "\n  1,\n  2,\n", "const a = [\n  1,\n  2,\n];\n"),
    ("python", "foo(▮)\n", "a,\n    b", "foo(a,\n    b)\n"),
    ("javascript", "x = ▮;\n", "foo(\n  a,\n)", "x = foo(\n  a,\n);\n"),
    ("go", "if a {▮}\n", "\n\tb()\n\tc(", None),
    # A head whose body the document has.
    (
        "javascript",
        "if (▮) {\n  go();\n}\n",
        "ready) {\n  stop();\n}",
        "if (ready) {\n  go();\n}\n",
    ),
    ("python", "def f(▮):\n    pass\n", "a):\n    return a", "def f(a):\n    pass\n"),
    (
        "python",
        "def f(▮):\n    pass\n",
        "\n    a,\n    b,\n):\n    return a",
        "def f(\n    a,\n    b,\n):\n    pass\n",
    ),
    # What stands there already, and nothing else.
    ("javascript", "foo(a▮);\n", ");\nbar();", None),
    ("html", "<p>a▮</p>\n", "</p>", None),
    # The name before the cursor once more, or the lines above and the beginning of this one.
    ("python", "x = self.req▮\n", "self.requests.get(url)", "x = self.requests.get(url)\n"),
    ("go", "\tx := ctx.Val▮\n", 'Value("a")', '\tx := ctx.Value("a")\n'),
    ("python", "s = 'bye▮'\n", "bye", "s = 'byebye'\n"),
    (
        "python",
        "import os\n\nROOT = ▮\n",
        "import os\n\nROOT = os.sep",
        "import os\n\nROOT = os.sep\n",
    ),
    ("python", "a()\nb = ▮\n", "a()\nc()", "a()\nb = a()\n"),
    # Blank lines after a thought, and thoughts in other forms.
    ("javascript", "const s = ▮;\n", "<think>\nA sum.\n</think>\n\na + b", "const s = a + b;\n"),
    ("go", "func f() {▮\n", "<think>Hm.</think>\n\n\ta()\n}", "func f() {\n\ta()\n}\n"),
    ("python", "x = ▮\n", "[THINK]A call.[/THINK]foo(3)", "x = foo(3)\n"),
    ("python", "x = ▮\n", "<seed:think>A call.</seed:think>foo(3)", "x = foo(3)\n"),
    ("python", "x = ▮\n", "A call would do here.\n</think>\n\nfoo(3)", "x = foo(3)\n"),
    # Fences in other forms.
    ("python", "def f(x):\n    ▮\n", "````python\n    return x\n````", "def f(x):\n    return x\n"),
    (
        "python",
        "def f(x):\n    ▮\n",
        '``` python title="a.py"\n    return x\n```',
        "def f(x):\n    return x\n",
    ),
    ("typescript", "const a = ▮;\n", "```foo()```", "const a = foo();\n"),
    # Talk instead of code, or before it; in texts and comments it may be meant.
    ("python", "def f(x):\n    ▮\n", "I'm sorry, but I cannot complete this code.", None),
    ("rust", "let x = ▮;\n", "There is nothing missing in this file.", None),
    (
        "python",
        "def f(x):\n    ▮\n",
        "Here's the completed code:\n\n    return x\n",
        "def f(x):\n    return x\n",
    ),
    ("python", "# ▮\n", "This is meant to be here.", "# This is meant to be here.\n"),
    ("html", "<p>\n  ▮\n", "This is meant to be here.", "<p>\n  This is meant to be here.\n"),
    ("python", '"""▮\n', "This is meant so too.", '"""This is meant so too.\n'),
    # More tokens of models, and those that only announce the answer.
    ("python", "x = ▮\n", "10<[fim-suffix]>", "x = 10\n"),
    ("python", "x = ▮\n", "10<[end▁of▁sentence]>y", "x = 10\n"),
    ("python", "x = ▮\n", "10<fim-middle>y", "x = 10\n"),
    ("python", "x = ▮\n", "10▁<AIX-SPAN-POST>y", "x = 10\n"),
    ("python", "x = ▮\n", "10<jupyter_output>y", "x = 10\n"),
    ("python", "x = ▮\n", "10<seed:eos>y", "x = 10\n"),
    ("python", "x = ▮\n", "10[|endofturn|]y", "x = 10\n"),
    ("python", "x = ▮\n", "10[e~[y", "x = 10\n"),
    ("python", "x = ▮\n", "`compute(1)`\n\nIt is one.", "x = compute(1)\n"),
    ("go", "x := ▮\n", "`compute`", "x := `compute`\n"),
    ("python", "x = 1  # ▮\n", "`one`", "x = 1  # `one`\n"),
    ("python", "x = ▮\n", "10<CURSOR/>\n", "x = 10\n"),
    ("python", "x = ▮\n", "<|fim_middle|>foo(1)<|fim_pad|>", "x = foo(1)\n"),
    ("python", "x = ▮\n", "\ufefffoo(1)", "x = foo(1)\n"),
    # A type, or a condition, between the bracket that was closed and the block behind it.
    (
        "typescript",
        "function f(▮) {\n}\n",
        "a: A): B {\n  return g(a);\n}",
        "function f(a: A): B {\n  return g(a);\n}\n",
    ),
    ("rust", "fn f(▮) {}\n", "x: u8) -> u8 {", "fn f(x: u8) -> u8 {}\n"),
    (
        "go",
        "func f(▮) {}\n",
        "a int) int {\n\treturn a\n}",
        "func f(a int) int {\n\treturn a\n}\n",
    ),
    (
        "go",
        "func f(▮) {\n\tgo()\n}\n",
        "a int) int {\n\treturn 1\n}",
        "func f(a int) int {\n\tgo()\n}\n",
    ),
    ("kotlin", "fun f(▮) {}\n", "a: Int): Int {}", "fun f(a: Int): Int {}\n"),
    (
        "typescript",
        "xs.map((▮) => {});\n",
        "x: X): Y => {\n  return g(x);\n});",
        "xs.map((x: X): Y => {\n  return g(x);\n});\n",
    ),
    ("javascript", "foo({▮});\n", "\n  a: 1,\n}, b);", "foo({\n  a: 1,\n}, b);\n"),
    ("python", "foo(▮)()\n", "bar())", "foo(bar())()\n"),
    (
        "csharp",
        "void F(▮)\n{\n    Go();\n}\n",
        "int a)\n{\n    Stop();\n}",
        "void F(int a)\n{\n    Go();\n}\n",
    ),
    # Around types, angle brackets are brackets as well.
    ("rust", "let x = y.collect::<▮>();\n", "Vec<_>", "let x = y.collect::<Vec<_>>();\n"),
    ("cpp", "std::map<▮> m;\n", "A, B<C>>", "std::map<A, B<C>> m;\n"),
    ("typescript", "const x = use<▮>();\n", "A | B>(null);", "const x = use<A | B>(null);\n"),
    ("typescript", "new M<▮>();\n", "() => A>();", "new M<() => A>();\n"),
    # A bracket that the first line leaves open, in front of the rest of the line.
    (
        "javascript",
        "useEffect(▮, []);\n",
        "() => {\n  load();\n}",
        "useEffect(() => {\n  load();\n}, []);\n",
    ),
    ("javascript", "useEffect(▮, []);\n", "() => {\n  load(", None),
    ("javascript", "useEffect(▮, [id]);\n", "() => {\n  load();", None),
    (
        "typescript",
        "function f(▮): void {\n}\n",
        "a: number): number {\n  return a;\n}",
        "function f(a: number): number {\n  return a;\n}\n",
    ),
    ("javascript", "foo(bar▮))\n", "(x", "foo(bar(x))\n"),
    ("javascript", "foo(▮)\n", "bar(", None),
    ("python", 'print("▮")\n', "(a", 'print("(a")\n'),
    # What nothing opens, or what the rest of the line closes as well.
    ("python", "x = foo(▮)\n", "a, b))", "x = foo(a, b)\n"),
    ("python", "x = max(▮, key=len)\n", "names)", "x = max(names, key=len)\n"),
    ("python", "foo(\n    bar(▮, 1),\n)\n", "xs)", "foo(\n    bar(xs, 1),\n)\n"),
    # The rest of the line in other blanks or other words.
    ("go", "x := f(▮, b)\n", "a,b)", "x := f(a, b)\n"),
    ("typescript", "foo(▮, { a: 1 });\n", "x, {a: 1});", "foo(x, { a: 1 });\n"),
    ("javascript", "require('▮') ;\n", "fs');", "require('fs') ;\n"),
    ("rust", "let p = P { x: ▮ };\n", "10};", "let p = P { x: 10 };\n"),
    ("javascript", "f(▮ );\n", "g(x);\nh()", "f(g(x) );\n"),
    ("python", "f(▮ )\n", "g(x)\nh()", "f(g(x) )\n"),
    ("python", "x = max(▮, key=len)\n", 'a, default="")', 'x = max(a, default="")\n'),
    ("python", "x = max(▮, key=len)\n", 'f("a, b"))', 'x = max(f("a, b"), key=len)\n'),
    (
        "python",
        "y = [▮ for x in xs]\n",
        "2 * x for x in xs if x]",
        "y = [2 * x for x in xs if x]\n",
    ),
    ("javascript", "`Hi ${▮}!`;\n", "user}, welcome!`;", "`Hi ${user}, welcome!`;\n"),
    ("html", '<p class="▮" id="a">x</p>\n', 'b" id="c">x</p>', '<p class="b" id="c">x</p>\n'),
    ("java", 'format("▮ items", n);\n', 'Total: ", n);', 'format("Total: items", n);\n'),
    (
        "java",
        "for (int i = 0; ▮; i++) {\n    go();\n}\n",
        "i < n; ++i) {\n    sum += i;\n}",
        "for (int i = 0; i < n; ++i) {\n    go();\n}\n",
    ),
    ("javascript", "foo(▮, b) ; // why\n", "a, c);", "foo(a, c); // why\n"),
    # A body between braces, whatever follows them.
    (
        "javascript",
        "setTimeout(() => {▮}, 1000);\n",
        "\n  tick();\n}, 1000);",
        "setTimeout(() => {\n  tick();\n}, 1000);\n",
    ),
    (
        "javascript",
        "setTimeout(() => {▮}, 1000);\n",
        "\n  tick();\n",
        "setTimeout(() => {\n  tick();\n}, 1000);\n",
    ),
    ("javascript", "f(() => {▮}, []);\n", "\n  g();\n", "f(() => {\n  g();\n}, []);\n"),
    ("javascript", "f = () => {▮}; // why\n", "\n  g();\n};", "f = () => {\n  g();\n}; // why\n"),
    ("swift", "xs.map {▮}.sorted()\n", "\n    $0\n}.sorted()", "xs.map {\n    $0\n}.sorted()\n"),
    # An argument of several lines before others.
    (
        "javascript",
        "useEffect(▮, [id]);\n",
        "() => {\n  load();\n}, [id]);\nfoo();",
        "useEffect(() => {\n  load();\n}, [id]);\n",
    ),
    (
        "javascript",
        "useEffect(▮, [id]);\n",
        "() => {\n  read();\n}\nfoo();",
        "useEffect(() => {\n  read();\n}, [id]);\n",
    ),
    ("javascript", "f(▮, [id]);\n", "go\n  .on()", "f(go, [id]);\n"),
    ("python", "run(▮, check=True)\n", '[\n    "a",\n]\nb', 'run([\n    "a",\n], check=True)\n'),
    ("typescript", "f(a, ▮, 0);\n", "{\n  x: 1,\n}\nf(b)", "f(a, {\n  x: 1,\n}, 0);\n"),
    # What does not close the brackets around it, which the rest of the line does.
    ("javascript", "f(▮);\n", "g(x);\nhere()", "f(g(x));\n"),
    ("java", "x = arr[▮];\n", "i + 1;", "x = arr[i + 1];\n"),
    ("java", "for (int i = 0;▮)\n", " i < n; ", "for (int i = 0; i < n;)\n"),
    ("python", "if foo(▮):\n    pass\n", "ab\n    return 1", "if foo(ab):\n    pass\n"),
    ("python", "foo(▮)\n", "ab\n    .c()\nd()", "foo(ab\n    .c())\n"),
    ("python", "foo(▮)\n", "\nbar()", None),
    ("python", "foo(▮)\n", "\n    bar()\nx()", "foo(\n    bar()\n)\n"),
    (
        "python",
        "foo(▮)\n",
        "a for a in b\n    # why\n    if a",
        "foo(a for a in b\n    # why\n    if a)\n",
    ),
    ("python", "foo(▮)\n", 'f"a"\n    f"b"\n)', 'foo(f"a"\n    f"b"\n)\n'),
    ("ruby", "a = %w[▮]\n", "bc\n  de", "a = %w[bc\n  de]\n"),
    (
        "sql",
        "SELECT a WHERE b IN (▮);\n",
        "SELECT c\n  FROM d);",
        "SELECT a WHERE b IN (SELECT c\n  FROM d);\n",
    ),
    # The end of a block closes the call that the block is an argument of.
    ("lua", "foo(function()\n  ▮", "a()\nend)\nfoo()", "foo(function()\n  a()\nend)"),
    ("lua", "f({ a = function()\n  ▮", "b()\nend })\nc()", "f({ a = function()\n  b()\nend })"),
    ("elixir", "map(xs, fn x ->\n  ▮", "x + 1\nend)\nfoo()", "map(xs, fn x ->\n  x + 1\nend)"),
    ("lua", "f(function()\n  ▮\nend)\n", "go()\nend)\nfoo()", "f(function()\n  go()\nend)\n"),
    # Brackets in strings close nothing.
    ("python", "print(▮)\n", '":)")\nx = 1', 'print(":)")\n'),
    ("c", "f(▮);\n", "'(', ')');", "f('(', ')');\n"),
    ("rust", "f(▮);\n", "&'a x, g('b')", "f(&'a x, g('b'));\n"),
    # Several lines between brackets, whatever follows them.
    (
        "rust",
        "fn f(▮) -> Result<A> {\n    go()\n}\n",
        "\n    a: A,\n    b: B,\n) -> Result<A> {",
        "fn f(\n    a: A,\n    b: B,\n) -> Result<A> {\n    go()\n}\n",
    ),
    (
        "swift",
        "func f(▮) {\n  go()\n}\n",
        "_ a: A,\n       b c: D",
        "func f(_ a: A,\n       b c: D) {\n  go()\n}\n",
    ),
    (
        "typescript",
        'test("a", () => {\n  expect(▮).toThrow();\n});\n',
        "() => {\n    go();\n  }).toThrow();\n});",
        'test("a", () => {\n  expect(() => {\n    go();\n  }).toThrow();\n});\n',
    ),
    (
        "java",
        '    X x = of(\n        "a", ▮);\n}\n',
        '10,\n        "b", 76);\n}',
        '    X x = of(\n        "a", 10,\n        "b", 76);\n}\n',
    ),
    # The rest of the line in other words, from a model that never saw it.
    ("javascript", "items.▮();\n", "push(1);", "items.push(1);\n"),
    ("javascript", "items.▮();\n", "push(2)", "items.push(2);\n"),
    ("rust", "    x.▮()?;\n", "read(&mut b)?;", "    x.read(&mut b)?;\n"),
    ("python", "def ▮():\n    pass\n", "run(x):\n    pass", "def run(x):\n    pass\n"),
    (
        "python",
        "for ▮ in xs:\n    go()\n",
        "i, x in enumerate(xs):\n    print(x)",
        "for i, x in enumerate(xs):\n    go()\n",
    ),
    ("go", "\tx := []▮{}\n", 'string{"a"}', '\tx := []string{"a"}\n'),
    ("go", "\tx := ▮{}\n", "Config{A: 1}", "\tx := Config{A: 1}\n"),
    (
        "javascript",
        "function ▮() {\n  go();\n}\n",
        "run(x) {\n  return x;\n}",
        "function run(x) {\n  go();\n}\n",
    ),
    (
        "go",
        "func ▮() {\n}\n",
        "run(x int) int {\n\treturn x\n}",
        "func run(x int) int {\n\treturn x\n}\n",
    ),
    ("javascript", "f(▮, b)\n", "g(a, b)", "f(g(a, b), b)\n"),
    ("javascript", "f(▮)\n", "g().h(a)", "f(g().h(a))\n"),
    ("javascript", "a.▮.get();\n", "target.forget()", "a.target.forget().get();\n"),
    ("javascript", "await ▮();\n", "promisify(f)", "await promisify(f)();\n"),
    ("html", "<p>▮</p>\n", "<b>x</b>", "<p><b>x</b></p>\n"),
    # What the document says next, in characters that are no brackets.
    (
        "shellscript",
        "case $x in\n  a)\n    ▮\n    ;;\nesac\n",
        "run_it\n    ;;",
        "case $x in\n  a)\n    run_it\n    ;;\nesac\n",
    ),
    ("ocaml", "let x =\n  ▮\n;;\n", "go 1\n;;", "let x =\n  go 1\n;;\n"),
    ("fsharp", "let x =\n  [|\n    ▮\n  |]\n", "1; 2\n  |]", "let x =\n  [|\n    1; 2\n  |]\n"),
    ("prolog", "a :-\n  ▮\n  .\n", "b(X)\n  .", "a :-\n  b(X)\n  .\n"),
    # A pipeline, whose lines all stand on one level.
    (
        "elixir",
        "x =\n  ▮\n\ny = 1\n",
        "list\n  |> a()\n  |> b()\n\ny = 1",
        "x =\n  list\n  |> a()\n  |> b()\n\ny = 1\n",
    ),
    (
        "elixir",
        "x =\n  list\n  ▮\n\ny = 1\n",
        "|> a()\n  |> b()\n\ny = 1",
        "x =\n  list\n  |> a()\n  |> b()\n\ny = 1\n",
    ),
    ("fsharp", "▮\n", "list\n|> a\n|> b\nother", "list\n|> a\n|> b\n"),
    ("ocaml", "let () =\n  ▮\n", "l\n  |> a\n  |> b\nlet c", "let () =\n  l\n  |> a\n  |> b\n"),
    # Words that end or divide a block in other languages only.
    ("python", "for x in xs:\n    ▮\n", "f(x)\nend = time()", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\nend_time(x)", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\ndone()", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\nuntil(x)", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\nafter = 1", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\ncatch(x)", "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", 'f(x)\nendpoint = "a"', "for x in xs:\n    f(x)\n"),
    ("python", "for x in xs:\n    ▮\n", "f(x)\nrescue(x)", "for x in xs:\n    f(x)\n"),
    ("yaml", "server:\n  ▮\n", "port: 80\nendpoints:\n  - a", "server:\n  port: 80\n"),
    ("yaml", "server:\n  ▮\n", "port: 80\ndone: 1", "server:\n  port: 80\n"),
    ("yaml", "server:\n  ▮\n", "port: 80\nelse: 1", "server:\n  port: 80\n"),
    ("yaml", "server:\n  ▮\n", "port: 80\nfinally:\n  b: 1", "server:\n  port: 80\n"),
    ("toml", "[a]\n▮\n", "x = [\n  1,\n]\nin = 2", "[a]\nx = [\n  1,\n]\n"),
    ("haskell", "f = do\n  ▮\n", "x\n  y\nendo = 1", "f = do\n  x\n  y\n"),
    ("lua", "if a then\n  ▮\n", "f()\nendpoint()", "if a then\n  f()\n"),
    ("ruby", "xs.each do |x|\n  ▮\n", "f(x)\nend.sort\ng", "xs.each do |x|\n  f(x)\nend.sort\n"),
    ("shellscript", "if a; then\n  ▮\n", "go\ndone=1", "if a; then\n  go\n"),
    ("cmake", "if(A)\n  ▮\n", "f()\nendif()\ng()", "if(A)\n  f()\nendif()\n"),
    ("makefile", "ifdef A\n  ▮\n", "B = 1\nendif\nC = 1", "ifdef A\n  B = 1\nendif\n"),
    # A statement that ends where that of the line goes on.
    ("c", "x = ▮ + 1;\n", "y * 2;", "x = y * 2 + 1;\n"),
    ("python", "if ▮ and b:\n    go()\n", "a > 1:\n    go()", "if a > 1 and b:\n    go()\n"),
    ("python", "def ▮(x):\n    go()\n", "run(y):\n    go()", "def run(x):\n    go()\n"),
    ("javascript", "self.▮(x);\n", "reset(y);", "self.reset(x);\n"),
    ("javascript", "[▮].map(f);\n", "1, 2];", "[1, 2].map(f);\n"),
    ("javascript", "x = ▮.trim();\n", "req.body.name;", "x = req.body.name.trim();\n"),
    ("sql", "SELECT ▮ FROM t;\n", "id, no FROM u;", "SELECT id, no FROM t;\n"),
    ("javascript", "x = a ? ▮ : c;\n", "left : right;", "x = a ? left : c;\n"),
    ("rust", "let f = |▮| x;\n", "mut y| y + 1;", "let f = |mut y| x;\n"),
    ("rust", "let f = |▮| x;\n", "| y + 1;", None),
    ("typescript", "let a: ▮ | null;\n", "string;", "let a: string | null;\n"),
    ("c", "case 1: ▮ break;\n", "go();", "case 1: go(); break;\n"),
    ("c", "case 1: ▮ ++i; break;\n", "go(a);", "case 1: go(a); ++i; break;\n"),
    ("c", "f() { a(); ▮ *b = 1; }\n", "go(b);", "f() { a(); go(b); *b = 1; }\n"),
    ("c", "x = ▮ // Sum\n", "y + 2;", "x = y + 2; // Sum\n"),
    ("php", "<?php echo ▮ ?>\n", "$name;", "<?php echo $name; ?>\n"),
    ("html", "<p>Tom ▮ and Jerry</p>\n", "&amp;", "<p>Tom &amp; and Jerry</p>\n"),
    ("markdown", "We saw ▮ and left.\n", "the dog;", "We saw the dog; and left.\n"),
    # No comma before what closes, where the format has none there.
    ("json", "{\n  ▮\n}\n", '"a": [1],\n  "b": 2\n}', '{\n  "a": [1],\n  "b": 2\n}\n'),
    ("json", '{\n  "x": 1,\n  ▮\n}\n', '"a": [1],\n  "b": 2', '{\n  "x": 1,\n  "a": [1]\n}\n'),
    ("json", '{\n  ▮\n  "y": 2\n}\n', '"a": [2],', '{\n  "a": [2],\n  "y": 2\n}\n'),
    ("json", "[▮]\n", "10, 20,", "[10, 20]\n"),
    ("jsonc", '{\n  "x": 1,\n  ▮\n}\n', '"a": [1],', '{\n  "x": 1,\n  "a": [1],\n}\n'),
    # A word alone that closes what the document closes already.
    ("ruby", "def f\n  a = 1\n  ▮\nend\n", "end", None),
    ("lua", "local function f()\n  a = 1\n  ▮\nend\n", "end", None),
    ("elixir", "def f do\n  a = 1\n  ▮\nend\n", "end", None),
    ("julia", "function f()\n  a = 1\n  ▮\nend\n", "end", None),
    ("shellscript", "if a; then\n  a = 1\n  ▮\nfi\n", "fi", None),
    ("shellscript", "while a; do\n  a = 1\n  ▮\ndone\n", "done", None),
    ("shellscript", "case a in\n  a = 1\n  ▮\nesac\n", "esac", None),
    ("viml", "function! F()\n  a = 1\n  ▮\nendfunction\n", "endfunction", None),
    ("cmake", "if(A)\n  a = 1\n  ▮\nendif()\n", "endif()", None),
    ("sql", "BEGIN\n  a = 1\n  ▮\nEND;\n", "END;", None),
    ("latex", "\\begin{a}\n  a = 1\n  ▮\n\\end{a}\n", "\\end{a}", None),
    ("makefile", "ifdef A\n  a = 1\n  ▮\nendif\n", "endif", None),
    ("makefile", "ifdef A\nB = 1\n▮\nendif\n", "endif\n", None),
    ("ruby", "class A\n  def f\n    x\n  end\n\n  ▮\nend\n", "end\nend\n\n", None),
    ("ruby", "def f\n  ▮\nend\n", "x = 1\n  end", "def f\n  x = 1\nend\n"),
    ("lua", "if a then\n  ▮\nend\n", "go()\n  end\nend", "if a then\n  go()\nend\n"),
    ("elixir", "case a do\n  ▮\nend\n", "b ->\n    c\n  end", "case a do\n  b ->\n    c\nend\n"),
    # One that is missing there.
    ("ruby", "def f\n  if a\n    b\n  ▮\nend\n", "end\nend", "def f\n  if a\n    b\n  end\nend\n"),
    (
        "ruby",
        "def f\n  x = if a\n        b\n      ▮\nend\n",
        "end\n",
        "def f\n  x = if a\n        b\n      end\nend\n",
    ),
    (
        "lua",
        "do\n  f(function()\n    a()\n  ▮\nend\n",
        "end)\nend",
        "do\n  f(function()\n    a()\n  end)\nend\n",
    ),
    (
        "sql",
        "BEGIN\n  SELECT CASE\n           WHEN a THEN b\n         ▮\nEND;\n",
        "END AS c",
        "BEGIN\n  SELECT CASE\n           WHEN a THEN b\n         END AS c\nEND;\n",
    ),
    (
        "ruby",
        "def f\n  ▮\nend\n",
        "if a\n    b\n  end\n  c do |d|\n    e\n  end\nend",
        "def f\n  if a\n    b\n  end\n  c do |d|\n    e\n  end\nend\n",
    ),
    (
        "ruby",
        "class A\n  ▮\nend\n",
        "private def f # if\n    b\n  end\n  def g\n  end",
        "class A\n  private def f # if\n    b\n  end\n  def g\n  end\nend\n",
    ),
    (
        "shellscript",
        "f() {\n  ▮\n}\n",
        "a | while b; do\n    c\n  done | sort\n  d",
        "f() {\n  a | while b; do\n    c\n  done | sort\n  d\n}\n",
    ),
    # The mark of a comment once more, in every language.
    ("latex", "  % ▮\n  x\n", "% Sum", "  % Sum\n  x\n"),
    ("vb", "  ' ▮\n  x\n", "' Sum", "  ' Sum\n  x\n"),
    ("ocaml", "  (* ▮ *)\n  x\n", "(* Sum *)", "  (* Sum *)\n  x\n"),
    ("erlang", "  %% ▮\n  x\n", "%% Sum", "  %% Sum\n  x\n"),
    ("matlab", "  % ▮\n  x\n", "% Sum", "  % Sum\n  x\n"),
    ("fortran", "  ! ▮\n  x\n", "! Sum", "  ! Sum\n  x\n"),
    ("ini", "  ; ▮\n  x\n", "; Sum", "  ; Sum\n  x\n"),
    ("asm", "  ; ▮\n  x\n", "; Sum", "  ; Sum\n  x\n"),
    ("pascal", "  // ▮\n  x\n", "// Sum", "  // Sum\n  x\n"),
    ("proto3", "  // ▮\n  x\n", "// Sum", "  // Sum\n  x\n"),
    ("zig", "  // ▮\n  x\n", "// Sum", "  // Sum\n  x\n"),
    ("cobol", "  *> ▮\n  x\n", "*> Sum", "  *> Sum\n  x\n"),
    ("prolog", "  % ▮\n  x\n", "% Sum", "  % Sum\n  x\n"),
    # Written from further left than the cursor stands.
    (
        "javascript",
        "function f(xs) {\n  ▮\n}\n",
        "for (const x of xs) {\n  log(x);\n}\nreturn xs;",
        "function f(xs) {\n  for (const x of xs) {\n    log(x);\n  }\n  return xs;\n}\n",
    ),
    (
        "python",
        "class A:\n    def f(self, xs):\n        ▮\n",
        "for x in xs:\n    print(x)\nreturn xs",
        "class A:\n    def f(self, xs):\n        for x in xs:\n            print(x)\n"
        "        return xs\n",
    ),
    (
        "go",
        "func f(xs []int) {\n\t▮\n}\n",
        "for _, x := range xs {\n\tg(x)\n}\nreturn",
        "func f(xs []int) {\n\tfor _, x := range xs {\n\t\tg(x)\n\t}\n\treturn\n}\n",
    ),
    (
        "lua",
        "function f()\n  ▮\nend\n",
        "if a then\n  b()\nend\ncc()",
        "function f()\n  if a then\n    b()\n  end\n  cc()\nend\n",
    ),
    (
        "css",
        "@media print {\n  ▮\n}\n",
        ".a {\n  color: red;\n}",
        "@media print {\n  .a {\n    color: red;\n  }\n}\n",
    ),
    (
        "javascript",
        "  const x = ▮;\n",
        "xs.map(x => {\n  return `a\nb`;\n});",
        "  const x = xs.map(x => {\n    return `a\nb`;\n  });\n",
    ),
    (
        "go",
        "func f() int {\n\tif a {\n\t\t▮\n\t}\n}\n",
        "```go\nx := 1\n\nreturn x\n```",
        "func f() int {\n\tif a {\n\t\tx := 1\n\n\t\treturn x\n\t}\n}\n",
    ),
    (
        "rust",
        "fn f() -> u8 {\n    ▮\n}\n",
        "let x = 1;\nx + 1",
        "fn f() -> u8 {\n    let x = 1;\n    x + 1\n}\n",
    ),
    (
        "python",
        "def f():\n    ▮\n",
        "```python\nx = 1\nreturn x\n```",
        "def f():\n    x = 1\n    return x\n",
    ),
    (
        "python",
        "def f():\n    ▮\n",
        '```python\n"""Do it.\n\nWell.\n"""\nrun()\n```',
        'def f():\n    """Do it.\n\n    Well.\n    """\n    run()\n',
    ),
    (
        "python",
        "class A:\n    def f(self, xs):\n        ▮\n",
        "```python\ndef f(self, xs):\n    for x in xs:\n        yield x\n```",
        "class A:\n    def f(self, xs):\n        for x in xs:\n            yield x\n",
    ),
    # The same lines where they may just as well be meant so.
    (
        "python",
        "def f():\n    ▮\n",
        "```python\nreturn 1\n\n\ndef g():\n    return 2\n```",
        "def f():\n    return 1\n",
    ),
    (
        "go",
        "func f() {\n\t▮\n}\n",
        "switch x {\n\tcase 1:\n\t\tg()\n\t}\n}",
        "func f() {\n\tswitch x {\n\tcase 1:\n\t\tg()\n\t}\n}\n",
    ),
    (
        "c",
        "void f() {\n    ▮\n}\n",
        "run();\nout:\n    stop();\n}",
        "void f() {\n    run();\nout:\n    stop();\n}\n",
    ),
    (
        "python",
        "def f(\n        ▮\n",
        "self, a):\n    return a\n",
        "def f(\n        self, a):\n    return a\n",
    ),
    # Indented with blanks where the file has tabs.
    ("python", "def f():\n\t▮\n", "    x = 1\n    return x", "def f():\n\tx = 1\n\treturn x\n"),
    ("makefile", "all:\n\t▮\n", "gcc a.c\n    strip a", "all:\n\tgcc a.c\n\tstrip a\n"),
    (
        "java",
        "class A {\n\tint f() {\n\t\t▮\n\t}\n}\n",
        "        int x = 1;\n        return x;\n    }",
        "class A {\n\tint f() {\n\t\tint x = 1;\n\t\treturn x;\n\t}\n}\n",
    ),
    (
        "python",
        "def f(a):\n\tif a:\n\t\treturn 1\n\t▮\n",
        "for x in a:\n        print(x)\n    return 2",
        "def f(a):\n\tif a:\n\t\treturn 1\n\tfor x in a:\n\t\tprint(x)\n",
    ),
    (
        "go",
        "func f() {\n\t▮\n}\n",
        "```go\nif a {\n    s = `\n    b`\n}\n```",
        "func f() {\n\tif a {\n\t\ts = `\n    b`\n\t}\n}\n",
    ),
    # A string that nothing right of the cursor ends.
    ("python", 'f("socket: ▮)\n', 'EOF")', 'f("socket: EOF")\n'),
]


@pytest.mark.parametrize("case", ANSWERS, ids=[f"{case[0]} {case[2]!r}" for case in ANSWERS])
def test_accepting_an_answer_gives_what_the_user_wants(
    case: tuple[str, str, str, str | None],
) -> None:
    language_id, document, raw, wanted = case
    before, after = document.split("▮")
    situation = Situation.of(before, after, language_id)
    completeness = Completeness(situation)
    read = ""
    for character in raw:
        read += character
        if completeness.add(character):
            break

    assert accepted(situation, raw) == wanted
    assert accepted(situation, read) == wanted


def accepted(situation: Situation, raw: str) -> str | None:
    suggestion = suggest(raw, situation)
    if suggestion is None:
        return None
    return situation.prefix + suggestion.text + situation.suffix[suggestion.replaces :]


def test_a_long_thought_is_read_once() -> None:
    situation = Situation.of("x = ", "\n", "python")
    completeness = Completeness(situation)

    assert not completeness.add("<think>\n")
    assert not any(completeness.add(f"So, line {number}.\n") for number in range(50_000))
    assert not completeness.add("</think>\n")
    assert completeness.add("42\n")
