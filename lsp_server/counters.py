"""Local counts of what was asked, offered and accepted; nothing leaves the machine."""

from collections import OrderedDict
from dataclasses import asdict, dataclass

_REMEMBERED = 200


@dataclass(slots=True)
class Counts:
    """Inline completion requests by what became of them, and chats."""

    requested: int = 0
    offered: int = 0
    cancelled: int = 0
    failed: int = 0
    accepted: int = 0
    accepted_characters: int = 0
    chats: int = 0


class Counters:
    """Counts requests and remembers the latest offers, so that accepting one can be counted."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._offers: OrderedDict[str, int] = OrderedDict()

    def offer(self, text: str) -> str:
        """Count an offered suggestion and give the id that `foretype.accept` takes."""
        self.counts.offered += 1
        suggestion_id = f"s{self.counts.offered}"
        self._offers[suggestion_id] = len(text)
        if len(self._offers) > _REMEMBERED:
            self._offers.popitem(last=False)
        return suggestion_id

    def accept(self, suggestion_id: str) -> None:
        """Count an accepted suggestion once; an unknown id is ignored."""
        characters = self._offers.pop(suggestion_id, None)
        if characters is not None:
            self.counts.accepted += 1
            self.counts.accepted_characters += characters

    def as_json(self) -> dict[str, int]:
        """The counts with the names of `foretype.status`."""
        return {_camel(name): value for name, value in asdict(self.counts).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
