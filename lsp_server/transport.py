"""The connection to the one client of a process, over stdio or TCP, from first to last byte."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from lsp_server.bugs import describe_bug
from lsp_server.descriptors import read_some, write_all
from lsp_server.framing import FramingError, read_body
from lsp_server.greeting import Greeter
from lsp_server.leaving import end_within, leave_signals_to_the_main_thread
from lsp_server.protocol import ForetypeProtocol

logger = logging.getLogger(__name__)

# Chunks read from stdin ahead of the event loop, so that a flood waits in the client's pipe.
_AHEAD = 8
# How long tasks may take to let go of what they hold, and the process as a whole to end.
_GRACE_S = 1.0
_END_S = 3.0


def serve_stdio(protocol: ForetypeProtocol, greeter: Greeter, stdin: int, stdout: int) -> int:
    """Serve the client at these file descriptors after the greeter; give the exit status."""
    return asyncio.run(_serve_stdio(protocol, greeter, stdin, stdout))


def serve_tcp(protocol: ForetypeProtocol, host: str, port: int) -> int:
    """Serve the first client that connects, and no other; give the exit status.

    Raises `OSError` when the address cannot be listened on.
    """
    return asyncio.run(_serve_tcp(protocol, host, port))


async def _serve_stdio(
    protocol: ForetypeProtocol, greeter: Greeter, stdin: int, stdout: int
) -> int:
    reader = asyncio.StreamReader()
    begin = partial(_begin, protocol, reader)
    pump = partial(_pump, stdin, reader, greeter, begin, asyncio.get_running_loop())
    # A daemon that reads without a lock: it keeps neither the process nor the interpreter's end.
    threading.Thread(target=pump, name="stdin", daemon=True).start()
    return await _converse(protocol, reader, partial(write_all, stdout))


async def _serve_tcp(protocol: ForetypeProtocol, host: str, port: int) -> int:
    first: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    first = asyncio.get_running_loop().create_future()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.close()
        if first.done():
            # It came in the same instant as the first.
            writer.transport.abort()
        else:
            first.set_result((reader, writer))

    listener = await asyncio.start_server(connected, host, port)
    for socket in listener.sockets:
        address, number = socket.getsockname()[:2]
        logger.info("listening on %s:%d", f"[{address}]" if ":" in address else address, number)
    reader, writer = await first
    status = await _converse(protocol, reader, writer.write)
    writer.close()
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), _GRACE_S)
    return status


def _begin(
    protocol: ForetypeProtocol,
    reader: asyncio.StreamReader,
    received: bytes,
    answered: str | int | None,
) -> None:
    protocol.answered_before = answered
    reader.feed_data(received)


def _pump(
    stdin: int,
    reader: asyncio.StreamReader,
    greeter: Greeter,
    begin: Callable[[bytes, str | int | None], None],
    loop: asyncio.AbstractEventLoop,
) -> None:
    leave_signals_to_the_main_thread()
    room = threading.Semaphore(_AHEAD)

    def feed(chunk: bytes) -> None:
        room.release()
        reader.feed_data(chunk)

    # RuntimeError: the loop has ended meanwhile.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(begin, *greeter.finish())
        while chunk := read_some(stdin):
            room.acquire()
            loop.call_soon_threadsafe(feed, chunk)
        loop.call_soon_threadsafe(reader.feed_eof)


async def _converse(
    protocol: ForetypeProtocol, reader: asyncio.StreamReader, write: Callable[[bytes], None]
) -> int:
    """Handle messages until `exit` or until the client has gone; give the exit status."""
    reading = asyncio.ensure_future(_receive_all(protocol, reader))
    protocol.connect(write, reading.cancel)
    await asyncio.wait([reading])
    failure = None if reading.cancelled() else reading.exception()
    is_clean = protocol.is_shut_down and not isinstance(failure, FramingError)
    status = 0 if is_clean else 1
    end_within(_END_S, status)
    if isinstance(failure, FramingError):
        logger.error("the connection is ended: %s", failure)
        protocol.hang_up()
    await protocol.finish_shutdown(_GRACE_S)
    protocol.hang_up()
    await _stop_tasks()
    return status


async def _receive_all(protocol: ForetypeProtocol, reader: asyncio.StreamReader) -> None:
    while not protocol.is_over and (body := await read_body(reader)) is not None:
        try:
            protocol.receive(body)
        except Exception as error:  # noqa: BLE001 - no message may end the server
            logger.error("a message could not be handled: %s", describe_bug(error))
        # What this message started sees the documents as they are now, before the next edit.
        await asyncio.sleep(0)


async def _stop_tasks() -> None:
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    if not running:
        return
    done, _ = await asyncio.wait(running, timeout=_GRACE_S)
    for task in done:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("a task ended with the connection: %s", describe_bug(error))
