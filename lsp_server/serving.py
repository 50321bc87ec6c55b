"""The server with all its parts, loaded while `greeting` answers the client."""

import argparse
import os

from lsp_server.configuration import Invocation
from lsp_server.features import build_server
from lsp_server.greeting import Greeter
from lsp_server.logs import hush_libraries
from lsp_server.protocol import ForetypeProtocol
from lsp_server.transport import serve_stdio, serve_tcp


def serve_greeted(arguments: argparse.Namespace, greeter: Greeter, stdin: int, stdout: int) -> int:
    """Serve the client at these file descriptors, whose first message the greeter reads."""
    return serve_stdio(_protocol(arguments), greeter, stdin, stdout)


def serve_address(arguments: argparse.Namespace, host: str, port: int) -> int:
    """Serve the first client that connects to an address; `OSError` when that cannot be had."""
    return serve_tcp(_protocol(arguments), host, port)


def _protocol(arguments: argparse.Namespace) -> ForetypeProtocol:
    hush_libraries()
    return build_server(Invocation.of(arguments, os.environ)).protocol
