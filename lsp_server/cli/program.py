"""The `foretype` program: runs a subcommand and ends without a traceback, whatever happens."""

import contextlib
import importlib
import logging
import os
import signal
import sys

from lsp_server.bugs import describe_bug
from lsp_server.cli.arguments import RUNNERS, build_parser, with_subcommand

_INTERRUPTED = 130


def run() -> int:
    """Run one subcommand and give its exit status."""
    try:
        _prepare_streams()
        arguments = build_parser().parse_args(with_subcommand(sys.argv[1:]))
        runner = importlib.import_module(RUNNERS[arguments.command])
        # From here on there is something to end politely.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = int(runner.run(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return 1
    except OSError as error:
        _abandon_output()
        return _tell(f"{error.strerror or type(error).__name__}.")
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        return _tell(f"a bug in Foretype, please report it: {describe_bug(error)}")
    return status


def _prepare_streams() -> None:
    """Let no character be too much for a terminal, and no log record reach it unasked."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a text stream
    logging.getLogger().addHandler(logging.NullHandler())


def _abandon_output() -> None:
    """Nobody reads, or nothing can be written: say nothing more, not even at exit."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(message: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"foretype: {message}\n")
    return 1
