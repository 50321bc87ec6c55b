"""Sets a text between what stands left and right of the cursor."""

from dataclasses import dataclass

from lsp_server.completion.overlap import replaced_after_cursor
from lsp_server.completion.situation import Situation


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert at the cursor, and how many characters right of the cursor it replaces."""

    text: str
    replaces: int


def fit(text: str, situation: Situation) -> Suggestion | None:
    """Give the suggestion that `text` makes there, or None when nothing would be seen of it."""
    replaces = replaced_after_cursor(text, situation)
    if "\n" in text and replaces < len(situation.line_suffix.rstrip()):
        # What stands right of the cursor would end up behind the last line.
        text = text.split("\n", 1)[0].rstrip()
        replaces = replaced_after_cursor(text, situation)
    return Suggestion(text, replaces) if text.strip() else None
