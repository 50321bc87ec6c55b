"""Code completion by models that only continue text.

Such a model has learnt blanks, and a line end with the indentation after it, as the beginning of
the next word: a prompt that ends in them makes it stumble. They are withheld, and it writes them.
Some servers take them off its answer again: vLLM and TGI do where the tokenizer has no sign for a
blank at the beginning of a text (SentencePiece), and gateways in front of chat models often do.
"""

import re

_OPENERS = (":", "{", "(", "[")
# A line that ends so does not go on: what comes is the next one.
_IS_OVER = re.compile(r"(?:[:{(\[,;]|->|=>|\b(?:do|then|else|begin)|<[/\w][^<>\n]*+>)$")
# With what a line begins and no line above it goes on.
_BEGINNING = re.compile(r"[\w\"'`~@#$}]|//|/\*|<[\w/!]|--? ")
# A tag at the end of the prompt is looked for in so many characters.
_TAG_CHARS = 200
# So many characters tell whether they are one, where a line may begin.
_TELLING = 3


class Continuation:
    """The prompt for a prefix, and the way back from its answer to the text at the cursor."""

    def __init__(self, prefix: str) -> None:
        bare = prefix.rstrip()
        self.prompt = bare or prefix or "\n"
        self._withheld = prefix[len(self.prompt) :].replace("\r\n", "\n").replace("\r", "\n")
        self._telling = _TELLING if "\n" in self._withheld else 1
        self._opens_block = bare.endswith(_OPENERS)
        self._is_over = bool(_IS_OVER.search(bare[-_TAG_CHARS:]))
        self._held = ""
        self._is_past_blanks = not self._withheld
        self.is_stopped = False

    def feed(self, text: str) -> str:
        """Return the text at the cursor that is certain once `text` has arrived."""
        if self.is_stopped or self._is_past_blanks:
            return "" if self.is_stopped else text
        self._held += text
        return self._placed() if len(self._held.lstrip()) >= self._telling else ""

    def close(self) -> str:
        """Return what was held back, once nothing can follow it."""
        return self._placed() if self._held.strip() else ""

    def _placed(self) -> str:
        """Give what is held as the text at the cursor."""
        written = self._held.lstrip()
        blanks, self._held = self._held[: len(self._held) - len(written)], ""
        self._is_past_blanks = True
        extra = self._beyond_withheld(blanks, written)
        if extra is None:
            self.is_stopped = True
            return ""
        return extra + written

    def _beyond_withheld(self, blanks: str, written: str) -> str | None:
        """Indentation that the model added to the cursor's; None when it writes somewhere else."""
        if "\n" not in self._withheld:
            return ""
        wanted = self._withheld.rpartition("\n")[2]
        if "\n" not in blanks:
            if self._opens_block and _width(blanks) > _width(wanted) + 1:
                # Its line end was taken off: one blank would be one between words.
                return blanks.removeprefix(wanted)
            is_at_cursor = blanks == wanted or not blanks
            if self._is_over or (is_at_cursor and _BEGINNING.match(written)):
                return ""
            return None  # it goes on with the line above
        indentation = blanks.rpartition("\n")[2]
        deeper = _width(indentation) - _width(wanted)
        if deeper < 0 or (deeper > 0 and not self._opens_block):
            # It has left the block of the cursor, or is still inside the one above.
            return None
        return indentation[len(wanted) :] if indentation.startswith(wanted) else ""


def _width(indentation: str) -> int:
    return len(indentation.expandtabs(4))
