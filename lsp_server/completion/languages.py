"""What the block rules know about languages: comments, strings, and what makes a block."""

import re
from dataclasses import dataclass, replace
from typing import Literal

Form = Literal["text", "raw", "template", "comment"]
Shape = Literal["braces", "indent", "words", "prose"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A string: how it begins and ends, and whether it may run over several lines."""

    opener: str
    closer: str
    form: Form = "text"
    spans_lines: bool = False

    @property
    def is_triple(self) -> bool:
        """Whether docstrings are written in it."""
        return self.opener in ('"""', "'''")


@dataclass(frozen=True, slots=True)
class Language:
    """The lexical side of one language, or of a family that shares it.

    `shape` tells what holds a block together: brackets, indentation alone, or indentation with
    closing words or tags; prose has none.
    """

    shape: Shape
    line_comments: tuple[str, ...] = ()
    block_comments: tuple[tuple[str, str], ...] = ()
    quotes: tuple[Quote, ...] = ()
    has_regexes: bool = False
    heredoc: str = ""
    """What stands before the name of a heredoc, as a regular expression."""
    has_characters: bool = False
    has_preprocessor: bool = False
    has_tags: bool = False
    has_items: bool = False
    """Whether lists of `- ` may stand on the level of the line above them."""
    is_laid_out: bool = False
    """Whether all that is indented deeper goes on with a line, however that ends."""
    brackets: str = "()[]{}"
    has_plain_lists: bool = False
    """Whether blanks alone may divide what stands in brackets."""
    joined_by: str = ""
    """What, at the end of a line, makes the next one part of the same statement."""
    body_quote: str = ""
    """What stands around a function's body, alike at both ends, as a regular expression."""
    ended_by: str = ""
    """What alone ends a statement, whatever the lines of it look like."""


_DOUBLE = Quote('"', '"')
_SINGLE = Quote("'", "'")
_LONG_DOUBLE = Quote('"', '"', spans_lines=True)
_LONG_SINGLE = Quote("'", "'", "raw", spans_lines=True)
_TEMPLATE = Quote("`", "`", "template", spans_lines=True)
_TRIPLE_DOUBLE = Quote('"""', '"""', spans_lines=True)
_TRIPLE_SINGLE = Quote("'''", "'''", spans_lines=True)
_SLASHES = (("/*", "*/"),)
_TIGHT = r"(?<![<\w])<<[-~]?(?=[A-Z_\"'])"

C = Language("braces", ("//",), _SLASHES, (_DOUBLE,), has_characters=True, has_preprocessor=True)
JAVA = Language("braces", ("//",), _SLASHES, (_TRIPLE_DOUBLE, _DOUBLE), has_characters=True)
SCRIPT = Language("braces", ("//",), _SLASHES, (_DOUBLE, _SINGLE, _TEMPLATE), has_regexes=True)
PYTHON = Language("indent", ("#",), (), (_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE))
RUBY = Language(
    "words", ("#",), (("=begin", "=end"),), (_DOUBLE, _SINGLE), has_regexes=True, heredoc=_TIGHT
)
SHELL = Language(
    "words", ("#",), (), (_LONG_DOUBLE, _LONG_SINGLE), heredoc=r"(?<!<)<<-?\s?(?!<)", brackets="{}"
)
TAGS = Language("words", (), (("<!--", "-->"),), (), brackets="", has_tags=True)
HASH = Language("words", ("#",), (), (_DOUBLE, _SINGLE))
LISP = Language("braces", (";",), (("#|", "|#"),), (_LONG_DOUBLE,), has_plain_lists=True)
PROSE = Language("prose")
_UNKNOWN = Language("braces", (), (), (_DOUBLE,), has_plain_lists=True)
_ROUND = (("(*", "*)"),)

_TABLE: dict[str, Language] = {
    "c": C,
    "cpp": Language(
        "braces",
        ("//",),
        _SLASHES,
        (Quote('R"(', ')"', "raw", spans_lines=True), _DOUBLE),
        has_characters=True,
        has_preprocessor=True,
    ),
    "csharp": Language(
        "braces",
        ("//",),
        _SLASHES,
        (_TRIPLE_DOUBLE, Quote('@"', '"', "raw", spans_lines=True), _DOUBLE),
        has_characters=True,
        has_preprocessor=True,
    ),
    "css": Language("braces", (), _SLASHES, (_DOUBLE, _SINGLE), joined_by=","),
    "scss": Language("braces", ("//",), _SLASHES, (_DOUBLE, _SINGLE), joined_by=","),
    "go": Language(
        "braces",
        ("//",),
        _SLASHES,
        (_DOUBLE, Quote("`", "`", "raw", spans_lines=True)),
        has_characters=True,
    ),
    "rust": Language(
        "braces",
        ("//",),
        _SLASHES,
        (
            Quote('r#"', '"#', "raw", spans_lines=True),
            Quote('r"', '"', "raw", spans_lines=True),
            _LONG_DOUBLE,
        ),
        has_characters=True,
    ),
    "dart": Language(
        "braces", ("//",), _SLASHES, (_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE)
    ),
    "php": Language(
        "braces",
        ("//", "#"),
        _SLASHES,
        (_LONG_DOUBLE, Quote("'", "'", spans_lines=True)),
        heredoc="<<<",
    ),
    "perl": Language(
        "braces",
        ("#",),
        (("\n=", "\n=cut"),),
        (_DOUBLE, _SINGLE),
        has_regexes=True,
        heredoc=_TIGHT,
        has_plain_lists=True,
    ),
    "tcl": Language("braces", ("#",), (), (_LONG_DOUBLE,), brackets="[]{}", has_plain_lists=True),
    "r": Language("braces", ("#",), (), (_DOUBLE, _SINGLE)),
    "json": Language("braces", ("//",), _SLASHES, (_DOUBLE,)),
    "lua": Language(
        "words",
        ("--",),
        (("--[[", "]]"),),
        (Quote("[[", "]]", "raw", spans_lines=True), _DOUBLE, _SINGLE),
    ),
    "elixir": Language("words", ("#",), (), (_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE)),
    "julia": Language("words", ("#",), (("#=", "=#"),), (_TRIPLE_DOUBLE, _DOUBLE)),
    "viml": Language("words", ('"',), (), (_SINGLE,), brackets=""),
    "sql": Language(
        "words",
        ("--",),
        _SLASHES,
        (Quote("'", "'", "raw", spans_lines=True),),
        ended_by=";",
        body_quote=r"\$\w*\$",
    ),
    "yaml": Language("indent", ("#",), (), (), brackets="", has_items=True),
    "haskell": Language("indent", ("--",), (("{-", "-}"),), (_DOUBLE,), is_laid_out=True),
    "nim": replace(PYTHON, is_laid_out=True),
    "coffeescript": replace(PYTHON, is_laid_out=True),
    "toml": Language("words", ("#",), (), (_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE)),
    "clojure": LISP,
    "makefile": HASH,
    "ini": replace(HASH, line_comments=("#", ";")),
    "matlab": replace(HASH, line_comments=("%",)),
    "latex": replace(PROSE, line_comments=("%",)),
    "erlang": replace(_UNKNOWN, line_comments=("%",)),
    "prolog": replace(_UNKNOWN, line_comments=("%",), block_comments=_SLASHES),
    "vb": replace(_UNKNOWN, line_comments=("'",)),
    "fortran": replace(_UNKNOWN, line_comments=("!",), quotes=(_DOUBLE, _SINGLE)),
    "asm": replace(_UNKNOWN, line_comments=(";",)),
    "cobol": replace(_UNKNOWN, line_comments=("*>",)),
    "ocaml": replace(_UNKNOWN, block_comments=_ROUND),
    "fsharp": replace(_UNKNOWN, line_comments=("//",)),
    "pascal": replace(_UNKNOWN, line_comments=("//",), block_comments=_ROUND, quotes=(_SINGLE,)),
    "zig": replace(_UNKNOWN, line_comments=("//",)),
    "proto3": replace(_UNKNOWN, line_comments=("//",), block_comments=_SLASHES),
    "cmake": Language(
        "words",
        ("#",),
        (("#[[", "]]"),),
        (Quote("[[", "]]", "raw", spans_lines=True), _LONG_DOUBLE),
    ),
}
_SAME_AS = {
    "java": JAVA,
    "kotlin": JAVA,
    "scala": JAVA,
    "swift": JAVA,
    "groovy": JAVA,
    "objective-c": C,
    "objective-cpp": C,
    "cuda-cpp": C,
    "javascript": SCRIPT,
    "javascriptreact": SCRIPT,
    "typescript": SCRIPT,
    "typescriptreact": SCRIPT,
    "python": PYTHON,
    "cython": PYTHON,
    "gdscript": PYTHON,
    "starlark": PYTHON,
    "ruby": RUBY,
    "crystal": RUBY,
    "shellscript": SHELL,
    "sh": SHELL,
    "bash": SHELL,
    "zsh": SHELL,
    "less": _TABLE["scss"],
    "proto": _TABLE["proto3"],
    "jsonc": _TABLE["json"],
    "json5": _TABLE["json"],
    "dockercompose": _TABLE["yaml"],
    "vim": _TABLE["viml"],
    "emacs-lisp": LISP,
    "elisp": LISP,
    "lisp": LISP,
    "scheme": LISP,
    "racket": LISP,
    "terraform": _TABLE["r"],
    **dict.fromkeys(("html", "xml", "vue", "svelte", "astro", "handlebars", "twig"), TAGS),
    **dict.fromkeys(("fish", "dockerfile"), HASH),
    **dict.fromkeys(("markdown", "plaintext", "restructuredtext", "git-commit", "mdx"), PROSE),
}
LANGUAGES = {**_TABLE, **_SAME_AS}


def language_of(language_id: str) -> Language:
    """Give what is known of a language; an unknown one has brackets and double quotes."""
    return LANGUAGES.get(language_id, _UNKNOWN)


def comment_start(language: Language) -> re.Pattern[str]:
    """Give what a line that is nothing but comment begins with."""
    starts = [*language.line_comments, *(opener for opener, _ in language.block_comments)]
    return re.compile("|".join(re.escape(start) for start in starts) or r"(?!)")
