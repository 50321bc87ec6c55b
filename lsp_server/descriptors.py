"""Standard input and output as file descriptors, read and written without buffers."""

import os

_CHUNK = 1 << 16


def make_blocking(descriptor: int) -> None:
    """Undo what whoever started us may have set; Windows pipes always block."""
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)


def read_some(descriptor: int) -> bytes:
    """Wait for bytes and give them; none at the end, or when nothing can be read any more."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""


def write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes; `OSError` when nobody reads them."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
