"""What the models have answered lately, for the places it was asked at and those typed to since."""

from collections import OrderedDict
from dataclasses import dataclass

from lsp_server.completion.cursor import Cursor, typed_between
from lsp_server.completion.following import rest_after

_MOST = 250
_MOST_OF_A_DOCUMENT = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished suggestion; `text` is empty where the model had nothing."""

    cursor: Cursor
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer still offers at a later cursor: all of it when nothing was `typed` since."""

    rest: str
    typed: str


class Answers:
    """The latest answers, found by document, configuration, text before and text after."""

    def __init__(self) -> None:
        self._by_document: OrderedDict[str, list[Answer]] = OrderedDict()
        self._count = 0

    def keep(self, answer: Answer) -> None:
        """Remember an answer; the oldest ones are forgotten."""
        uri = answer.cursor.uri
        kept = self._by_document.setdefault(uri, [])
        self._by_document.move_to_end(uri)
        kept.append(answer)
        self._count += 1
        if len(kept) > _MOST_OF_A_DOCUMENT:
            del kept[0]
            self._count -= 1
        while self._count > _MOST:
            oldest = next(iter(self._by_document))
            self.forget(oldest)

    def forget(self, uri: str) -> None:
        """Drop the answers of a document."""
        self._count -= len(self._by_document.pop(uri, ()))

    def find(self, cursor: Cursor) -> Found | None:
        """Give what the newest fitting answer offers at a cursor, or None when none fits."""
        for answer in reversed(self._by_document.get(cursor.uri, ())):
            typed = typed_between(answer.cursor, cursor)
            if typed is None:
                continue
            rest = rest_after(answer.text, typed)
            if rest is not None and (answer.text or not typed):
                return Found(rest, typed)
        return None
