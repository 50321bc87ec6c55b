"""`foretype serve`: the language server."""

import argparse
import os

from lsp_server.cli.output import fail
from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from lsp_server.logs import configure_logs


def run(arguments: argparse.Namespace) -> int:
    """Serve one editor until it leaves: 0 after `shutdown` and `exit`, 1 after `exit` alone."""
    try:
        configure_logs(arguments.log_level, arguments.log_file)
    except OSError as error:
        return fail(f"Cannot write the log file {arguments.log_file}: {error.strerror}.")
    server = build_server(Invocation.of(arguments, os.environ))
    if arguments.tcp:
        host, _, port = arguments.tcp.rpartition(":")
        if not host or not port.isdigit():
            return fail(
                f"Write --tcp as HOST:PORT, for example 127.0.0.1:9257, not {arguments.tcp!r}."
            )
        server.start_tcp(host, int(port))
    else:
        server.start_io()
    return 0 if server.protocol.is_shut_down else 1
