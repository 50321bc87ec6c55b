"""Code completion by models that only continue text.

Such a model has learnt blanks, and a line end with the indentation after it, as the beginning of
the next word: a prompt that ends in them makes it stumble. They are withheld, and it writes them.
"""

_OPENERS = (":", "{", "(", "[")


class Continuation:
    """The prompt for a prefix, and the way back from its answer to the text at the cursor."""

    def __init__(self, prefix: str) -> None:
        bare = prefix.rstrip()
        self.prompt = bare or prefix or "\n"
        self._withheld = prefix[len(self.prompt) :].replace("\r\n", "\n").replace("\r", "\n")
        self._opens_block = bare.endswith(_OPENERS)
        self._held = ""
        self._is_past_blanks = not self._withheld
        self.is_stopped = False

    def feed(self, text: str) -> str:
        """Return the text at the cursor that is certain once `text` has arrived."""
        if self.is_stopped or self._is_past_blanks:
            return "" if self.is_stopped else text
        self._held += text
        written = self._held.lstrip()
        if not written:
            return ""
        blanks, self._held = self._held[: len(self._held) - len(written)], ""
        self._is_past_blanks = True
        extra = self._beyond_withheld(blanks)
        if extra is None:
            self.is_stopped = True
            return ""
        return extra + written

    def close(self) -> str:
        """Return what was held back: nothing, since it was blank."""
        return ""

    def _beyond_withheld(self, blanks: str) -> str | None:
        """Indentation that the model added to the cursor's; None when it writes somewhere else."""
        if "\n" not in self._withheld:
            return ""
        if "\n" not in blanks:
            # It goes on with the line above.
            return None
        wanted = self._withheld.rpartition("\n")[2]
        indentation = blanks.rpartition("\n")[2]
        deeper = len(indentation.expandtabs(4)) - len(wanted.expandtabs(4))
        if deeper < 0 or (deeper > 0 and not self._opens_block):
            # It has left the block of the cursor, or is still inside the one above.
            return None
        return indentation[len(wanted) :] if indentation.startswith(wanted) else ""
