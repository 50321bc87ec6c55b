"""Reads the text above the cursor, which may begin in the middle of a string or comment."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lsp_server.completion.languages import comment_start, language_of
from lsp_server.completion.scanner import NO_MARGIN, Open, Opens, scan, width_of
from lsp_server.completion.tags import unfinished_name

# What is code and hardly ever the beginning of a line of documentation.
_CODE = re.compile(
    r"\s*(?:(?:async )?def \w+\(|class \w+.*:$|@\w+$|return\b|import \w+$|from \S+ import|else:$"
    r"|(?:if|for|while|with) .*:$|self\.\w+ =|(?:val|var|let|const|public|private|fun|end)\b)"
)
# What may stand on the level of the block's head, or left of it, though it is in the block.
_ANYWHERE = re.compile(r"[)\]}]|case\b|default\b|\w+:(?!:)|#\s*(?:if|el|endif|define|undef|pragma)")


_PROSE = re.compile(r"\s*[A-Z]?[a-z]+,? [a-z]+ (?:[a-z]+,? )*[a-z]+[.,]?$")
# How a head of several lines begins that has no brackets, how the others go on with it, and how a
# line ends that another one goes on with.
_HEAD = re.compile(
    r"\s*(?:async )?(?:if|el(?:s?if|seif)|unless|while|until|for|with|when|case|def|class)(?=[\s(])"
)
_SEQUEL = re.compile(r"\s*(?:and\b|or\b|&&|\|\||\\\s)")
_UNFINISHED = re.compile(r"(?:\\|&&|\|\||\s\||\b(?:and|or|not))\s*$")
# How files begin, and texts that were clipped inside a string do not.
_BEGINNING = re.compile(r"#|\"\"\"|'''|import\b|from\b|package\b|defmodule\b|use\b")


@dataclass(frozen=True, slots=True)
class Above:
    """What is open after each line, and which line opened each of what is open at the end."""

    after: tuple[Opens, ...]
    opened_at: tuple[int, ...]
    margin: int = NO_MARGIN

    @property
    def opens(self) -> Opens:
        """What is open at the end."""
        return self.after[-1] if self.after else ()

    def end_of_head(self, number: int) -> int:
        """The last line of what line `number` begins: its brackets may close further down."""
        before = len(self.after[number - 1]) if number else 0
        for index in range(number, len(self.after)):
            if len(self.after[index]) <= before:
                return index
        return number


@lru_cache(maxsize=8)
def read_above(lines: tuple[str, ...], language_id: str) -> Above:
    """Read lines from the top.

    A text that was clipped can begin inside a string whose ends look alike. Where code seems to
    stand in strings, reading begins again inside one, and the more plausible of the two counts.
    """
    above, code_in_text, mistakes = _read(lines, (), language_id)
    if code_in_text and not _BEGINNING.match(lines[0]):
        for quote in language_of(language_id).quotes:
            if quote.is_triple:
                start = (Open(quote.closer, 0, quote.form),)
                other, _, fewer = _read(lines, start, language_id)
                if fewer * 2 <= mistakes:
                    above, mistakes = other, fewer
    return above


def _read(lines: tuple[str, ...], opens: Opens, language_id: str) -> tuple[Above, int, int]:
    language = language_of(language_id)
    has_comments = ("/*", "*/") in language.block_comments
    after: list[Opens] = []
    opened_at: list[int] = []
    code_in_text, prose_in_code, margin = 0, 0, NO_MARGIN
    for number, line in enumerate(lines):
        is_text = bool(opens) and bool(opens[-1].form)
        if is_text:
            code_in_text += bool(_CODE.match(line))
        else:
            prose_in_code += bool(_PROSE.match(line))
        read = scan(line, opens, language_id, margin)
        opens, margin = read.opens, read.margin
        del opened_at[read.lowest :]
        if has_comments and not is_text and line.strip() == "*/":
            # The top is inside a comment: nothing above was code.
            opens, opened_at = (), []
        opened_at.extend([number] * (len(opens) - len(opened_at)))
        after.append(opens)
    return Above(tuple(after), tuple(opened_at), margin), code_in_text, code_in_text + prose_in_code


def begin_of_head(lines: list[str], number: int, language_id: str) -> int:
    """The line on which the head begins that goes on to line `number`, or that line itself."""
    begin = number
    if language_of(language_id).shape not in ("indent", "words"):
        return number
    while begin and not _HEAD.match(lines[begin]):
        if not _SEQUEL.match(lines[begin]) and not _UNFINISHED.search(lines[begin - 1]):
            break
        begin -= 1
    return begin if _HEAD.match(lines[begin]) else number


def closed_after(
    cursor: Opens, rest: str, below: list[str], language_id: str
) -> tuple[frozenset[int], frozenset[int]]:
    """Give which of what is open at the cursor is closed right of it, and which further down."""
    read = scan(rest, cursor, language_id)
    right = frozenset(depth for depth, _ in read.closed)
    found: set[int] = set()
    opens, lowest = read.opens, read.lowest
    if opens and unfinished_name(opens[-1].closer):
        # The rest of a tag is not what stands below.
        opens, lowest = opens[:-1], min(lowest, len(opens) - 1)
    is_apart = False
    for line in below:
        if len(opens) <= lowest:
            lowest = _still_open(opens, line, language_id)
            opens = opens[:lowest]
        read = scan(line, opens, language_id, read.margin)
        for depth, column in read.closed:
            if 0 <= depth < lowest:
                is_twice = depth and opens[depth] == opens[depth - 1]
                if is_apart and is_twice and not language_of(language_id).has_tags:
                    # `namespace {` and a function in it: the one with a gap before it is the outer.
                    depth -= 1
                is_later = bool(line[:column].strip(")]} \t"))
                if is_later or width_of(line) >= opens[depth].indent:
                    found.add(depth)
                lowest = depth
        is_apart = not line.strip()
        opens, lowest = read.opens, min(lowest, read.lowest)
        if not lowest:
            break
    return right, frozenset(found)


def _still_open(opens: Opens, line: str, language_id: str) -> int:
    """Count what can still be open at a line: code on a block's own level is outside of it."""
    bare = line.strip()
    if (
        language_of(language_id).has_tags
        or not bare
        or (opens and opens[-1].form)
        or _ANYWHERE.match(bare)
    ):
        return len(opens)
    if comment_start(language_of(language_id)).match(bare):
        return len(opens)
    level = width_of(line)
    count = len(opens)
    while count and opens[count - 1].indent >= level:
        count -= 1
    return count
