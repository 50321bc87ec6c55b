"""Cuts a file into excerpts that can be shown on their own, and notes what they are about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lsp_server.completion.secret_text import is_in_key, looks_secret

# An excerpt ends at a blank line once it is long enough, and where it gets too long.
_FEWEST_LINES, _MOST_LINES = 10, 24
# Longer lines are data, or code that nobody reads.
_LONGEST_LINE = 400
LAST_LINE = 10_000
"""How far files are read."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{2,}")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}")
_HUMP = re.compile(r"[a-z]{3,}|[A-Z][a-z]{2,}|[A-Z]{3,}")
_DEFINITION = re.compile(
    r"\b(?:def|class|func|function|fn|struct|interface|trait|type|enum|record|module|object|const"
    r"|let|var|val|static|public|private|protected|void|macro|#define)\s+\*?([A-Za-z_]\w{2,})"
)
_COMMON = frozenset(
    """
    and are break case catch class const continue def default del elif else enum except export
    extends false final finally for from func function if implements import in int interface let
    long new none not null package pass private protected public raise return self static str
    string struct super switch the this throw throws true try type undefined union use using val
    var void while with yield
    """.split()  # noqa: SIM905 - as a list it would be a page
)


def words_of(text: str) -> frozenset[str]:
    """Give the words of a text in lower case, those inside of names as well."""
    words = set(_WORD.findall(text))
    humps = {part for word in words if not word.islower() for part in _HUMP.findall(word)}
    return frozenset(word.lower() for word in words | humps) - _COMMON


def identifiers_of(text: str) -> frozenset[str]:
    """Give the names in a text."""
    return frozenset(_IDENTIFIER.findall(text))


@dataclass(frozen=True)
class Excerpt:
    """Successive lines of a file, from line `start`, with LF between them."""

    start: int
    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        """What it is about."""
        return words_of(self.text)

    @cached_property
    def defines(self) -> frozenset[str]:
        """The names it seems to define."""
        return frozenset(_DEFINITION.findall(self.text))

    @cached_property
    def lines(self) -> frozenset[str]:
        """The lines that say something, without their indentation."""
        return telling_lines(self.text)


def telling_lines(text: str) -> frozenset[str]:
    """Give the lines that are more than a bracket, without their indentation."""
    return frozenset(line for raw in text.split("\n") if len(line := raw.strip()) > 3)


def excerpts_of(lines: Sequence[str]) -> Iterator[Excerpt]:
    """Cut a file into excerpts, each at a small cost; what may be a secret is left out."""
    start, last = 0, min(len(lines), LAST_LINE)
    is_key = False
    while start < last:
        end = start + 1
        while end < last and end - start < _MOST_LINES:
            if end - start >= _FEWEST_LINES and not lines[end - 1].strip():
                break
            end += 1
        excerpt = None if is_key else _excerpt(lines[start:end], start)
        for line in lines[start:end]:
            is_key = is_in_key(line, was_in_key=is_key)
        if excerpt is not None:
            yield excerpt
        start = end


def _excerpt(lines: Sequence[str], start: int) -> Excerpt | None:
    if any(len(line) > _LONGEST_LINE for line in lines):
        return None
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    if not text.strip() or looks_secret(text):
        return None
    return Excerpt(start, text)
