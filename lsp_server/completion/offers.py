"""What became of each suggestion: accepted, taken in part, typed through, or passed over.

Clients tell little or nothing of that (Neovim, LSP4IJ), so it is read from their edits.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.completion.cursor import Cursor, typed_at
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.following import rest_after

_REMEMBERED = 200
# One key inserts one character, or two with the closing bracket that the editor adds.
_MOST_OF_ONE_KEY = 2


@dataclass(slots=True)
class Offer:
    """A suggestion that was handed to the client."""

    id: str
    cursor: Cursor
    suggestion: Suggestion
    typed: int = 0
    """How many of its characters stand in the document already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit says about the offer that was open."""

    characters: int = 0
    """How many characters of it were accepted, all or a part."""
    is_whole: bool = False
    is_over: bool = False
    """The user has gone another way."""
    end: tuple[int, int] | None = None
    """Line and column behind a suggestion that was accepted whole."""


class Offers:
    """Remembers what was offered, and compares the edits with the latest of it."""

    def __init__(self) -> None:
        self._count = 0
        self._unsettled: OrderedDict[str, int] = OrderedDict()
        self._open: Offer | None = None

    def add(self, cursor: Cursor, suggestion: Suggestion) -> str:
        """Note an offer and give the id that `foretype.accept` takes."""
        self._count += 1
        offer = Offer(f"s{self._count}", cursor, suggestion)
        self._open = offer
        self._unsettled[offer.id] = len(suggestion.text)
        if len(self._unsettled) > _REMEMBERED:
            self._unsettled.popitem(last=False)
        return offer.id

    def accept(self, offer_id: str) -> int:
        """Settle an offer the client says is accepted: its characters not yet counted, else 0."""
        if self._open is not None and self._open.id == offer_id:
            self._open = None
        return self._unsettled.pop(offer_id, 0)

    def edited(self, uri: str, look: Callable[[int, int], tuple[str, str]]) -> Outcome | None:
        """Give what an edit says about the open offer, or None when it says nothing.

        `look` gives some text before a place and some text after it.
        """
        offer = self._open
        if offer is None or offer.cursor.uri != uri:
            return None
        before, after = look(offer.cursor.line, offer.cursor.column)
        text, replaces = offer.suggestion.text, offer.suggestion.replaces
        if _is_inserted(offer.cursor, text, replaces, before, after):
            return self._settle(offer)
        for typed in typed_at(offer.cursor, before, after):
            if rest_after(text, typed) is not None:
                return self._advance(offer, len(typed))
        self._open = None
        return Outcome(is_over=True)

    def _settle(self, offer: Offer) -> Outcome:
        self._open = None
        step = len(offer.suggestion.text) - offer.typed
        if step <= _MOST_OF_ONE_KEY and offer.typed:
            return Outcome()  # typed through to its end
        left = self._unsettled.pop(offer.id, 0)
        return Outcome(characters=left, is_whole=bool(left), end=_end_of(offer))

    def _advance(self, offer: Offer, typed: int) -> Outcome | None:
        step, offer.typed = typed - offer.typed, typed
        if step <= _MOST_OF_ONE_KEY or offer.id not in self._unsettled:
            return None
        self._unsettled[offer.id] = max(0, self._unsettled[offer.id] - step)
        return Outcome(characters=step)


def _end_of(offer: Offer) -> tuple[int, int]:
    cursor, (*above, last) = offer.cursor, offer.suggestion.text.split("\n")
    return cursor.line + len(above), len(last) + (0 if above else cursor.column)


def _is_inserted(cursor: Cursor, text: str, replaces: int, before: str, after: str) -> bool:
    """Tell whether a whole suggestion stands at its place."""
    if not after.startswith(text):
        return False
    wanted = cursor.situation.suffix[replaces:]
    below = after[len(text) :]
    length = min(len(below), len(wanted))
    is_same_below = below[:length] == wanted[:length] and (length > 0 or below == wanted)
    return is_same_below and typed_at(cursor, before, cursor.situation.suffix) != []
