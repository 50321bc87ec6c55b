"""What became of each suggestion: accepted, taken in part, typed through, or passed over.

Most clients tell little or nothing of that (Neovim, LSP4IJ), so it is read from their edits; what
the others tell (Copilot's) is counted once, whether it comes before the edit or after it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.completion.cursor import Cursor, typed_at
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.following import rest_after

_REMEMBERED = 200
_MOST_OPEN = 20
# One key inserts one character, or two with the closing bracket that the editor adds.
_MOST_OF_ONE_KEY = 2


@dataclass(slots=True)
class Offer:
    """A suggestion that was handed to the client."""

    id: str
    cursor: Cursor
    suggestion: Suggestion
    inserted: str
    """The client's whole text, of which the suggestion is the end."""
    typed: int = 0
    """How many of its characters stand in the document already."""
    settled: int = 0
    """Up to which of its characters it is known who wrote them: the user, or we."""
    is_shown: bool = False
    is_accepted: bool = False

    def goes_on_from(self, typed: str) -> bool:
        """Tell whether that is its beginning."""
        return rest_after(self.suggestion.text, typed) is not None

    def settle(self, upto: int) -> int:
        """Take the characters up to a place for settled: how many of them were not, before."""
        fresh = max(0, min(upto, len(self.suggestion.text)) - self.settled)
        self.settled += fresh
        return fresh


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
        self._known: OrderedDict[str, Offer] = OrderedDict()
        self._open: list[Offer] = []
        """All that was offered last, for one place; of several the user may take any."""

    def add(self, cursor: Cursor, suggestion: Suggestion, inserted: str = "") -> str:
        """Note an offer and give the id that `foretype.accept` takes.

        `inserted` is what the client inserts for it, where that begins before the cursor.
        """
        self._count += 1
        offer = Offer(f"s{self._count}", cursor, suggestion, inserted or suggestion.text)
        if self._open and _place_of(self._open[0]) != _place_of(offer):
            self._open = []
        self._open = [*self._open, offer][-_MOST_OPEN:]
        self._known[offer.id] = offer
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return offer.id

    def find(self, offer_id: str) -> Offer | None:
        """The offer of that id, as long as it is remembered."""
        return self._known.get(offer_id)

    def accept(self, offer_id: str) -> int:
        """Settle an offer the client says is accepted: its characters not yet counted, else 0.

        Its edit may be still to come; what follows from that is told by `edited`.
        """
        offer = self._known.pop(offer_id, None)
        if offer is None:
            return 0
        offer.is_accepted = True
        return offer.settle(len(offer.suggestion.text))

    def show(self, offer_id: str) -> bool:
        """Note which of the offers the user sees; tell whether it is seen for the first time."""
        offer = self._known.get(offer_id)
        if offer is None:
            return False
        is_first, offer.is_shown = not offer.is_shown, True
        return is_first

    def reject(self, offer_id: str) -> bool:
        """Close an offer that the user has dismissed; tell whether it was open."""
        offer = self._known.pop(offer_id, None)
        was_open = offer is not None and offer in self._open
        if offer is not None and was_open:
            self._open.remove(offer)
        return was_open

    def edited(self, uri: str, look: Callable[[int, int], tuple[str, str]]) -> Outcome | None:
        """Give what an edit says about the open offers, or None when it says nothing.

        `look` gives some text before a place and some text after it.
        """
        if not self._open or self._open[0].cursor.uri != uri:
            return None
        cursor = self._open[0].cursor
        before, after = look(cursor.line, cursor.column)
        for offer in self._open:
            if _is_inserted(cursor, offer.suggestion, before, after):
                return self._settle(offer)
        for typed in typed_at(cursor, before, after):
            if alike := [each for each in self._open if each.goes_on_from(typed)]:
                self._open = alike
                return self._advance(alike, len(typed))
        was_accepted = any(each.is_accepted for each in self._open)
        self._open = []
        return None if was_accepted else Outcome(is_over=True)

    def _settle(self, offer: Offer) -> Outcome:
        self._open = []
        step = len(offer.suggestion.text) - offer.typed
        if step <= _MOST_OF_ONE_KEY:
            return Outcome()  # typed through to its end, by all one can tell
        left = offer.settle(len(offer.suggestion.text))
        return Outcome(characters=left, is_whole=True, end=_end_of(offer))

    def _advance(self, alike: list[Offer], typed: int) -> Outcome | None:
        step = typed - alike[0].typed
        fresh = max(offer.settle(typed) for offer in alike)
        for offer in alike:
            offer.typed = typed
        if step <= _MOST_OF_ONE_KEY or not fresh:
            return None
        return Outcome(characters=fresh)


def _place_of(offer: Offer) -> tuple[str, int, int, int]:
    cursor = offer.cursor
    return cursor.uri, cursor.version, cursor.line, cursor.column


def _end_of(offer: Offer) -> tuple[int, int]:
    cursor, (*above, last) = offer.cursor, offer.suggestion.text.split("\n")
    return cursor.line + len(above), len(last) + (0 if above else cursor.column)


def _is_inserted(cursor: Cursor, suggestion: Suggestion, before: str, after: str) -> bool:
    """Tell whether a whole suggestion stands at its place."""
    text, replaces = suggestion.text, suggestion.replaces
    if not after.startswith(text):
        return False
    wanted = cursor.situation.suffix[replaces:]
    below = after[len(text) :]
    length = min(len(below), len(wanted))
    is_same_below = below[:length] == wanted[:length] and (length > 0 or below == wanted)
    return is_same_below and typed_at(cursor, before, cursor.situation.suffix) != []
