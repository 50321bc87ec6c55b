"""Takes off what models write around code: special tokens, fences, echoes, doubled blanks."""

import re

from lsp_server.completion.blocks import is_first_of_block
from lsp_server.completion.echoes import (
    after_echo,
    after_name,
    after_tail,
    after_typed,
    may_be_echo,
)
from lsp_server.completion.embedded import innermost
from lsp_server.completion.languages import language_of
from lsp_server.completion.placing import Placing
from lsp_server.completion.situation import Situation
from lsp_server.completion.wrapping import is_fenced, may_be_wrapped, unwrapped

# Tokens that end or separate texts in the vocabularies of code models, and the mark that stands
# for the cursor in our own question; none is code.
_FORM = (
    r"(?:<\|[A-Za-z][\w\u2581]{1,40}\|>|<\uff5c[^\uff5c\n]{1,40}\uff5c>"
    r"|<\[(?:fim-[a-z]{3,8}|[A-Za-z]{3,5}(?:\u2581[A-Za-z]{2,12}){1,3})\]>"
    r"|<(?:fim[_-](?:prefix|suffix|middle|pad)|file_sep|repo_name|reponame|EOT|EOD|eos|bos|endoftext"
    r"|gh_stars|empty_output|(?:issue|jupyter|commit)_[a-z]{3,9}"
    r"|(?:start|end)_of_turn|PRE|SUF|MID)>|</s>|\[(?:PREFIX|SUFFIX|MIDDLE|/?INST)\]"
    r"|\u2581?<AIX-SPAN-[A-Z]{3,6}>|<CURSOR\d*/>|<seed:eos>|\[\|endofturn\|\]|\[e~\[)"
)
# Those after which the answer begins: a model may repeat what the question ended with.
_ANNOUNCING = re.compile(
    r"(?:\s{0,8}+(?:<\|(?:fim_middle|code_middle|begin_of_text|startoftext)\|>|<\[fim-middle\]>"
    r"|<fim[_-]middle>|<MID>|<bos>|\[MIDDLE\]|\u2581?<AIX-SPAN-MIDDLE>"
    r"|<\uff5c(?:fim\u2581end|begin\u2581of\u2581sentence)\uff5c>))+"
)
# In quotes it is code that is about tokens.
_SPECIAL = re.compile(rf"(?<![\"'`]){_FORM}|{_FORM}(?![\"'`])")
# The same before the end is known: the quote may be what comes next.
_SPECIAL_SO_FAR = re.compile(rf"(?<![\"'`]){_FORM}|{_FORM}(?=[^\"'`])")
# HTML strikes text through with what some vocabularies end it with.
_STRUCK = re.compile(r"<s[\s>]")
# Characters that a special token has at most.
_LONGEST_TOKEN = 64
# With what a line begins that goes on with the one above, in a language with statements.
_GOES_ON = re.compile(r"\??\.[A-Za-z_]|&&\s|\|\|\s|\|>|[?:]\s")
# What a text may begin with unseen: a byte order mark, and spaces of no width.
_INVISIBLE = "\ufeff\u200b\u2060"


def clean(raw: str, situation: Situation) -> str:
    """Give the code in a model's raw text, with LF line ends and a seam that fits the cursor."""
    return clean_and_place(raw, situation)[0]


