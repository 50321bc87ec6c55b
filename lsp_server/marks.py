"""Pieces of documents that stay the same pieces while the user edits around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Mark:
    """A piece of a document between two offsets; it is lost once an edit has touched it."""

    start: int
    end: int
    is_lost: bool = False

    def follow(self, start: int, end: int, length: int) -> None:
        """Take in that what stood from `start` to `end` is `length` other characters now."""
        is_empty = self.start == self.end
        if end < self.start or (end == self.start and not is_empty):
            by = length - (end - start)
            self.start += by
            self.end += by
        elif start < self.end or (start == self.end and is_empty):
            self.is_lost = True


class Marks:
    """The marks of each document that somebody holds."""

    def __init__(self) -> None:
        self._held: dict[str, list[Mark]] = {}

    def __contains__(self, uri: str) -> bool:
        return uri in self._held

    @contextmanager
    def holding(self, uri: str, start: int, end: int) -> Iterator[Mark]:
        """Follow a piece of a document while the context lasts."""
        mark = Mark(start, end)
        self._held.setdefault(uri, []).append(mark)
        try:
            yield mark
        finally:
            held = [other for other in self._held[uri] if other is not mark]
            if held:
                self._held[uri] = held
            else:
                del self._held[uri]

    def edited(self, uri: str, start: int, end: int, length: int) -> None:
        """Move the marks of a document whose text is about to change."""
        for mark in self._held.get(uri, ()):
            mark.follow(start, end, length)

    def lost(self, uri: str) -> None:
        """Give up the marks of a document that is opened anew or closed."""
        for mark in self._held.get(uri, ()):
            mark.is_lost = True
