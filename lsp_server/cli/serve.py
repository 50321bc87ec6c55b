"""`foretype serve`: the language server."""

import argparse
import os
import sys

from lsp_server.cli.output import fail
from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from lsp_server.leaving import end_on_signals
from lsp_server.logs import configure_logs
from lsp_server.protocol import ForetypeProtocol
from lsp_server.transport import serve_stdio, serve_tcp

_LARGEST_PORT = 65535


def run(arguments: argparse.Namespace) -> int:
    """Serve one editor until it leaves: 0 after `shutdown` and `exit`, 1 after `exit` alone."""
    end_on_signals()
    try:
        configure_logs(arguments.log_level, arguments.log_file)
    except OSError as error:
        return fail(f"Cannot write the log file {arguments.log_file}: {error.strerror}.")
    protocol = build_server(Invocation.of(arguments, os.environ)).protocol
    if arguments.tcp:
        return _listen(protocol, arguments.tcp)
    if sys.stdin is None or sys.stdout is None:
        return fail("Standard input and output must be open: they are the connection.")
    return serve_stdio(protocol, sys.stdin.fileno(), sys.stdout.fileno())


def _listen(protocol: ForetypeProtocol, address: str) -> int:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LARGEST_PORT:
        return fail(f"Write --tcp as HOST:PORT, for example 127.0.0.1:9257, not {address!r}.")
    try:
        return serve_tcp(protocol, host.strip("[]"), int(port))
    except OSError as error:
        return fail(f"Cannot listen on {address}: {error.strerror or 'unknown reason'}.")
