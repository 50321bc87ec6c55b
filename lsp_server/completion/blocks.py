"""One line or a block, decided before anything is asked for."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache

from lsp_server.completion.embedded import innermost
from lsp_server.completion.languages import Language, language_of
from lsp_server.completion.reading import begin_of_head
from lsp_server.completion.scanner import scan
from lsp_server.completion.situation import Situation
from lsp_server.completion.tags import END_TAG, is_void, unfinished_name

_COLON_LANGUAGES = frozenset({"python", "cython", "gdscript", "nim", "starlark", "yaml"})
_KEYWORD_OPENERS = {
    "ruby": re.compile(r"^\s*(def|class|module|if|unless|while|until|case|for|begin|else|elsif)\b"),
    "lua": re.compile(r"\bfunction\b[^)]*\)\s*$|\b(then|do|else|repeat)\s*$"),
    "elixir": re.compile(r"(\bdo|\bfn\b.*->|->)\s*$"),
    "shellscript": re.compile(r"\b(then|do|else|in)\s*$"),
    "viml": re.compile(r"^\s*(fu\w*|def|if|else\w*|for|while|try|catch|finally|augroup)\b"),
    "haskell": re.compile(
        r"^(?!\s*(?:module\b|\))).*(?:\b(?:do|where|of|then|else|let|in)|\\case|->|(?<![=/<>])=)$"
    ),
    "nim": re.compile(
        r"(?<![=<>!])=$|^\s*(?:type|var|let|const)$|\b(?:object|enum|tuple)(?: of [\w.]+)?$"
    ),
    "coffeescript": re.compile(
        r"(?:->|(?<![=<>!])=)$|^\s*(?:else|try|finally|loop)$|^\s*catch\b(?!.*\bthen\b)"
        r"|^\s*(?:\S+ = |else )?(?:if|unless|while|until|for|class|switch|when)\b(?!.*\bthen\b)"
    ),
    "makefile": re.compile(r"^[^\s#=][^=]*:(?!=)[^=]*$|^(if\w+|else|define)\b"),
}
_BRACKET_OPENER = re.compile(r"([{(\[]|=>|\b(do|then|begin))\s*(\|[^|]*\|)?\s*$")
_TAG_OPENER = re.compile(r"<([A-Za-z][\w.:-]*)(?:\s[^<>]*)?(?<![/=-])>\s*$")
_TAG_LANGUAGES = frozenset(
    {"html", "xml", "vue", "svelte", "astro", "javascriptreact", "typescriptreact", "handlebars"}
)
# The end of a tag that began on a line above, and how such a line ends.
_TAG_END = re.compile(r"(?:^|[\s\w\"'})])>\s*$")
_TAG_BEGIN = re.compile(r"<([A-Za-z][\w.:-]*)(?:\s[^<>]*)?$")
_END_TAG = re.compile(END_TAG)
_LONGEST_TAG = 30
_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}")
_OPENERS = {")": "(", "]": "[", "}": "{"}


def is_markup(language_id: str) -> bool:
    """Tell whether tags may stand in a language."""
    return language_id in _TAG_LANGUAGES


def opens_block(line: str, language_id: str) -> bool:
    """Tell whether the lines after `line` belong to a block that it begins."""
    text = line.rstrip()
    if not text:
        return False
    if language_id in _COLON_LANGUAGES and text.endswith(":"):
        return True
    if language_id in _TAG_LANGUAGES and (tag := _TAG_OPENER.search(text)):
        return not is_void(tag[1])
    keywords = _KEYWORD_OPENERS.get(language_id)
    return bool((keywords and keywords.search(text)) or _BRACKET_OPENER.search(text))


def wants_block(situation: Situation) -> bool:
    """Tell, before anything is generated, whether a whole block is wanted at the cursor."""
    situation = innermost(situation)
    if is_argument(situation):
        return True
    if is_one_line(situation):
        return False
    if situation.is_blank_line:
        return is_first_of_block(situation)
    code = situation.line_prefix[: situation.here.code_end]
    return opens_block(code, situation.language_id) or end_of_tag(situation) is not None


def is_one_line(situation: Situation) -> bool:
    """Tell whether only the cursor line may be written: in prose, comments, before words."""
    language = language_of(situation.language_id)
    is_closer = language.has_tags and _END_TAG.fullmatch(situation.line_suffix.strip())
    has_words = any(character.isalnum() for character in situation.line_suffix)
    is_open = is_before_closer(situation) or is_in_empty_head(situation)
    if has_words and not is_closer and not is_open:
        return True
    if language.shape == "prose":
        return True
    here = situation.here
    if here.is_text:
        return True
    code = situation.line_prefix[: here.code_end]
    return code != situation.line_prefix and not opens_block(code, situation.language_id)


def is_in_empty_head(situation: Situation) -> bool:
    """Tell whether the cursor stands in the head of a block that nothing has been written in."""
    line = (situation.line_prefix + situation.line_suffix).rstrip()
    is_head = opens_block(line, situation.language_id) and not line.endswith(("(", "["))
    return is_head and situation.width(situation.next_line) <= situation.indent


def is_in_list(situation: Situation) -> bool:
    """Tell whether the cursor stands in brackets, other than braces, that end on its line."""
    opens = situation.here.opens
    return bool(opens) and opens[-1].closer in ")]" and len(opens) - 1 in situation.closed_right


def is_argument(situation: Situation) -> bool:
    """Tell whether the cursor stands in brackets, where something is missing before a comma.

    It is one line, unless that opens brackets of its own: `useEffect(|, [id])`.
    """
    here = situation.here
    if here.is_text or here.unfinished or here.code_end != len(situation.line_prefix):
        return False
    is_closed = len(here.opens) - 1 in situation.closed_right
    is_missing = situation.line_prefix.rstrip().endswith(("(", "[", "{", ","))
    return is_closed and is_missing and situation.line_suffix.lstrip().startswith(",")


def is_before_closer(situation: Situation) -> bool:
    """Tell whether the brackets around the cursor end right there, whatever follows them.

    There may be something in brackets already, but not in braces.
    """
    if situation.here.is_text or situation.here.unfinished:
        return False
    closer = situation.line_suffix.lstrip()[:1]
    if closer == "}":
        return situation.line_prefix.rstrip().endswith("{")
    return is_in_list(situation) and closer == situation.here.opens[-1].closer


def end_of_tag(situation: Situation) -> int | None:
    """Give the line above on which the tag began that the cursor stands right behind."""
    lines = [*situation.lines_above, situation.line_prefix]
    return _begin_of_tag(lines, situation.language_id) if situation.line_prefix.strip() else None


def is_first_of_block(situation: Situation) -> bool:
    """Tell whether the cursor's blank line is the first of a block, indented already or not yet."""
    return block_head(situation) is not None


