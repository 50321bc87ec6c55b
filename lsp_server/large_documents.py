"""Opens and builds large configurations in a process of their own.

Python runs one thread at a time: a second of work in a thread beside the requests would make each
of them several times slower. The child gets everything through a pipe, nothing by its arguments.

    python -P -m lsp_server.large_documents
"""

import asyncio
import os
import pickle
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from config.build import Built
from config.files import secret_reader
from config.loading import open_document
from config.sources import Gateway

# From this size on, starting a process pays.
LARGE_CHARACTERS = 300_000
_SIZE = struct.Struct(">Q")


class LargeDocument:
    """A document that is held by a child process; `close` ends it."""

    def __init__(self, process: asyncio.subprocess.Process, gateway: Gateway | None) -> None:
        self._process = process
        self.gateway = gateway

    @classmethod
    async def open(cls, text: str, environ: Mapping[str, str], folder: Path) -> "LargeDocument":
        """Read a document; `OSError` or `EOFError` when the process cannot do it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "lsp_server.large_documents"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            gateway = await _ask(process, (text, dict(environ), folder))
        except BaseException:
            process.kill()
            raise
        return cls(process, gateway)

    async def build(self, base: object) -> Built:
        """Build the configuration upon a base, and let the process end."""
        try:
            built: Built = await _ask(self._process, base)
            return built
        finally:
            self.close()

    def close(self) -> None:
        """End the process if it still runs."""
        if self._process.returncode is None:
            self._process.kill()


async def _ask(process: asyncio.subprocess.Process, request: object) -> Any:
    assert process.stdin is not None  # noqa: S101 - pipes were asked for
    assert process.stdout is not None  # noqa: S101
    body = await asyncio.to_thread(pickle.dumps, request)
    process.stdin.write(_SIZE.pack(len(body)) + body)
    await process.stdin.drain()
    try:
        (size,) = _SIZE.unpack(await process.stdout.readexactly(_SIZE.size))
        answer = await process.stdout.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise EOFError("the process ended") from error
    return await asyncio.to_thread(pickle.loads, answer)


def main() -> None:
    """Serve one document: what it says, then what it builds."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    text, environ, folder = _receive(source)
    opened = open_document(text, environ=environ, read_file=secret_reader(folder))
    _send(target, opened.gateway)
    _send(target, opened.build(_receive(source)))


def _receive(source: BinaryIO) -> Any:
    (size,) = _SIZE.unpack(source.read(_SIZE.size))
    return pickle.loads(source.read(size))  # noqa: S301 - written by our own parent


def _send(target: BinaryIO, value: object) -> None:
    body = pickle.dumps(value)
    target.write(_SIZE.pack(len(body)) + body)
    target.flush()


if __name__ == "__main__":
    main()
