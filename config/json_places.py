"""Where the parts of a text stand: keys and values, as offsets and as lines and columns."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from config.problems import Problem


@dataclass(slots=True)
class Syntax:
    """Where a value and its key stand in the text, as offsets; an end is the offset behind.

    `members` of an object or list come in the order of the text, also those whose key is given
    again later.
    """

    start: int
    end: int = 0
    name: str = ""
    key_start: int | None = None
    key_end: int = 0
    colon_end: int | None = None
    opener: Literal["", "{", "["] = ""
    is_cut_off: bool = False
    members: Sequence["Syntax"] = ()
    _by_name: dict[str, "Syntax"] | None = None

    @property
    def key(self) -> tuple[int, int] | None:
        """Start and end of the key, for a member of an object."""
        return None if self.key_start is None else (self.key_start, self.key_end)

    def child(self, name: str) -> "Syntax | None":
        """Give the member with a key or index, of several the last one."""
        # Few are asked for, and one dictionary less for each object makes reading faster.
        if self._by_name is None:
            self._by_name = {member.name: member for member in self.members}
        return self._by_name.get(name)


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A value with its places, and what is wrong with the text."""

    text: str = field(repr=False)
    value: object = field(repr=False)
    syntax: Syntax = field(repr=False)
    problems: tuple[Problem, ...]
    line_starts: tuple[int, ...] = field(repr=False)

    def place(self, pointer: str, *, of_key: bool = False) -> tuple[int, int]:
        """Give line and column of the value or key at a pointer, or of its nearest parent."""
        return line_and_column(self.line_starts, self.range_of(pointer, of_key=of_key)[0])

    def range_of(self, pointer: str, *, of_key: bool = False) -> tuple[int, int]:
        """Give start and end of the value or key at a pointer, or of its nearest parent."""
        syntax = self.syntax
        for name in names_of(pointer):
            inner = syntax.child(name)
            if inner is None:
                return syntax.start, syntax.end
            syntax = inner
        return syntax.key if of_key and syntax.key is not None else (syntax.start, syntax.end)

    def offset_of(self, line: int, column: int) -> int:
        """Give the offset of a line and column, both counted from 1."""
        return self.line_starts[line - 1] + column - 1


def line_and_column(line_starts: tuple[int, ...], offset: int) -> tuple[int, int]:
    """Give the line and column of an offset, both counted from 1."""
    line = bisect_right(line_starts, offset)
    return line, offset - line_starts[line - 1] + 1


def names_of(pointer: str) -> Iterator[str]:
    """Give the keys and indices of an RFC 6901 pointer."""
    for part in pointer.split("/")[1:]:
        yield part.replace("~1", "/").replace("~0", "~")


def existing(pointer: str, value: object) -> str:
    """Give the pointer, or as much of it as leads to something in this value."""
    parts = pointer.split("/")
    for count, name in enumerate(names_of(pointer), start=1):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return "/".join(parts[:count])
    return pointer
