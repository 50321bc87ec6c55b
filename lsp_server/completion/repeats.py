"""Cuts what the document already holds below the cursor, and what the model keeps repeating."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.completion.languages import language_of
from lsp_server.completion.situation import Situation
from lsp_server.completion.tags import END_TAG

_END_TAG = re.compile(END_TAG)
_LONGEST_PERIOD = 8
_TOO_OFTEN = 3
_SHORTEST_PARTIAL = 3
_SHORTEST_SQUEEZED = 6
_QUOTE = re.compile("[\"'`]")
# No decorator, directive or comment: `@Override`, `#endif` and `/**` stand in many places.
_LETTERS_FIRST = re.compile(r"[}\])\s]*[^\W\d]")
_WORD = re.compile(r"\w+")
_OPENERS = frozenset("{([:,")
_BRACKETS = re.compile(r"\s*[)\]}]+(?:[;,][)\]};,]*)?\s*")
# What declares a name: by a word for it, or by a type, where what is declared has a body.
_DECLARATION = re.compile(
    r"(?:(?:export|default|declare|public|private|protected|internal|abstract|final|static|sealed"
    r"|partial|data|async|unsafe|const|local|inline|override|suspend|open|pub(?:\([^)]*\))?)\s+)*"
    r"(?:(?:defp?|fn|fun|func|function|class|struct|interface|enum|trait|record|type)\s+"
    r"|func\s*\([^)]*\)\s*|impl\b(?:<[^{]*>)?\s*)\w"
)
_CONTROL = (
    r"(?:return|yield|new|await|throw|if|else|elsif|elseif|unless|for|foreach|while|until|do|try"
    r"|switch|match|case|when|catch|with|using|lock|guard|defer|go|async\s+(?:for|with))"
)
_TYPED = re.compile(
    rf"(?!{_CONTROL}\b)[^\W\d][\w<>\[\],.*&:? ]*[\s*&](?!{_CONTROL}\b)\w+\s*\([^;=]*$"
)
# Lines with anything on them that what repeats can reach back over.
WINDOW = _LONGEST_PERIOD * _TOO_OFTEN


@dataclass(frozen=True, slots=True)
class _Repeat:
    """How many lines are left of a text; `is_final` when more text could not change that."""

    kept: int
    is_final: bool


def without_suffix_repeat(text: str, situation: Situation) -> str:
    """Drop everything from the first line on that the document says again below the cursor.

    That is a statement, or what ends the cursor's block. Lines that stand in many places, such as
    `@property`, count when those after them agree as well.
    """
    lines = text.split("\n")
    found = _suffix_repeat(lines, situation, 0)
    return "\n".join(lines[: found.kept]) if found else text


def without_loop(text: str, situation: Situation) -> str:
    """Keep one turn of a loop: a line, or a group of up to eight, written three times in a row.

    The loop that is complete first counts, so that text which comes later changes nothing.
    """
    typed = situation.line_prefix
    lines = (typed + text).rstrip("\n").split("\n")
    found = _loop(lines, _TOO_OFTEN)
    return "\n".join(lines[: found.kept]).rstrip("\n")[len(typed) :] if found else text


def is_repeating(
    lines: Sequence[str], situation: Situation, start: int = 0, settled: int = 0
) -> bool:
    """Tell whether a text is cut for a repeat, whatever follows.

    `lines` are those from line `start` of the text on; nothing was found in the first `settled`.
    """
    repeat = _suffix_repeat(lines, situation, start)
    if repeat and repeat.is_final:
        return True
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    whole = [*lines[:last]]
    if not start and whole:
        whole[0] = situation.line_prefix + whole[0]
    loop = _loop(whole, max(settled - start, _TOO_OFTEN))
    return loop is not None and loop.is_final


def _suffix_repeat(lines: Sequence[str], situation: Situation, start: int) -> _Repeat | None:
    wanted = situation.next_lines
    if not wanted:
        return None
    opens_right = situation.line_suffix.rstrip().endswith(("{", "(", "["))
    is_closer = _BRACKETS.fullmatch(wanted[0]) or _is_end_tag(wanted[0], situation)
    if is_closer and not opens_right:
        # A bracket: the cut has seen to those, but for what stands right of the cursor.
        return None
    for index, line in enumerate(lines):
        is_first = start + index == 0
        if is_first and not situation.is_blank_line:
            continue
        level = situation.indent if is_first else situation.width(line)
        is_last = index == len(lines) - 1
        if level > situation.width(wanted[0]) or not _repeats(line, wanted[0], is_last):
            continue
        is_declared = level == situation.width(wanted[0]) and _is_declaration(situation)
        is_once = is_declared or level < situation.indent or _is_statement(situation)
        if is_once and _LETTERS_FIRST.match(line):
            return _Repeat(index, is_final=not is_last)
        if agreed := _agreement(lines, index, wanted):
            return _Repeat(index, is_final=agreed == len(wanted) and not is_last)
    return None


def _is_end_tag(line: str, situation: Situation) -> bool:
    return language_of(situation.language_id).has_tags and bool(_END_TAG.fullmatch(line.strip()))


def _is_statement(situation: Situation) -> bool:
    """Tell whether the next line below is a statement of its own, which is seldom written twice.

    Not `break;`, `if err != nil {` or another line that deeper ones belong to.
    """
    line, *after = situation.next_lines
    has_more = bool(after) and situation.width(after[0]) > situation.width(line)
    return not has_more and line.rstrip()[-1] not in _OPENERS and len(_WORD.findall(line)) > 1


def _is_declaration(situation: Situation) -> bool:
    """Tell whether the next line below begins the only declaration of a name, with a body."""
    line, *after = (row.strip() for row in situation.next_lines)
    if line.count("(") > line.count(")"):
        return False  # the parameters are below, and may be those of an overload
    if _DECLARATION.match(line):
        return True
    return bool(_TYPED.match(line)) and (line.endswith("{") or after[:1] == ["{"])


def _agreement(lines: Sequence[str], index: int, wanted: Sequence[str]) -> int:
    """Count the finished lines from `index` on that are the wanted ones; 0 when one is another."""
    rows = (row for row in range(index, len(lines)) if lines[row].strip())
    count = 0
    for line, row in zip(wanted, rows, strict=False):
        is_last = row == len(lines) - 1
        if not _repeats(lines[row], line, is_last):
            return 0
        count += not is_last
    return max(count, 1)


def _repeats(line: str, wanted: str, is_last: bool) -> bool:
    line, wanted = line.strip(), wanted.strip()
    if line == wanted or ((squeezed := _squeezed(line)) and squeezed == _squeezed(wanted)):
        return True
    return is_last and len(line) >= _SHORTEST_PARTIAL and wanted.startswith(line)


def _squeezed(line: str) -> str:
    """Give a line without its blanks; nothing where it is short, or they are part of a string."""
    squeezed = "".join(line.split())
    return "" if len(squeezed) < _SHORTEST_SQUEEZED or _QUOTE.search(line) else squeezed


def _loop(lines: Sequence[str], first_end: int) -> _Repeat | None:
    for end in range(first_end, len(lines) + 1):
        for period in range(1, min(_LONGEST_PERIOD, end // _TOO_OFTEN) + 1):
            start = end - period * _TOO_OFTEN
            turn = lines[start : start + period]
            if _is_telling(turn) and all(
                lines[start + period * n : start + period * (n + 1)] == turn
                for n in range(1, _TOO_OFTEN)
            ):
                return _Repeat(start + period, is_final=end < len(lines))
    return None


def _is_telling(turn: Sequence[str]) -> bool:
    return any(character.isalnum() for line in turn for character in line)
