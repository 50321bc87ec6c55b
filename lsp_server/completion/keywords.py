"""The words that begin, divide and end blocks, language by language."""

import re
from dataclasses import dataclass

_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Keywords:
    """Those of one language, for lines of code without blanks around them."""

    branches: re.Pattern[str]
    """What a line begins with that goes on with a statement of several blocks, as `else` does."""
    joining: re.Pattern[str]
    """What a line begins with that goes on with the line above, whatever that is."""
    closing: re.Pattern[str]
    """What a line begins with that ends a block."""
    opening: re.Pattern[str]
    """What a line holds that begins a block which such a line ends."""
    ended: re.Pattern[str]
    """What a line ends with that ends it again."""

    def begins(self, code: str) -> bool:
        """Tell whether a line begins a block that a closing word is to end."""
        if self.branches.match(code) or not self.opening.search(code):
            return False
        return not self.ended.search(code)

    def begins_at_once(self, code: str) -> bool:
        """Tell the same, where the word that begins the block is the first."""
        found = self.opening.search(code)
        return found is not None and not found.start() and self.begins(code)

    def ends(self, code: str) -> bool:
        """Tell whether a line ends a block with a word."""
        return bool(self.closing.match(code))

    def parts(self, code: str) -> bool:
        """Tell whether a line ends a block, or one part of it."""
        return any(words.match(code) for words in (self.closing, self.branches, self.joining))


def _words(
    branches: str = _NEVER, closing: str = _NEVER, opening: str = _NEVER, joining: str = _NEVER
) -> Keywords:
    return Keywords(
        re.compile(rf"(?:\}}\s*)?(?:{branches})(?![\w-])"),
        re.compile(joining),
        re.compile(closing),
        re.compile(opening),
        re.compile(rf"(?<![^\s;])(?:{closing})[)\]}};,]*$"),
    )


_NONE = _words()
BRACES = _words("elif|else|elsif|elseif|except|finally|catch|rescue|ensure|after(?!\\()")
_PYTHON = _words("elif|else|except|finally")
_RUBY = _words(
    "else|elsif|rescue|ensure",
    r"end(?![\w:?!])",
    r"^(?:class|module|if|unless|while|until|case|for|begin)\b|\bdef\s|\bdo(?:\s*\|[^|]*\|)?$"
    r"|(?:[=(\[,:>&|]\s*|\b(?:return|yield|puts)\s+)(?:if|unless|case|begin|while|until)\b",
    r"(?:when|in|then|do)\b",
)
_SHELL = _words(
    "elif|else",
    r"(?:fi|done|esac)(?![\w=-])",
    r"(?:^|[;&|({!]\s*)(?:if|for|while|until|case|select)\b",
    r"(?:then|do|in)\b|\{$",
)
_TABLE = {
    **dict.fromkeys(("python", "cython", "gdscript", "nim", "starlark"), _PYTHON),
    "coffeescript": _words("else|catch|finally"),
    **dict.fromkeys(("ruby", "crystal"), _RUBY),
    **dict.fromkeys(("shellscript", "sh", "bash", "zsh"), _SHELL),
    "fish": _words(
        "else", r"end(?!\w)", r"^(?:if|for|while|function|switch|begin)\b|\b(?:while|begin)\b"
    ),
    "lua": _words(
        "else|elseif",
        r"(?:end|until)(?!\w)",
        r"\b(?:function|then|do|repeat)\b",
        r"(?:then|do)\b",
    ),
    "elixir": _words(
        r"else|rescue|catch|after(?!\()",
        r"end(?![\w:])",
        r"\bdo$|\bfn\b.*->$|\bfn$",
        r"(?:do|when)\b",
    ),
    "julia": _words(
        "else|elseif|catch|finally",
        r"end(?!\w)",
        r"^(?:@\S+\s+)*(?:function|macro|if|for|while|try|let|begin|quote|(?:bare)?module"
        r"|(?:mutable )?struct|abstract type|primitive type)\b|\b(?:begin|quote|try)$|\bdo\b[^\"]*$"
        r"|(?:[=(,]\s*|\breturn\s+)(?:function|if|let|begin|try|quote)\b",
    ),
    "matlab": _words(
        "else|elseif|catch",
        r"end(?:if|for|parfor|while|function|switch|_\w+)?(?![\w(.])",
        r"^(?:if|for|parfor|while|function|switch|try|classdef|properties|methods|events"
        r"|enumeration|unwind_protect)\b",
    ),
    **dict.fromkeys(
        ("viml", "vim"),
        _words(
            "else?|elseif?|catch|finally",
            r"end(?:if?|fo?r?|fu\w*|wh?\w*|try?|t|def|class|enum|interface)(?!\s*[=(.\w])"
            r"|augroup(?: END)?$",
            r"^(?:(?:export|static|abstract)\s+)*(?:fu\w*!?\s|(?:def!?\s|if|for|wh\w*|try|class"
            r"|enum|interface)\b)|^aug\w*\s+(?!END)",
        ),
    ),
    "makefile": _words(
        "else", r"(?:endif|endef)(?![\w:=])", r"^(?:ifn?eq|ifn?def|(?:override\s+)?define)\b"
    ),
    "cmake": _words(
        "(?i:else|elseif)",
        r"(?i:end(?:if|foreach|while|function|macro|block))(?!\w)",
        r"^(?i:if|foreach|while|function|macro|block)\s*\(",
    ),
    "sql": _words(
        "(?i:else|elsif|elseif)",
        r"(?i:end)(?!\w)",
        r"(?i)^(?!when\b)(?:begin\b|.*\b(?:then|loop|do)$|.*\bcase\b)",
    ),
    "latex": _words(closing=r"\\end\{[^}]*\}", opening=r"\\begin\{"),
    **dict.fromkeys(("yaml", "dockercompose", "haskell", "toml", "ini", "dockerfile"), _NONE),
    **dict.fromkeys(("html", "xml", "vue", "svelte", "astro", "handlebars", "twig"), _NONE),
}


def keywords_of(language_id: str) -> Keywords:
    """Give the words of a language; one with braces, or an unknown one, has branches alone."""
    return _TABLE.get(language_id, BRACES)
