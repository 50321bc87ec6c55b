"""Where text is wanted, and whether that place has been reached from another one by typing."""

from dataclasses import dataclass

from lsp_server.completion.situation import Situation

# What editors put right of the cursor by themselves when an opening bracket or quote is typed.
_AUTO_CLOSED = frozenset(")]}>\"'`;")
_MOST_AUTO_CLOSED = 4
# Two texts that were clipped at different places are taken for the same from this length on.
_CLEAR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one version of a document; `line` and `column` count characters from 0."""

    uri: str
    version: int
    line: int
    column: int
    situation: Situation
    source: object
    """The configuration whose models are asked; another one has other answers."""


def typed_between(earlier: Cursor, later: Cursor) -> str | None:
    """Give what has been typed at `earlier` to get to `later`, or None when more has changed."""
    if earlier.uri != later.uri or earlier.source is not later.source:
        return None
    begin = _offset_of(earlier, later)
    if begin is None:
        return None
    prefix, suffix = later.situation.prefix, later.situation.suffix
    if not same_before(prefix[:begin], earlier.situation.prefix):
        return None
    if not _same_after_closers(suffix, earlier.situation.suffix):
        return None
    return prefix[begin:]


def _offset_of(earlier: Cursor, later: Cursor) -> int | None:
    """Where in the later cursor's prefix the earlier one stood."""
    prefix = later.situation.prefix
    if earlier.line == later.line:
        begin = len(prefix) - (later.column - earlier.column)
        return begin if 0 <= begin <= len(prefix) else None
    # From the line ends between the two to the beginning of the earlier line, or of the text.
    end = len(prefix)
    for _ in range(later.line - earlier.line):
        end = prefix.rfind("\n", 0, max(end, 0))
    begin = prefix.rfind("\n", 0, max(end, 0)) + 1 + earlier.column
    return begin if earlier.line < later.line and begin <= end else None


def same_before(one: str, other: str) -> bool:
    """Tell whether two texts end alike, each perhaps clipped at its beginning."""
    if one == other:
        return True
    length = min(len(one), len(other))
    return length >= _CLEAR_LENGTH and one[-length:] == other[-length:]


def _same_after(one: str, other: str) -> bool:
    if one == other:
        return True
    length = min(len(one), len(other))
    return length >= _CLEAR_LENGTH and one[:length] == other[:length]


def _same_after_closers(now: str, then: str) -> bool:
    for count in range(_MOST_AUTO_CLOSED + 1):
        if _same_after(now[count:], then):
            return True
        if now[count : count + 1] not in _AUTO_CLOSED:
            return False
    return False


def typed_at(cursor: Cursor, before: str, after: str) -> list[str]:
    """Give what may have been typed at a cursor, from the text around that place as it is now.

    Several, the longest first, since closing brackets may stand there of the editor's own doing;
    none when anything else has changed.
    """
    if not same_before(before, cursor.situation.prefix):
        return []
    below = cursor.situation.suffix[:_CLEAR_LENGTH]
    if len(below) < _CLEAR_LENGTH and after.endswith(below):
        end = len(after) - len(below)  # all the rest of the document
    else:
        end = after.find(below)
    if end < 0:
        return []
    found = [after[:end]]
    while len(found) <= _MOST_AUTO_CLOSED and found[-1][-1:] in _AUTO_CLOSED and found[-1]:
        found.append(found[-1][:-1])
    return found
