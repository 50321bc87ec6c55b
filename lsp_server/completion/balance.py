"""Which brackets a text leaves open in front of the rest of the line, or closes a second time."""

from typing import NamedTuple

from lsp_server.completion.scanner import Opens, scan
from lsp_server.completion.situation import Situation

_BRACKETS = frozenset(")]}")


class _Balance(NamedTuple):
    """What a text does to the brackets that are open at the cursor."""

    opens: int
    """How many are open behind it."""
    lowest: int
    """How many were open at least all the time; below zero for what nothing opens."""
    surplus: int | None
    """Where in the text the first bracket stands that was open at the cursor and is closed."""
    unfinished: str
    """The quote of a string that the last line leaves open."""


def is_balanced(text: str, replaces: int, situation: Situation) -> bool:
    """Tell whether a text leaves the brackets around what it does not replace as they were."""
    rest = situation.line_suffix.rstrip()
    if "\n" in text or not rest:
        return True
    left = rest[replaces:]
    before, alone = _read(rest, situation), _read(text, situation)
    after = _read(text + left, situation)
    if left.strip() and after.opens > before.opens:
        return False
    if situation.here.unfinished and after.unfinished and not before.unfinished:
        return False
    return after.lowest >= min(before.lowest, max(alone.lowest, 0))


def before_closer(text: str, situation: Situation) -> str:
    """Give what stands in a text before it closes what was open at the cursor."""
    if situation.here.unfinished:
        return text.partition(situation.here.unfinished)[0].rstrip()
    return text[: _read(text, situation).surplus].rstrip()


def closes_its_own(text: str, situation: Situation, replaced: str = "") -> bool:
    """Tell whether the same is open behind a text as behind what it replaces."""
    return _opens_after(text, situation) == _opens_after(replaced, situation)


def _opens_after(text: str, situation: Situation) -> Opens:
    opens, margin = situation.opens, situation.above.margin
    for line in (situation.line_prefix + text).split("\n"):
        read = scan(line, opens, situation.language_id, margin)
        opens, margin = read.opens, read.margin
    return opens


def _read(text: str, situation: Situation) -> _Balance:
    opens, margin = situation.opens, situation.above.margin
    typed, position, missing = len(situation.line_prefix), 0, 0
    lowest, surplus = len(situation.here.opens), None
    for line in (situation.line_prefix + text).split("\n"):
        read = scan(line, opens, situation.language_id, margin)
        for depth, column in read.closed:
            if position + column < typed:
                continue
            missing += depth < 0
            if depth < lowest and surplus is None:
                surplus = position + column - typed
            lowest = min(lowest, depth if depth >= 0 else -missing)
        opens, margin = read.opens, read.margin
        position += len(line) + 1
    count = sum(entry.closer in _BRACKETS for entry in opens)
    return _Balance(count, lowest, surplus, read.unfinished)
