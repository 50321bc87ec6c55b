"""A model that begins with the lines above the cursor, before it goes on from there."""

from itertools import islice

from lsp_server.completion.situation import Situation

# An echo shorter than this may well be meant: `aa`, `((`.
SHORTEST_ECHO = 3
_MOST_LINES = 12


def after_echo(text: str, situation: Situation) -> str:
    """Give what follows the last lines above the cursor, all that a text begins with."""
    above = _lines_above(situation)
    lines = text.lstrip().split("\n")
    rows = [*islice((row for row, line in enumerate(lines) if line.strip()), _MOST_LINES)]
    told = [lines[row].strip() for row in rows]
    for count in range(1, len(above) + 1):
        if told[:count] == above[-count:] and _is_telling(told[0]):
            return "\n".join(lines[rows[count - 1] + 1 :])
    return text


def may_be_echo(text: str, situation: Situation) -> bool:
    """Tell whether all of a text so far is the beginning of such an echo."""
    *whole, growing = text.lstrip().split("\n")
    told = [line.strip() for line in whole if line.strip()]
    if not told:
        return False
    above = _lines_above(situation)
    return any(
        _is_telling(above[-count])
        and told == above[-count:][: len(told)]
        and above[len(told) - count].startswith(growing.strip())
        for count in range(len(told) + 1, len(above) + 1)
    )


def _lines_above(situation: Situation) -> list[str]:
    """Give the nearest lines above with anything on them, top first."""
    told = (line.strip() for line in reversed(situation.lines_above) if line.strip())
    return [*islice(told, _MOST_LINES)][::-1]


def _is_telling(line: str) -> bool:
    return len(line) >= SHORTEST_ECHO and any(character.isalnum() for character in line)
