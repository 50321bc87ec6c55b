"""What the model of the recorded session would write at a place, and whether it is right there.

It knows the finished file. In about a third of the lines it goes another way at some word, until
the user has typed some characters past that place.
"""

import random
import re
from dataclasses import dataclass

_HARD_LINES = 0.35
_SHOWS_AFTER = (4, 24)
# Less is looked at where the user will still change something above.
_LOOKED_AT = (120, 40)
_WORD = re.compile(r"\b\w")
_OTHER_WAYS = (
    "value = compute(entry)",
    "process(current, index)",
    "result.update(options)",
    "handler.run(context)",
    "buffer.flush(limit)",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model writes; `is_right` when the user will type the rest of this line like that."""

    text: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class _HardLine:
    leaves_at: int
    returns_at: int
    other_way: str


class ModelKnowledge:
    """Knows one finished file, but for some of its lines."""

    def __init__(self, name: str, final: str) -> None:
        self.final = final
        chance = random.Random(f"{name} knowledge")  # noqa: S311 - a script, not a secret
        self._hard: dict[int, _HardLine] = {}
        for number, line in enumerate(final.split("\n")):
            places = [found.start() for found in _WORD.finditer(line)]
            if places and chance.random() < _HARD_LINES:
                leaves_at = chance.choice(places)
                other_way = chance.choice(_OTHER_WAYS)
                returns_at = leaves_at + chance.randint(*_SHOWS_AFTER)
                self._hard[number] = _HardLine(leaves_at, returns_at, other_way)

    def guess(self, prefix: str) -> Guess:
        """Continue a text; where the user has strayed from the file, anything is written."""
        offset = self._find(prefix)
        if offset is None:
            line = prefix[prefix.rfind("\n") + 1 :]
            return Guess("\n".join(_astray(line, len(prefix))).lstrip(), is_right=False)
        begin = self.final.rfind("\n", 0, offset) + 1
        first, *others = self.final[begin:].split("\n")
        number = self.final.count("\n", 0, offset)
        text, is_right = self._line(number, first, offset - begin)
        lines, line, is_known = [text], first, is_right
        while is_known and others:
            number, line = number + 1, others.pop(0)
            text, is_known = self._line(number, line, 0)
            lines.append(text)
        if not is_known:
            lines += _astray(line, number)
        return Guess("\n".join(lines), is_right)

    def _line(self, number: int, line: str, column: int) -> tuple[str, bool]:
        hard = self._hard.get(number)
        if hard is None or column >= hard.returns_at:
            return line[column:], True
        return line[column : hard.leaves_at] + hard.other_way, False

    def _find(self, prefix: str) -> int | None:
        for length in _LOOKED_AT:
            tail = prefix[-length:]
            if (at := self.final.find(tail)) >= 0:
                return at + len(tail)
        return None


def _astray(line: str, turn: int) -> list[str]:
    """What a model goes on with that has gone another way: lines of the same depth."""
    depth = line[: len(line) - len(line.lstrip(" "))]
    return [depth + _OTHER_WAYS[(turn + each) % len(_OTHER_WAYS)] for each in range(4)]
