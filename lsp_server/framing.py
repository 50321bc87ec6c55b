"""The frame around each message: headers in any spelling, then as many bytes as they announce."""

import asyncio

_LARGEST = 256 * 1024 * 1024
_LENGTH = b"content-length"


class FramingError(Exception):
    """Where the next message begins cannot be told any more; the sentence says why."""


async def read_body(reader: asyncio.StreamReader) -> bytes | None:
    """Give the next message's bytes, or None when the client has gone, even in the middle of one.

    Raises `FramingError` for headers after which the stream cannot be followed.
    """
    length: int | None = None
    while True:
        line = await _line(reader)
        if not line.endswith(b"\n"):
            return None
        name, _, value = line.partition(b":")
        if name.strip().lower() == _LENGTH:
            length = _length(value.strip())
        elif not line.strip() and length is not None:
            break
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None


def frame(body: bytes) -> bytes:
    """Put a message's header in front of it."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError as error:
        raise FramingError("a header line does not end") from error


def _length(value: bytes) -> int:
    # `int` alone would also take signs and underscores, and refuses numbers of many digits.
    if not value.isdigit():
        raise FramingError("a Content-Length is not a number")
    digits = value.lstrip(b"0")
    if len(digits) > len(str(_LARGEST)) or int(digits or b"0") > _LARGEST:
        raise FramingError(f"a Content-Length is over {_LARGEST} bytes")
    return int(digits or b"0")
