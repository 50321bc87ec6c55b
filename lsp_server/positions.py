"""Columns between the client's code units and Python's characters (LSP PositionEncodingKind)."""

from lsprotocol import types

# A lone surrogate is a character of its own here, of one unit in UTF-16, whatever stands beside it.
_CODECS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
}


def index_from_units(line: str, units: int, encoding: types.PositionEncodingKind) -> int:
    """Index of the character at `units` code units; past the end is the end, inside is before."""
    # No character takes less than one unit, and seldom does one take more.
    low, high = 0, min(max(units, 0), len(line))
    if units_of(line[:high], encoding) <= units:
        return high
    # Each half is counted once, so that a long line is read about twice. Decoding what stands
    # before the column would make one character of two lone surrogates.
    left = units
    while low < high:
        middle = (low + high + 1) // 2
        width = units_of(line[low:middle], encoding)
        if width <= left:
            low, left = middle, left - width
            high = min(high, low + left)
        else:
            high = middle - 1
    return low


def units_of(text: str, encoding: types.PositionEncodingKind) -> int:
    """Length of `text` in code units."""
    if text.isascii() or encoding not in _CODECS:
        return len(text)
    codec, width = _CODECS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width
