"""A model that answers in any way there is."""

import asyncio
import random
from dataclasses import dataclass

from tests.fake_model_server import Handler, Reply, Request, chats, completes, fails, hangs

BODY = "total = 0\n    for item in items:\n        total += item\n    return total"
_REFUSALS = (
    fails(429, {"error": {"message": "Too many requests."}}, {"Retry-After": "0"}),
    fails(503, {"error": {"message": "Loading model"}}),
    fails(500, "Internal Server Error"),
    fails(400, {"error": {"message": "stream_options is not supported"}}),
)


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer of the model."""

    request: Request
    has_ended: asyncio.Event


class AnyModel:
    """A model that answers at once, slowly, or not at all, and sometimes breaks off."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a test's dice
        self.running: list[Stream] = []

    async def answer(self, request: Request, reply: Reply) -> None:
        """Write the body, some way or other."""
        stream = Stream(request, asyncio.Event())
        self.running.append(stream)
        try:
            await self._handler(request)(request, reply)
        finally:
            stream.has_ended.set()
            self.running.remove(stream)

    async def rest(self) -> None:
        """Wait for the end of all streams; a connection in the client's pool may stay."""
        async with asyncio.timeout(30):
            while self.running:
                await self.running[0].has_ended.wait()

    def _handler(self, request: Request) -> Handler:
        if self._random.random() < 0.03:
            return self._random.choice(_REFUSALS)
        kind = self._random.random()
        if "chat" in request.path:
            return hangs() if kind < 0.5 else chats(BODY, delay_s=0.001)
        if kind < 0.35:
            return completes(BODY)
        if kind < 0.8:
            return completes(BODY, delay_s=self._random.choice((0.001, 0.004)))
        return hangs() if kind < 0.98 else _breaks_off


async def _breaks_off(_: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"index": 0, "text": "tot", "finish_reason": None}]})
    await reply.cut()
