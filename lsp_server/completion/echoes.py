"""A model that begins with what stands before the cursor, and goes on from there."""

import re
from itertools import islice

from lsp_server.completion.situation import Situation

# An echo shorter than this may well be meant: `aa`, `((`.
SHORTEST_ECHO = 3
_MOST_LINES = 12
# A name, or a whole path of them, that the cursor stands right behind.
_NAME = re.compile(r"(?<![\w.])(?:[^\W\d]\w*+\.)*[^\W\d]\w*+$")


def after_echo(text: str, situation: Situation) -> str:
    """Give what follows the last lines above the cursor, all that a text begins with.

    Where something is typed already on the cursor's line, it comes again as well.
    """
    above, typed = _lines_above(situation), situation.line_prefix.strip()
    lines = text.lstrip().split("\n")
    rows = [*islice((row for row, line in enumerate(lines) if line.strip()), _MOST_LINES + 1)]
    told = [lines[row].strip() for row in rows]
    for count in range(1, len(above) + 1):
        if told[:count] != above[-count:] or not _is_telling(told[0]):
            continue
        if not typed:
            return "\n".join(lines[rows[count - 1] + 1 :])
        if told[count:] and told[count].startswith(typed):
            row = rows[count]
            return "\n".join([lines[row].lstrip()[len(typed) :], *lines[row + 1 :]])
    return text


def after_name(text: str, situation: Situation) -> str:
    """Give what follows the name right left of the cursor, when a text begins with it again.

    Names are hardly ever doubled in code: `requ|` and `requests` make `requests`.
    """
    here = situation.here
    if here.is_text or here.unfinished or here.code_end < len(situation.line_prefix):
        return text
    name = _NAME.search(situation.line_prefix)
    for written in (name[0], name[0].rpartition(".")[2]) if name else ():
        if len(written) >= SHORTEST_ECHO and text.startswith(written):
            return text[len(written) :]
    return text


def may_be_echo(text: str, situation: Situation) -> bool:
    """Tell whether all of a text so far is the beginning of such lines."""
    *whole, growing = text.lstrip().split("\n")
    told = [line.strip() for line in whole if line.strip()]
    if not told:
        return False
    above, typed = _lines_above(situation), situation.line_prefix.strip()
    return any(
        _is_telling(above[-count])
        and told == above[-count:][: len(told)]
        and [*above[-count:], typed][len(told)].startswith(growing.strip())
        for count in range(len(told) + (not typed), len(above) + 1)
    )


def _lines_above(situation: Situation) -> list[str]:
    """Give the nearest lines above with anything on them, top first."""
    told = (line.strip() for line in reversed(situation.lines_above) if line.strip())
    return [*islice(told, _MOST_LINES)][::-1]


def _is_telling(line: str) -> bool:
    return len(line) >= SHORTEST_ECHO and any(character.isalnum() for character in line)
