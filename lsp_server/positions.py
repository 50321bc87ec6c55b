"""Columns between the client's code units and Python's characters (LSP PositionEncodingKind)."""

from lsprotocol import types

_UTF8, _UTF16 = types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16


def index_from_units(line: str, units: int, encoding: types.PositionEncodingKind) -> int:
    """Index of the character at `units` code units; past the end is the end, inside is before."""
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return min(units, len(line))
    counted = 0
    for index, character in enumerate(line):
        counted += _width(character, encoding)
        if counted > units:
            return index
    return len(line)


def units_of(text: str, encoding: types.PositionEncodingKind) -> int:
    """Length of `text` in code units."""
    if text.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    return sum(_width(character, encoding) for character in text)


def _width(character: str, encoding: types.PositionEncodingKind) -> int:
    code = ord(character)
    if encoding == _UTF16:
        return 2 if code > 0xFFFF else 1
    if encoding == _UTF8:
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    return 1
