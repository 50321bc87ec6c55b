"""`foretype serve`: the language server.

The client is greeted first; `serving`, which takes long to load, is imported by name for that.
"""

import argparse
import importlib
import sys

from lsp_server.cli.output import fail
from lsp_server.descriptors import make_blocking
from lsp_server.greeting import Greeter
from lsp_server.leaving import end_on_signals
from lsp_server.logs import configure_logs

_SERVING = "lsp_server.serving"
_LARGEST_PORT = 65535


def run(arguments: argparse.Namespace) -> int:
    """Serve one editor until it leaves: 0 after `shutdown` and `exit`, 1 after `exit` alone."""
    end_on_signals()
    try:
        configure_logs(arguments.log_level, arguments.log_file)
    except OSError as error:
        return fail(f"Cannot write the log file {arguments.log_file}: {error.strerror}.")
    if arguments.tcp:
        return _listen(arguments)
    if sys.stdin is None or sys.stdout is None:
        return fail("Standard input and output must be open: they are the connection.")
    stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
    make_blocking(stdin)
    make_blocking(stdout)
    greeter = Greeter(stdin, stdout)
    greeter.start()
    serving = importlib.import_module(_SERVING)
    return int(serving.serve_greeted(arguments, greeter, stdin, stdout))


def _listen(arguments: argparse.Namespace) -> int:
    address = arguments.tcp
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LARGEST_PORT:
        return fail(f"Write --tcp as HOST:PORT, for example 127.0.0.1:9257, not {address!r}.")
    serving = importlib.import_module(_SERVING)
    try:
        return int(serving.serve_address(arguments, host.strip("[]"), int(port)))
    except OSError as error:
        return fail(f"Cannot listen on {address}: {error.strerror or 'unknown reason'}.")
