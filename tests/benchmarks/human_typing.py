"""A seeded model of somebody at a keyboard: from what is written to timed edits of an editor.

The times follow what is known of programmers' typing: bursts of 120 to 250 ms a key, longer for
keys that need shift, a breath between words, a thought at the beginning of a line. A few letters
are wrong, noticed some keys later and taken back. The editor indents after Enter and closes
brackets and quotes, and closers are typed over.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.recorded_code import Jump, Paste, Recording, Write

_PAIRS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}
_CLOSERS = frozenset(_PAIRS.values())
_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "n": "m", "o": "p", "r": "t", "s": "d", "t": "y"}
_WRONG_KEYS = 0.06
_CLOSED_BELOW = re.compile(r"\n[ \t]*[)\]}]")


@dataclass(frozen=True, slots=True)
class Key:
    """One step at the keyboard: an edit of a range, or with an empty one a move of the cursor."""

    pause_s: float
    """How long after the step before."""
    start: int
    end: int
    text: str
    cursor: int
    """Where the cursor stands afterwards."""

    @property
    def is_edit(self) -> bool:
        """Whether the text changes."""
        return bool(self.text) or self.start != self.end


class _Editor:
    """The file, the cursor and the editor's own additions; yields what each key does."""

    def __init__(self, recording: Recording, seed: int) -> None:
        before, _, after = recording.marked.partition("|")
        self.text, self.cursor = before + after, len(before)
        self._step = 4 if recording.language_id == "python" else 2
        self._auto_closed: list[str] = []
        self._random = random.Random(f"{recording.name} {seed}")  # noqa: S311 - a recording, not a secret

    def play(self, recording: Recording) -> Iterator[Key]:
        for part in recording.parts:
            if isinstance(part, Jump):
                yield self._jump(self.text.index(part.behind) + len(part.behind))
            elif isinstance(part, Paste):
                yield self._edit(self._thought(), self.cursor, self.cursor, part.text)
            else:
                yield from self._write(part)

    def _write(self, part: Write) -> Iterator[Key]:
        done = 0
        while done < len(part.text):
            rest = part.text[done:]
            closed = _CLOSED_BELOW.match(rest)
            if closed and self._auto_closed and self.text.startswith(closed[0], self.cursor):
                self._auto_closed.pop()
                done += len(closed[0])
                yield self._jump(self.cursor + len(closed[0]))
            elif rest[0] == "\n":
                blanks = rest[1:][: len(rest[1:]) - len(rest[1:].lstrip(" "))]
                yield from self._enter(blanks if rest[1:].strip(" ")[:1] != "\n" else None)
                done += 1 + len(blanks)
            else:
                yield from self._letter(rest)
                done += 1

    def _letter(self, rest: str) -> Iterator[Key]:
        wrong = _NEIGHBOURS.get(rest[0])
        if wrong and self._random.random() < _WRONG_KEYS:
            more = rest[1 : 1 + self._random.randint(0, 2)]
            more = more if more.isalpha() else ""
            for letter in wrong + more:
                yield self._insert(self._burst(letter), letter)
            for number in range(len(wrong + more)):
                pause = self._random.uniform(0.25, 0.5) if not number else 0.13
                yield self._edit(pause, self.cursor - 1, self.cursor, "")
        yield self._insert(self._burst(rest[0]), rest[0])

    def _insert(self, pause: float, letter: str) -> Key:
        at, following = self.cursor, self.text[self.cursor : self.cursor + 1]
        if letter in _CLOSERS and self._auto_closed[-1:] == [letter] and following == letter:
            self._auto_closed.pop()
            return self._edit(pause, at, at + 1, letter)
        is_free = not following.strip() or following in _CLOSERS
        if letter in _PAIRS and is_free and not self._ends_string(letter):
            self._auto_closed.append(_PAIRS[letter])
            return self._edit(pause, at, at, letter + _PAIRS[letter], at + 1)
        return self._edit(pause, at, at, letter)

    def _ends_string(self, letter: str) -> bool:
        """Whether a quote belongs to one before it on the line, or to the word before it."""
        line = self.text[self.text.rfind("\n", 0, self.cursor) + 1 : self.cursor]
        is_paired = line.count(letter) % 2 == 1 or line[-1:] == letter or line[-1:].isalnum()
        return letter in "\"'`" and is_paired

    def _enter(self, wanted: str | None) -> Iterator[Key]:
        """Begin a line; the editor indents it, and the user corrects that where it is not right."""
        line = self.text[self.text.rfind("\n", 0, self.cursor) + 1 : self.cursor]
        indent = line[: len(line) - len(line.lstrip(" "))]
        opened = line.rstrip()[-1:]
        given = indent + " " * self._step if opened in {":", "{", "(", "["} else indent
        if line.lstrip().startswith(("return", "raise", "throw")) and self._step == 4:
            given = indent[self._step :]
        start = self.cursor - (len(line) if not line.strip() else 0)
        at = self.cursor
        between = opened in _PAIRS and self.text[at : at + 1] == _PAIRS[opened]
        text = f"\n{given}" + (f"\n{indent}" if between else "")
        yield self._edit(self._burst(" "), start, at, text, start + 1 + len(given))
        if wanted is None:
            return
        while len(given) > len(wanted):
            gone = min(self._step, len(given))
            given = given[gone:]
            yield self._edit(self._burst(" "), self.cursor - gone, self.cursor, "")
        if missing := wanted[len(given) :]:
            yield self._insert(self._burst(" "), missing)

    def _jump(self, to: int) -> Key:
        pause = self._random.uniform(0.25, 0.6)
        self.cursor = to
        return Key(pause, to, to, "", to)

    def _edit(self, pause: float, start: int, end: int, text: str, cursor: int = -1) -> Key:
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = start + len(text) if cursor < 0 else cursor
        return Key(pause, start, end, text, self.cursor)

    def _burst(self, letter: str) -> float:
        pause = min(0.25, max(0.12, self._random.lognormvariate(-1.85, 0.25)))
        line = self.text[self.text.rfind("\n", 0, self.cursor) + 1 : self.cursor]
        if not line.strip() and letter != " ":
            return self._thought()
        if line.endswith(" ") and self._random.random() < 0.08:
            return pause + self._random.uniform(0.4, 1.2)
        return pause + (0.0 if letter.isalnum() or letter in " .," else 0.07)

    def _thought(self) -> float:
        return self._random.uniform(0.3, 1.1)


@dataclass(frozen=True, slots=True)
class Typing:
    """A recording key by key, and the file as it is at the end."""

    recording: Recording
    keys: tuple[Key, ...]
    final: str


def typing_of(recording: Recording, seed: int = 1) -> Typing:
    """Type a recording; equal for an equal seed."""
    editor = _Editor(recording, seed)
    keys = tuple(editor.play(recording))
    return Typing(recording, keys, editor.text)
