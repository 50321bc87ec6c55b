"""`foretype serve`: the language server."""

import argparse
import os

from lsp_server.cli.output import fail
from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from lsp_server.logs import configure_logs

_LARGEST_PORT = 65535


def run(arguments: argparse.Namespace) -> int:
    """Serve one editor until it leaves: 0 after `shutdown` and `exit`, 1 after `exit` alone."""
    try:
        configure_logs(arguments.log_level, arguments.log_file)
    except OSError as error:
        return fail(f"Cannot write the log file {arguments.log_file}: {error.strerror}.")
    server = build_server(Invocation.of(arguments, os.environ))
    if not arguments.tcp:
        server.start_io()
        return 0 if server.protocol.is_shut_down else 1
    host, _, port = arguments.tcp.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LARGEST_PORT:
        return fail(f"Write --tcp as HOST:PORT, for example 127.0.0.1:9257, not {arguments.tcp!r}.")
    try:
        server.start_tcp(host.strip("[]"), int(port))
    except OSError as error:
        return fail(f"Cannot listen on {arguments.tcp}: {error.strerror or 'unknown reason'}.")
    return 0 if server.protocol.is_shut_down else 1
