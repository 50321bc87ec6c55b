"""Branches that a text adds to a block which the document closes already: `} else {`."""

import re
from enum import Enum, auto

from lsp_server.completion.keywords import BRACES
from lsp_server.completion.languages import language_of
from lsp_server.completion.scanner import Scan
from lsp_server.completion.situation import Situation

# What a branch may follow, as far as the line tells that the bracket stands on.
_BRANCHING = re.compile(r"\b(?:if|unless|else|elsif|elseif|try|catch|do)\b|^\s*[){]")


class Follow(Enum):
    """What comes after the end of a block."""

    BRANCH = auto()
    """One that is open now, and ends with the bracket of the document."""
    HEAD = auto()
    """The head of one, without its bracket."""
    UNKNOWN = auto()
    """The next line tells."""
    NONE = auto()


def may_branch(situation: Situation, depth: int) -> bool:
    """Tell whether a block may have one more branch than the document gives it.

    That is where the next line closes it with a bracket alone, and no branch stands below that.
    """
    is_shaped = language_of(situation.language_id).shape == "braces"
    if not is_shaped or depth not in situation.closed_below or not situation.next_lines:
        return False
    end, *after = situation.next_lines
    if end.strip() != "}" or situation.width(end) != situation.here.opens[depth].indent:
        return False
    if after and BRACES.branches.match(after[0].strip()) and not after[0].lstrip().startswith("}"):
        return False
    is_above = depth < situation.here.lowest
    number = situation.above.opened_at[depth] if is_above else None
    head = situation.line_prefix if number is None else situation.lines_above[number]
    return bool(_BRANCHING.search(head))


def follow(code: str, read: Scan, depth: int, *, is_announced: bool) -> Follow:
    """Tell what the line of the closing bracket, or one after it, brings; `read` is that line.

    A branch `is_announced` when the line above was the head of one.
    """
    bare = code.strip()
    if bare.startswith("}"):
        if not read.closed or read.closed[0][0] != depth:
            return Follow.NONE
        if bare == "}":
            return Follow.UNKNOWN
    if not BRACES.branches.match(bare) and not (is_announced and bare == "{"):
        return Follow.NONE
    if bare.endswith("{") and len(read.opens) == depth + 1:
        return Follow.BRANCH
    is_head = len(read.opens) == depth and not bare.endswith((";", "}"))
    return Follow.HEAD if is_head else Follow.NONE