@dataclass(frozen=True, slots=True)
class Head:
    """What the block begins with that the cursor's line is the first of."""

    indent: int
    """Columns of indentation of its line."""
    depth: int
    """How many brackets were open before the ones of the block."""
    is_bracketed: bool
    """Whether brackets, and not indentation, tell where the block ends."""
    outer: int = 0
    """How many brackets were open before the line it begins on."""
    is_whole: bool = False
    """Whether it is all of a piece of code in another language, whatever stands in it."""


_WHOLE = Head(indent=0, depth=0, is_bracketed=False, is_whole=True)


# Asked for before the request, for its whole answer and for its stream.
@lru_cache(maxsize=8)
def block_head(situation: Situation) -> Head | None:
    """Give the head of the block that the cursor's blank line is the first of, or None."""
    if situation.here.is_text:
        return None
    if situation.closer and not situation.prefix.strip():
        return _WHOLE
    if head := _bracket_head(situation):
        return head
    if head := _tag_head(situation):
        return head
    number = situation.head_number
    if number is not None:
        after = situation.above.end_of_head(number) + 1
        if _is_only_comments("\n".join(situation.lines_above[after:]), situation):
            begin = begin_of_head(situation.lines_above, number, situation.language_id)
            return _indented_head(situation, begin)
    number = situation.previous_number
    if number is None:
        return None
    begin = begin_of_head(situation.lines_above, number, situation.language_id)
    ends = {situation.previous_line, situation.lines_above[begin]}
    if any(opens_block(line, situation.language_id) for line in ends):
        return _indented_head(situation, begin)
    return None


def _tag_head(situation: Situation) -> Head | None:
    """Give the head of what a tag of several lines begins, when it ends right above."""
    last = situation.previous_number
    if last is None or not is_markup(situation.language_id):
        return None
    number = _begin_of_tag(situation.lines_above[: last + 1], situation.language_id)
    return None if number is None else _indented_head(situation, number)


def _begin_of_tag(lines: list[str], language_id: str) -> int | None:
    """Find the line on which the tag began that ends with the last of `lines`, further down."""
    if not is_markup(language_id) or not lines or not _TAG_END.search(lines[-1]):
        return None
    if "<" in _TEXTS.sub("", lines[-1]):
        return None
    for number in range(len(lines) - 2, max(-1, len(lines) - _LONGEST_TAG), -1):
        line = lines[number]
        if tag := _TAG_BEGIN.search(_TEXTS.sub('""', line)):
            return None if is_void(tag[1]) else number
        if not line.strip() or line.rstrip().endswith(";") or "</" in line:
            return None
    return None


def _indented_head(situation: Situation, number: int) -> Head:
    indent = situation.width(situation.lines_above[number])
    depth = bisect_left(situation.above.opened_at, number)
    is_bracketed = depth < len(situation.opens)
    if is_bracketed and language_of(situation.language_id).shape == "braces":
        return Head(indent, depth, is_bracketed=True, outer=depth)
    return Head(indent, len(situation.opens), is_bracketed=False, outer=depth)


def _bracket_head(situation: Situation) -> Head | None:
    """Give the head of a block in brackets that nothing has been written in yet."""
    if not situation.opens:
        return None
    number = situation.above.opened_at[-1]
    line = situation.lines_above[number]
    read = scan(line, (), situation.language_id)
    closer = situation.opens[-1].closer
    if unfinished_name(closer):
        return None
    opener = ">" if closer.startswith("</") else _OPENERS.get(closer, closer)
    between = "\n".join(situation.lines_above[number + 1 :])
    if not line[: read.code_end].rstrip().endswith(opener) or not _is_only_comments(
        between, situation
    ):
        return None
    depth = bisect_left(situation.above.opened_at, number)
    return Head(situation.opens[-1].indent, depth, is_bracketed=True, outer=depth)


def _is_only_comments(text: str, situation: Situation) -> bool:
    """Tell whether no statement stands in a text; a docstring does not count as one."""
    return bool(_comments(language_of(situation.language_id)).fullmatch(text))


@cache
def _comments(language: Language) -> re.Pattern[str]:
    parts = [r"\s"]
    parts += [rf"{re.escape(begin)}[^\n]*(?:\n|\Z)" for begin in language.line_comments]
    around = [*language.block_comments]
    around += [(quote.opener, quote.closer) for quote in language.quotes if quote.is_triple]
    parts += [rf"{re.escape(begin)}.*?{re.escape(end)}" for begin, end in around]
    return re.compile(f"(?:{'|'.join(parts)})*", re.DOTALL)
