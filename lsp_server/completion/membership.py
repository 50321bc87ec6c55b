"""Whether a line still belongs to the statement or block above it, told from how lines begin."""

import re
from enum import Enum, auto

from lsp_server.completion.keywords import keywords_of
from lsp_server.completion.languages import comment_start, language_of
from lsp_server.completion.situation import Situation

_CLOSER = re.compile(r"[)\]}]|/>|</[\w.:-]*>")
_TAG_CLOSER = re.compile(r"/>|</[\w.:-]*>")
_CHAIN = re.compile(r"(?:\??\.(?!\.)|->|\|\||&&|\|>|[?:+*/-]\s)")
_DECORATOR = re.compile(
    r"@[\w.:]+(?:\(.*\))?$|#!?\[.*\]$|\[\[.*\]\]$|template\s*<.*>$|\[[A-Z]\w*(?:\(.*\))?\]$"
)
_DECORATOR_HEAD = re.compile(r"@[\w.:]+\(|#\[")
_PREPROCESSOR = re.compile(r"#\s*(?:if|ifdef|ifndef|else|elif|endif|define|undef|pragma|region)")
_SHELL_CASE = re.compile(r"case\b.*\bin$")
# C's way to put the name of a function below its type.
_TYPE_ALONE = re.compile(r"(?!(?:return|else|do)\b)[A-Za-z_][\w\s*&:<>,()]*[\w*&>]")
_DECLARED = re.compile(r"[\w:~]+\s*\(")
# What ends with `END` where a semicolon ends a statement.
_COMPOUND = re.compile(
    r"(?:BEGIN|DECLARE|LOOP|(?:IF|CASE)\b(?!.*;$).*|(?:FOR|WHILE)\b.*\b(?:LOOP|DO))$", re.IGNORECASE
)
_END = re.compile(r"END\b.*;$", re.IGNORECASE)
_CONDITION = re.compile(r"(?:\}\s*)?(?:if|else)\b")
# How a line ends in brackets that has its sequel on the next one, and how such a line begins.
_UNFINISHED = re.compile(
    r"(?:[-,+*/%&|=<>?:.\\^~!({\[]|\b(?:and|or|not|in|is|if|else|for|as|await|return|new|lambda))$"
)
_SEQUEL = re.compile(
    r"[-,.?:+*/%&|=<>)\]}]|\w{0,2}[\"']|(?:and|or|not|in|is|if|else|for|async|as)\b"
)
# Enough of a line to know what it begins with, although more of it may come.
_BEGUN = re.compile(r"\s*\w+\s")


class Verdict(Enum):
    """What a line is to the statement above it."""

    KEEP = auto()
    SKIP = auto()
    """It belongs only if a later line does: a blank line, or a comment."""
    END = auto()
    FINISHED = auto()
    """The statement was over before this line."""


def is_begun(line: str) -> bool:
    """Tell whether a line that is still being written can be told apart already."""
    return bool(_BEGUN.match(line))


def what_decides(growing: str) -> str:
    """Give the beginning of a line still being written, if that is enough to judge the line by."""
    begun = _BEGUN.match(growing)
    return begun[0] if begun else ""


def begins_branch(bare: str, language_id: str) -> bool:
    """Tell whether a line goes on with a statement of several blocks, as `else` does."""
    return bool(keywords_of(language_id).branches.match(bare))


def begins_closer(bare: str, language_id: str) -> bool:
    """Tell whether a line closes something before anything else."""
    is_bracket = bare.startswith((")", "]", "}"))
    closer = _TAG_CLOSER if language_of(language_id).shape == "braces" else _CLOSER
    return is_bracket or bool(closer.match(bare)) or keywords_of(language_id).ends(bare)


