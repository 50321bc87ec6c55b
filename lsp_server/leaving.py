"""How the process ends: at once on a signal, and soon when the client has gone."""

import logging
import os
import signal
import threading
from types import FrameType

# What a shell reports for a program that a signal ended.
_SIGNALLED = 128


def end_on_signals() -> None:
    """Let the first SIGINT or SIGTERM end the process, with status 130 or 143.

    The handler runs even while the event loop is busy or blocked in a write, and waits for no
    thread; the kernel closes every connection with the process.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_by_signal)


def end_within(seconds: float, status: int) -> None:
    """Let the process end in time even if a thread, say a name look-up, holds its end up."""
    timer = threading.Timer(seconds, _end, [status])
    timer.daemon = True
    timer.start()


def leave_signals_to_the_main_thread() -> None:
    """Keep signals away from this thread: only the main thread acts on them, and may be asleep."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))


def _end_by_signal(number: int, frame: FrameType | None) -> None:
    _end(_SIGNALLED + number)


def _end(status: int) -> None:
    logging.shutdown()
    os._exit(status)
