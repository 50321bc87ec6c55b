"""Cuts what the document already holds below the cursor, and what the model keeps repeating."""

from lsp_server.completion.situation import Situation, indentation, width

_LONGEST_PERIOD = 8
_TOO_OFTEN = 3
_SHORTEST_PARTIAL = 3


def without_suffix_repeat(text: str, situation: Situation) -> str:
    """Drop everything from the first line on that the next line of the document already says."""
    wanted = situation.next_line
    if not wanted:
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if index == 0 and not situation.is_blank_line:
            continue
        level = situation.indent if index == 0 else width(indentation(line))
        is_last = index == len(lines) - 1
        if level <= width(indentation(wanted)) and _repeats(line, wanted, is_last):
            return "\n".join(lines[:index])
    return text


def _repeats(line: str, wanted: str, is_last: bool) -> bool:
    line, wanted = line.strip(), wanted.strip()
    if line == wanted:
        return True
    return is_last and len(line) >= _SHORTEST_PARTIAL and wanted.startswith(line)


def without_loop(text: str) -> str:
    """Keep one turn of a loop: a line, or a group of up to eight, written three times in a row."""
    lines = text.split("\n")
    # Without indentation: the first line's stands before the cursor already.
    bare = [line.strip() for line in lines]
    for start in range(len(lines)):
        for period in range(1, _LONGEST_PERIOD + 1):
            if start + period * _TOO_OFTEN > len(lines):
                break
            turn = bare[start : start + period]
            if any(turn) and all(
                bare[start + period * n : start + period * (n + 1)] == turn
                for n in range(1, _TOO_OFTEN)
            ):
                return "\n".join(lines[: start + period])
    return text