def clean_and_place(raw: str, situation: Situation) -> tuple[str, Placing]:
    """Give that code, and what puts further whole lines of it in their places."""
    situation = innermost(situation)
    text = before_special_token(raw.lstrip(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n"))
    code = unwrapped(text, situation)
    answer = _without_echo(code, situation)
    is_apart = is_fenced(text, situation) or (situation.is_blank_line and answer != code)
    first, *rest = _fit_seam(answer, situation).split("\n")
    placing = Placing(_indentation(answer, situation), first, situation, is_apart=is_apart)
    lines = [first, *map(placing.take, rest[:-1]), *map(placing.take_last, rest[-1:])]
    return "\n".join(lines), placing


def _indentation(answer: str, situation: Situation) -> str:
    """Give what the first line of an answer is indented by, if it is not what sets off a word."""
    if not situation.is_blank_line:
        first = answer.partition("\n")[0]
        blanks = first[: len(first) - len(first.lstrip())]
        return blanks if blanks == situation.line_prefix[: len(blanks)] else ""
    blanks = answer[: len(answer) - len(answer.lstrip())].rpartition("\n")[2]
    return blanks if len(blanks.expandtabs()) > 1 else ""


def before_special_token(text: str) -> str:
    """Give what stands before the first token that ends or separates texts.

    A token that only announces the answer, at its very beginning, is taken away.
    """
    text = _after_announcement(text)
    for token in _SPECIAL.finditer(text):
        if token[0] != "</s>" or not _STRUCK.search(text, 0, token.start()):
            return text[: token.start()]
    return text


class TokenWatch:
    """Watches a stream for a token that ends or separates texts, at one cost for every piece."""

    def __init__(self) -> None:
        self._tail = ""
        self._is_struck = False
        self._is_beginning = True

    def add(self, piece: str) -> bool:
        """Take what was written next; tell whether it brings such a token."""
        text = self._tail + piece
        if self._is_beginning:
            text = _after_announcement(text)
            may_announce = text.lstrip()[:1] in ("", "<", "[", "\u2581")
            self._is_beginning = len(text) <= _LONGEST_TOKEN and may_announce
        # The first character of a tail that is full only tells whether a quote stands before.
        begin = int(len(self._tail) > _LONGEST_TOKEN)
        tokens = _SPECIAL_SO_FAR.finditer(text, begin)
        is_found = any(not self._strikes(token) for token in tokens)
        self._is_struck = self._is_struck or bool(_STRUCK.search(text))
        self._tail = text[-_LONGEST_TOKEN - 1 :]
        return is_found

    def _strikes(self, token: re.Match[str]) -> bool:
        if token[0] != "</s>":
            return False
        return self._is_struck or bool(_STRUCK.search(token.string, 0, token.start()))


def _after_announcement(text: str) -> str:
    announcement = _ANNOUNCING.match(text)
    return text[announcement.end() :] if announcement else text


def _without_echo(text: str, situation: Situation) -> str:
    """Drop a repetition of what already stands before the cursor on its line, or above it."""
    text = after_echo(text, situation)
    if situation.is_blank_line:
        return text
    rest = after_typed(text, situation)
    return after_name(after_tail(text, situation), situation) if rest is None else rest


def is_undecided(raw: str, situation: Situation) -> bool:
    """Tell whether a text has just begun, so that it may yet turn out to be a fence or an echo."""
    text = raw.replace("\r", "\n")
    if may_be_wrapped(text, situation):
        return True
    return may_be_echo(unwrapped(text, situation), situation)


def _fit_seam(text: str, situation: Situation) -> str:
    if situation.is_blank_line:
        # The line to fill is this one: blank lines before it go.
        first = text.lstrip()
        blanks = text[: len(text) - len(first)].rpartition("\n")[2]
        return blanks + first if first and _is_indentation(blanks, first, situation) else first
    if situation.line_prefix.endswith((" ", "\t")):
        return text.lstrip(" \t")
    return text


def _is_indentation(blanks: str, first: str, situation: Situation) -> bool:
    """Tell whether blanks indent the cursor's line, on which nothing is indented yet.

    They mean nothing below a line that is not indented, neither begins nor opens anything, and is
    not continued; one blank alone is what some vocabularies begin every text with.
    """
    if situation.line_prefix or not blanks:
        return False
    if is_first_of_block(situation):
        return True
    above = situation.width(situation.previous_line)
    width = situation.width(blanks)
    if width == above:
        return True
    is_joined = language_of(situation.language_id).joined_by == "" and _GOES_ON.match(first)
    return width > 1 and bool(above or situation.opens or is_joined)
