"""Chooses which excerpts of other files are worth showing for a place in a file."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import attrgetter
from time import perf_counter

from lsp_server.completion.excerpts import Excerpt, identifiers_of, telling_lines, words_of
from providers.messages import ContextSnippet

_MOST, _CONSIDERED = 12, 64
# So many take no time worth speaking of.
_ALWAYS_RATED = 100
_LINES_BEFORE, _LINES_AFTER = 30, 10
# A path, and what a prompt puts around a file or before each of its lines.
_OVERHEAD, _OVERHEAD_PER_LINE = 24, 3
_FEWEST_LINES = 5
_SAME = 0.6
_DEFINES, _IS_IMPORTED, _IS_RECENT = 0.2, 0.1, 0.05


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be shown, in excerpts."""

    path: str
    excerpts: Sequence[Excerpt]


@dataclass(frozen=True, slots=True)
class _Rated:
    loss: float
    path: str
    excerpt: Excerpt

    @property
    def order(self) -> tuple[float, str, int]:
        return self.loss, self.path, self.excerpt.start


@dataclass(frozen=True)
class Wanted:
    """What the text around a cursor is about."""

    words: frozenset[str]
    names: frozenset[str]
    imported: frozenset[str]
    shown: frozenset[str]

    @classmethod
    def of(cls, prefix: str, suffix: str, imports: str) -> "Wanted":
        """Read it off the text that is shown and the file's import lines."""
        near = "\n".join(
            [*prefix.split("\n")[-_LINES_BEFORE:], *suffix.split("\n", _LINES_AFTER)[:_LINES_AFTER]]
        )
        return cls(
            words_of(near),
            identifiers_of(near) | identifiers_of(imports),
            words_of(imports),
            telling_lines(prefix) | telling_lines(suffix),
        )


def cost_of(snippets: Iterable[ContextSnippet]) -> int:
    """Count the characters that snippets take in a prompt."""
    return sum(_cost(one.path, one.text) for one in snippets)


def choose(
    files: Sequence[File], wanted: Wanted, room: int, deadline: float
) -> tuple[ContextSnippet, ...]:
    """Give the best excerpts that fit, in the order of their paths and lines.

    The file used last is the first. What has not been rated by the deadline, on the clock of
    `time.perf_counter`, is left out.
    """
    chosen: list[tuple[str, int, str]] = []
    seen: list[frozenset[str]] = [wanted.shown]
    for one in _best(files, wanted, deadline):
        if len(chosen) == _MOST or room <= _OVERHEAD:
            break
        if any(_is_same(one.excerpt.lines, other) for other in seen):
            continue
        text = _fitting(one.path, one.excerpt.text, room)
        if text:
            chosen.append((one.path, one.excerpt.start, text))
            seen.append(one.excerpt.lines)
            room -= _cost(one.path, text)
    return tuple(ContextSnippet(path, text) for path, _, text in sorted(chosen))


def _best(files: Sequence[File], wanted: Wanted, deadline: float) -> list[_Rated]:
    rated: list[_Rated] = []
    for rank, file in enumerate(files):
        stem = file.path.rpartition("/")[2].partition(".")[0]
        bonus = _IS_RECENT / (1 + rank)
        if words_of(stem) & wanted.imported:
            bonus += _IS_IMPORTED
        for excerpt in file.excerpts:
            if len(rated) >= _ALWAYS_RATED and perf_counter() > deadline:
                break
            if (worth := _worth(excerpt, wanted)) > 0:
                rated.append(_Rated(-worth - bonus, file.path, excerpt))
    return heapq.nsmallest(_CONSIDERED, rated, key=attrgetter("order"))


def _worth(excerpt: Excerpt, wanted: Wanted) -> float:
    common = len(excerpt.words & wanted.words)
    hits = len(excerpt.defines & wanted.names)
    likeness = common / sqrt((len(excerpt.words) or 1) * (len(wanted.words) or 1))
    return likeness + _DEFINES * min(hits, 3)


def _is_same(lines: frozenset[str], other: frozenset[str]) -> bool:
    return len(lines & other) > _SAME * len(lines)


def _cost(path: str, text: str) -> int:
    return len(text) + len(path) + _OVERHEAD + _OVERHEAD_PER_LINE * (text.count("\n") + 1)


def _fitting(path: str, text: str, room: int) -> str:
    """Give the whole text, or as many of its first lines as fit, or nothing."""
    lines = text.split("\n")
    while _cost(path, text) > room:
        lines.pop()
        if len(lines) < _FEWEST_LINES:
            return ""
        text = "\n".join(lines)
    return text
