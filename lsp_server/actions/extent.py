"""Which lines an action is about: those selected, else the definition around the cursor."""

import re
from collections.abc import Sequence
from itertools import takewhile

from lsp_server.edits.indentation import indentation_of

_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe"
    r"|pub(?:\([^)]*\))?|extern|override|virtual|inline|const|local|open|suspend|data|sealed)\s+)*"
)
_DEFINITION = re.compile(
    rf"\s*{_MODIFIERS}(?:def|defp|defmodule|class|function|func|fn|fun|struct|enum|trait|impl"
    r"|interface|module|sub|proc|object|record|namespace)\b"
    r"|\s*(?:export\s+)?(?:const|let|var)\s+\w+\s*=.*(?:=>|\bfunction\b)"
    r"|\s*(?!(?:if|for|while|switch|return|else|catch|elif|elseif|do|with|match|case|foreach)\b)"
    r"[\w:<>,&*~\[\]]+[\w:<>,&*~\[\] \t]*\([^;]*\)[\w\s:<>]*\{?\s*$"
)
_ATTRIBUTE = re.compile(r"\s*(@\w|#\[|\[\w)")
_CLOSER = re.compile(r"\s*([)\]}]|end\b|\{\s*$)")
_GOES_ON = (":", "{", "(", "[")
_LINES_BEFORE = 400
_LINES_BESIDE = 5


def extent_at(lines: Sequence[str], number: int) -> tuple[int, int]:
    """The first line and the line after the last, of the definition or paragraph at a line."""
    for first in range(number, max(-1, number - _LINES_BEFORE), -1):
        if _DEFINITION.match(lines[first]):
            end = _end_of(lines, first)
            if end > number:
                return _with_attributes(lines, first), end
    return _paragraph(lines, number)


def extent_beside(lines: Sequence[str], first: int, last: int, most: int) -> tuple[int, int]:
    """The definition that holds some lines; where it is too long, those lines and a few beside."""
    begin, end = extent_at(lines, first)
    if end > last and end - begin <= most:
        return begin, end
    return max(0, first - _LINES_BESIDE), min(len(lines), last + 1 + _LINES_BESIDE)


def _end_of(lines: Sequence[str], first: int) -> int:
    depth = len(indentation_of(lines[first]))
    end = first + 1
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        indent = len(indentation_of(line))
        if indent < depth or (indent == depth and not _CLOSER.match(line)):
            break
        end = number + 1
        if indent == depth and not line.rstrip().endswith(_GOES_ON):
            break
    return end


def _with_attributes(lines: Sequence[str], first: int) -> int:
    above = lines[:first][::-1]
    return first - sum(1 for _ in takewhile(_ATTRIBUTE.match, above))


def _paragraph(lines: Sequence[str], number: int) -> tuple[int, int]:
    above = sum(1 for _ in takewhile(str.strip, lines[:number][::-1]))
    below = sum(1 for _ in takewhile(str.strip, lines[number:]))
    return number - above, max(number + below, number + 1)
