"""A scripted model server beside a test that is not asynchronous, such as one of an editor."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fake_model_server import FakeModelServer, Handler


@dataclass
class ModelBeside:
    """The running server: where it is, and what it was asked."""

    server: FakeModelServer
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return self.server.url

    def asked(self, path: str) -> list[Any]:
        """Give the bodies of the requests to a path."""
        return [request.body for request in self.server.requests if request.path == path]


@contextmanager
def model_beside(handler: Handler) -> Iterator[ModelBeside]:
    """Serve a handler from another thread for as long as the context lasts."""
    beside = ModelBeside(FakeModelServer(handler))
    is_ready = threading.Event()

    async def serve() -> None:
        async with beside.server:
            is_ready.set()
            while not beside.stop.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert is_ready.wait(10)
        yield beside
    finally:
        beside.stop.set()
        thread.join(10)
