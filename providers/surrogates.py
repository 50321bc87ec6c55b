"""Joins characters that a server has cut in two."""

import re

from providers.wire_json import as_string, as_text

_FIRST_HALF_AT_END = re.compile(r"[\ud800-\udbff]\Z")


class SurrogateJoiner:
    """Passes on what can be encoded, however the text was cut into pieces.

    JSON writes a character beyond U+FFFF as two halves, and a server that counts in such units ends
    a piece after the first one. A half that stays alone becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: object) -> str:
        """Return the characters that are complete with this piece; what is no string is none."""
        text = as_string(piece)
        if not text:
            return ""
        text = self._half + text
        cut = _FIRST_HALF_AT_END.search(text)
        self._half = cut[0] if cut else ""
        return as_text(text.removesuffix(self._half))

    def close(self) -> str:
        """Return what stands for a half that nothing has followed."""
        half, self._half = self._half, ""
        return as_text(half)
