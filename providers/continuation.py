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
# One that begins a block by a word or arrow.
_BLOCK_WORD = re.compile(r"(?:->|=>|\b(?:do|then|else|begin))$")
# With what a line begins and no line above it goes on.
_BEGINNING = re.compile(r"[\w\"'`~@#$}]|//|/\*|<[\w/!]|--? ")
# The same of one that is parted from it by a blank line,
_AFTER_GAP = re.compile(r"[*|>] |!\[|\\[A-Za-z]")
# of one below a closed bracket, where a dot does no harm if it does go on,
_AFTER_CLOSER = re.compile(r"\(|\.[A-Za-z_]|&[:.-]")
# of one below a closed bracket or string and a blank line,
_AFTER_CLOSER_AND_GAP = re.compile(r"\[[A-Za-z\[]")
# and what goes on with the line above on a line of its own that is indented deeper.
_CHAIN = re.compile(r"\??\.[A-Za-z_]|&&|\|\||\|>|\| ")
_PIPE = re.compile(r"\|> ")
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
        self._begins_block = bool(_BLOCK_WORD.search(bare[-_TAG_CHARS:]))
        self._is_over = bool(_IS_OVER.search(bare[-_TAG_CHARS:]))
        line = bare.rpartition("\n")[2]
        self._indentation_above = line[: len(line) - len(line.lstrip())]
        self._wanted = self._withheld.rpartition("\n")[2]
        self._beginnings = self._possible_beginnings(bare)
        self._held = ""
        self._is_past_blanks = not self._withheld
        self.is_stopped = False

    def _possible_beginnings(self, bare: str) -> tuple[re.Pattern[str], ...]:
        """Give what tells that an answer begins a line and does not go on with the one above."""
        has_gap = self._withheld.count("\n") > 1
        found = {
            _BEGINNING: True,
            _AFTER_GAP: has_gap,
            _AFTER_CLOSER: bare.endswith((")", "}")),
            _AFTER_CLOSER_AND_GAP: has_gap and bare.endswith((")", "}", '"', "'")),
            _CHAIN: not has_gap and _width(self._wanted) > _width(self._indentation_above),
            _PIPE: not has_gap,
        }
        return tuple(pattern for pattern, is_possible in found.items() if is_possible)

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
            return self._line_end(blanks, written)
        if "\n" not in blanks:
            return self._without_line_end(blanks, written)
        wanted, indentation = self._wanted, blanks.rpartition("\n")[2]
        deeper = _width(indentation) - _width(wanted)
        is_near = blanks.count("\n") >= self._withheld.count("\n")
        may_be_deeper = self._opens_block or (is_near and self._places(indentation, written))
        if deeper < 0 or (deeper > 0 and not may_be_deeper):
            # It has left the block of the cursor, or is still inside the one above.
            return None
        return indentation[len(wanted) :] if indentation.startswith(wanted) else ""

    def _line_end(self, blanks: str, written: str) -> str:
        """Give the line end that an answer begins with, and what indents the line after it.

        It belongs where a block begins; elsewhere the answer goes on with the cursor's line.
        """
        if not self._opens_block and not self._begins_block:
            return ""
        deeper = _width(blanks.rpartition("\n")[2]) - _width(self._indentation_above)
        is_in_block = "\n" in blanks and (deeper > 0 or written.startswith("-"))
        return blanks.lstrip(" \t") if is_in_block else ""

    def _without_line_end(self, blanks: str, written: str) -> str | None:
        """Give the same for an answer whose line end was taken off, or that never had one."""
        if self._opens_block and _width(blanks) > _width(self._wanted) + 1:
            # One blank would be one between words.
            return blanks.removeprefix(self._wanted)
        begins_line = any(pattern.match(written) for pattern in self._beginnings)
        if self._places(blanks, written) and (begins_line or _CHAIN.match(written)):
            return blanks
        is_at_cursor = blanks == self._wanted or not blanks
        if self._is_over or (is_at_cursor and begins_line):
            return ""
        return None  # it goes on with the line above

    def _places(self, indentation: str, written: str) -> bool:
        """Tell whether indentation is that of a line, where the cursor's has none.

        It is a level that the line above stands on or in, or more where that line goes on.
        """
        if self._wanted or _width(indentation) < 2:
            return False
        has_gap = self._withheld.count("\n") > 1
        is_level = self._indentation_above.startswith(indentation)
        return is_level or (not has_gap and bool(_CHAIN.match(written)))


def _width(indentation: str) -> int:
    return len(indentation.expandtabs(4))
