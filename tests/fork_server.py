"""Runs `foretype` in processes that need not import anything: each is a fork of this one.

Most of a start is importing, which a thousand tests need not repeat. What the start itself does is
tested with real starts. Asked through `warm_launcher`; ends with its standard input.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import NamedTuple, cast

import lsp_server
from lsp_server.__main__ import main

_LARGEST_REQUEST = 1 << 20
_STREAMS = 3


class Request(NamedTuple):
    arguments: list[str]
    environ: dict[str, str]
    folder: str
    streams: list[int]


def import_everything() -> None:
    for package in ("config", "providers", "lsp_server"):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not found.name.endswith("__main__") and ".demo" not in found.name:
                importlib.import_module(found.name)
    # What is not collected is not copied either.
    gc.collect()
    gc.freeze()


class ForkServer:
    """Forks for whoever connects; a connection and its process end together."""

    def __init__(self, listener: socket.socket) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._selector.register(listener, selectors.EVENT_READ)
        self._listener = listener

    def next_child(self) -> Request | None:
        """Serve; give what is to be run in a child, and nothing when all is over."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return None
                if key.fileobj is self._listener:
                    if (request := self._fork()) is not None:
                        return request
                elif key.fd in self._selector.get_map():
                    key.data()

    def _close_all(self) -> None:
        for key in self._selector.get_map().values():
            if isinstance(key.fileobj, int):
                os.close(key.fileobj)
            elif key.fileobj is not sys.stdin:
                cast("socket.socket", key.fileobj).close()
        self._selector.close()

    def _fork(self) -> Request | None:
        connection, _ = self._listener.accept()
        raw, streams, _, _ = socket.recv_fds(connection, _LARGEST_REQUEST, _STREAMS)
        if not raw:
            connection.close()
            return None
        pid = os.fork()
        if pid == 0:
            connection.close()
            self._close_all()
            return Request(**json.loads(raw), streams=streams)
        for stream in streams:
            os.close(stream)
        ended = os.pidfd_open(pid)

        def pass_on() -> None:
            number = connection.recv(1)
            signal.pidfd_send_signal(ended, number[0] if number else signal.SIGKILL)
            if not number:
                self._selector.unregister(connection)

        def end() -> None:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            self._selector.unregister(ended)
            os.close(ended)
            with contextlib.suppress(KeyError):
                self._selector.unregister(connection)
            with contextlib.suppress(OSError):
                connection.send(str(status).encode())
            connection.close()

        self._selector.register(connection, selectors.EVENT_READ, pass_on)
        self._selector.register(ended, selectors.EVENT_READ, end)
        return None


def become(request: Request) -> None:
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    # The old ones remember what the streams could do before.
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environ)
    sys.argv[1:] = request.arguments


def run() -> int:
    path = Path(sys.argv[1])
    import_everything()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        print(lsp_server.__version__, flush=True)  # noqa: T201 - says that it is ready
        request = ForkServer(listener).next_child()
    if request is None:
        return 0
    become(request)
    return main()


if __name__ == "__main__":
    sys.exit(run())
