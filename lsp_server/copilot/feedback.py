"""What the user did with an offer, where the client tells it instead of leaving it to the edits."""

from lsprotocol import types

from lsp_server.completion.situation import with_lf
from lsp_server.copilot.messages import OfIds, OfItem
from lsp_server.keystrokes import accept
from lsp_server.positions import index_from_units
from lsp_server.server import ForetypeServer


def shown(ls: ForetypeServer, offer_id: str) -> None:
    """Count an offer that the user has come to see, once."""
    if ls.offers.show(offer_id):
        ls.counters.counts.shown += 1


def accepted_partly(ls: ForetypeServer, params: OfItem) -> None:
    """Count what was accepted of an offer, unless the edit has told already."""
    offer = ls.offers.find(params.offer_id)
    if offer is None or params.accepted_length is None:
        return
    index = index_from_units(
        offer.inserted, params.accepted_length, types.PositionEncodingKind.Utf16
    )
    missing = len(with_lf(offer.inserted[index:]))
    if missing == 0:
        accept(ls, offer.id)
    elif characters := offer.settle(len(offer.suggestion.text) - missing):
        ls.counters.note_accepted(characters, is_whole=False)


def accepted(ls: ForetypeServer, params: OfIds) -> None:
    """Count an offer that was accepted whole.

    With a length, it is left to the edit to tell: copilot.lua gives the whole one for a word, too.
    """
    if params.accepted_length is None:
        accept(ls, params.uuid)


def rejected(ls: ForetypeServer, params: OfIds) -> None:
    """Count offers that the user has dismissed as one that was passed over."""
    were_open = [ls.offers.reject(offer_id) for offer_id in params.uuids]
    if any(were_open):
        ls.counters.counts.passed_over += 1