class Statement:
    """A statement or block while its lines are read; asked only where no bracket is open."""

    def __init__(self, situation: Situation, parent: int, *, is_indented_block: bool) -> None:
        self.situation = situation
        self.language = language_of(situation.language_id)
        self.keywords = keywords_of(situation.language_id)
        self.parent = parent
        self.is_indented_block = is_indented_block
        self.has_body = is_indented_block
        self.has_gap = False
        self.is_closed = False
        self.passes_over = False
        self.begun = ""
        """The code that what was read last began with: it may have gone on over several lines."""
        self.is_anew = True
        self.first = ""
        """The first line with code on it,"""
        self.code = ""
        """and the latest, without blanks around them."""
        self.level = parent
        """Columns of indentation of the latest line that was judged."""
        self.is_compound = False
        self.is_conditional = False
        self.is_case = False
        """Whether it is a `case` of a shell, whose branches may stand on its own level."""

    def take(self, code: str) -> None:
        """Note the code of a line that was read."""
        if code:
            if not self.code:
                self.first = code
                self.is_compound = bool(_COMPOUND.match(code))
                self.is_case = bool(_SHELL_CASE.match(code)) and self.language.shape == "words"
            if self.is_anew:
                self.begun, self.is_anew = code, False
            self.code = code
            self.is_conditional = bool(_CONDITION.match(code))
            self.has_gap = False

    @property
    def is_continued(self) -> bool:
        """Whether the line read last says itself that it goes on."""
        return self.code.endswith(("\\", "&&", "||", " |"))

    def judge(self, line: str) -> Verdict:
        """Tell what the next line is."""
        self.is_anew = True
        if self.is_finished():
            return Verdict.FINISHED
        bare = line.strip()
        if not bare:
            self.has_gap = True
            return Verdict.SKIP
        self.level = level = self.situation.width(line)
        self.is_compound |= bool(_COMPOUND.match(bare))
        if self.is_remark(bare):
            is_within = self.has_body and level > self.parent
            return Verdict.KEEP if is_within else Verdict.SKIP
        if level > self.parent:
            return self.judge_deeper(bare)
        if level == self.parent and self.goes_on(bare):
            return Verdict.KEEP
        return Verdict.END

    def goes_on_in_brackets(self, line: str) -> bool:
        """Tell whether a line may stand in the cursor's brackets, which end right of the cursor."""
        bare = line.strip()
        if self.language.shape == "words" or self.language.has_plain_lists:
            return True
        if not bare or self.is_remark(bare):
            return True
        if self.situation.width(line) <= self.parent and not self.code.endswith(","):
            return bare[0] in ")]}"
        return bool(_UNFINISHED.search(self.code) or _SEQUEL.match(bare))

    def is_finished(self) -> bool:
        """Tell whether no line whatever can belong any more."""
        if self.is_closed or not self.code:
            return not self.is_indented_block or self.is_closed
        if self.is_indented_block:
            return False
        if self.language.ended_by and self.is_compound:
            return self.level <= self.parent and bool(_END.match(self.code))
        if self.language.ended_by:
            return self.has_gap or self.code.endswith(self.language.ended_by)
        if self.language.shape == "braces":
            if self.has_gap and not self.has_body:
                return True
            return self.code.endswith(";") and not self.has_body and not self.is_conditional
        is_laid_out = self.language.is_laid_out or self.language.has_items
        if self.language.shape == "indent" and not is_laid_out:
            return not self.has_body and not self.code.endswith((":", ",")) and not self.is_marked
        return False

    @property
    def is_marked(self) -> bool:
        """Whether the latest line only announces the next one."""
        if _DECORATOR.match(self.code):
            return True
        return bool(_DECORATOR_HEAD.match(self.begun)) and not self.code.strip(")]}")

    def is_remark(self, bare: str) -> bool:
        """Tell whether a line is comment or preprocessor alone."""
        if self.language.has_preprocessor and _PREPROCESSOR.match(bare):
            return True
        return bool(comment_start(self.language).match(bare))

    def judge_deeper(self, bare: str) -> Verdict:
        """Tell what a line is that is indented deeper than the statement."""
        if not self.has_body:
            is_over = self.language.shape == "braces" and self.code.endswith((";", "}"))
            if is_over and not _CHAIN.match(bare):
                return Verdict.END
            self.has_body = True
        return Verdict.KEEP

    def goes_on(self, bare: str) -> bool:
        """Tell whether a line on the statement's own level belongs to it."""
        if self.is_marked or self.language.ended_by or bare.startswith("|>"):
            return True
        if self.language.joined_by and self.code.endswith(self.language.joined_by):
            return True
        if self.keywords.branches.match(bare):
            return self.has_body or self.is_conditional or self.code.endswith("}")
        if self.language.has_items and bare.startswith("- "):
            return self.is_indented_block or not self.first.startswith("- ")
        if self.language.shape == "braces" and self.goes_on_in_braces(bare):
            return True
        if self.keywords.joining.match(bare):
            return True
        if self.is_case and not bare.startswith("esac"):
            self.has_body = True
            return True
        return self.closes(bare)

    def goes_on_in_braces(self, bare: str) -> bool:
        """Tell the same where brackets make the blocks."""
        if self.is_indented_block or self.has_gap or self.code.endswith(";"):
            return False
        if bare.startswith("{"):
            return not self.code.endswith(("}", ","))
        if self.language.has_preprocessor and _TYPE_ALONE.fullmatch(self.code):
            return bool(_DECLARED.match(bare))
        # In style sheets, a dot begins the next rule.
        return not self.language.joined_by and bool(_CHAIN.match(bare))

    def closes(self, bare: str) -> bool:
        """Tell whether a line closes the statement and the document does not."""
        if not self.has_body:
            return False
        if bare == ">":
            return True
        closer = _TAG_CLOSER if self.language.shape == "braces" else _CLOSER
        is_closer = closer.match(bare) or self.keywords.ends(bare)
        if not is_closer or self.is_closed_below(bare):
            return False
        self.is_closed = True
        return True

    def is_closed_below(self, bare: str) -> bool:
        """Tell whether the document closes on that level already."""
        below = self.situation.next_line
        first = re.match(r"\W*\w*", bare)
        return (
            self.situation.width(below) == self.parent
            and first is not None
            and below.strip().startswith(first[0])
        )
