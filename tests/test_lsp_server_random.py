"""Random moments: whatever a client does and when, one answer each and no connection left open."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import pytest

from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    hangs,
)
from tests.raw_client import Future, RawClient, raw_client
from tests.test_lsp_server_requests import CANCELLED, settings_for

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]
INLINE = "textDocument/inlineCompletion"
HEAD = "def total_of(items):\n    "
BODY = "total = 0\n    for item in items:\n        total += item\n    return total"
# Eight runs make 10,000 requests.
REQUESTS_OF_A_RUN = 1250
DOCUMENTS = 4
_LONG = 600
CLOSE_S = 0.01


class Document:
    """One document of the editor, which the user writes at its end."""

    def __init__(self, client: RawClient, number: int) -> None:
        self.client, self.uri = client, f"file:///work/random_{number}.py"
        self.version, self.text, self.way = 0, "", 0
        self.last: tuple[int, Future] | None = None
        self.is_open = False
        self.open()

    def open(self) -> None:
        self.version, self.text, self.way, self.is_open = self.version + 1, HEAD, 0, True
        item = {"uri": self.uri, "languageId": "python", "version": self.version, "text": HEAD}
        self.client.notify("textDocument/didOpen", {"textDocument": item})

    def close(self) -> None:
        self.is_open = False
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def type(self, text: str) -> None:
        """Write at the end; a text grown too long is replaced by its beginning."""
        at = self.end
        self.version += 1
        self.text += text
        change: dict[str, Any] = {"text": text, "range": {"start": at, "end": at}}
        if len(self.text) > _LONG:
            self.text, self.way = HEAD, 0
            change = {"text": HEAD}
        document = {"uri": self.uri, "version": self.version}
        params = {"textDocument": document, "contentChanges": [change]}
        self.client.notify("textDocument/didChange", params)

    def ask(self, *, is_automatic: bool) -> None:
        """Ask at the end."""
        params = {
            "textDocument": {"uri": self.uri},
            "position": self.end,
            "context": {"triggerKind": 2 if is_automatic else 1},
        }
        self.last = self.client.request(INLINE, params)

    @property
    def end(self) -> dict[str, int]:
        return {"line": self.text.count("\n"), "character": len(self.text.rpartition("\n")[2])}


class Chaos:
    """A user, seeded, who does anything at any moment."""

    def __init__(self, client: RawClient, url: str, seed: int) -> None:
        self.client, self.url = client, url
        self.random = random.Random(seed)  # noqa: S311 - a test's dice
        self.documents = [Document(client, number) for number in range(DOCUMENTS)]
        self.here = self.documents[0]
        self.inline: list[tuple[int, Future]] = []
        self.chats: list[tuple[int, Future]] = []
        self.others: list[tuple[int, Future]] = []

    async def act(self) -> None:
        """Do something, then wait for a moment or not at all."""
        actions: list[Callable[[], None]] = [self._key, self._ask, self._cancel, self._go_on]
        actions += [self._close, self._reload, self._configure, self._chat, self._cancel_chat]
        weights = (60, 20, 10, 3, 2, 0.5, 0.5, 2, 2)
        self.random.choices(actions, weights)[0]()
        if self.random.random() < 0.5:
            await asyncio.sleep(self.random.choice((0, 0.001, 0.005)))

    def _key(self) -> None:
        """A key as editors send it: perhaps a cancel, the edit, perhaps another request."""
        here = self.here
        if not here.is_open:
            here.open()
        cancel_first, agrees = self.random.random() < 0.5, self.random.random() < 0.7
        if cancel_first:
            self._cancel_last()
        if agrees and here.way < len(BODY):
            count = self.random.choice((1, 1, 1, 2, 9))
            here.type(BODY[here.way : here.way + count])
            here.way += count
        else:
            here.type(self.random.choice(("z", "\n    ", "return ")))
            here.way = 0
        if not cancel_first and self.random.random() < 0.5:
            self._cancel_last()
        if self.random.random() < 0.9:
            self._ask()

    def _ask(self) -> None:
        self.here.ask(is_automatic=self.random.random() < 0.85)
        assert self.here.last is not None
        self.inline.append(self.here.last)

    def _cancel_last(self) -> None:
        if self.here.last is not None:
            self.cancel(self.here.last[0])

    def _cancel(self) -> None:
        """Cancel any of the latest requests, answered or not."""
        if self.inline:
            self.cancel(self.random.choice(self.inline[-5:])[0])

    def cancel(self, request_id: int) -> None:
        self.client.notify("$/cancelRequest", {"id": request_id})

    def _go_on(self) -> None:
        self.here = self.random.choice(self.documents)

    def _close(self) -> None:
        if self.here.is_open:
            self.here.close()
        if self.random.random() < 0.5:
            self.here.open()

    def _reload(self) -> None:
        self._command("foretype.reload")

    def _configure(self) -> None:
        settings = settings_for(self.url)
        override = settings["modelConfiguration"]["modelOverrides"][0]
        override["displayName"] = f"Model {self.random.randint(1, 3)}"
        self.client.settings = settings
        self.client.notify("workspace/didChangeConfiguration", {"settings": None})

    def _chat(self) -> None:
        question = {"messages": [{"role": "user", "content": "Why?"}], "token": "t"}
        self.chats.append(self.client.request("foretype/chat", question))

    def _cancel_chat(self) -> None:
        if self.chats:
            self.cancel(self.random.choice(self.chats[-3:])[0])

    def _command(self, name: str) -> None:
        params = {"command": name, "arguments": []}
        self.others.append(self.client.request("workspace/executeCommand", params))

    async def settle(self) -> None:
        """Cancel everything and wait for every answer."""
        for request_id, answer in (*self.inline[-50:], *self.chats):
            if not answer.done():
                self.cancel(request_id)
        pending = [answer for _, answer in (*self.inline, *self.chats, *self.others)]
        await asyncio.wait_for(asyncio.gather(*pending), 10)

    def check_answers(self) -> None:
        """One answer each, and for ghost text no error but that of a cancelled request."""
        assert self.client.answers == Counter(range(1, self.client.last_id + 1))
        for _, answer in self.inline:
            error = answer.result().get("error")
            assert error is None or error["code"] == CANCELLED, error


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
        async with asyncio.timeout(5):
            while self.running:
                await self.running[0].has_ended.wait()

    def _handler(self, request: Request) -> Handler:
        kind = self._random.random()
        if "chat" in request.path:
            return hangs() if kind < 0.5 else chats(BODY, delay_s=0.001)
        if kind < 0.35:
            return completes(BODY)
        if kind < 0.8:
            return completes(BODY, delay_s=self._random.choice((0.001, 0.004)))
        return hangs() if kind < 0.98 else breaks_off


async def breaks_off(_: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"index": 0, "text": "tot", "finish_reason": None}]})
    await reply.cut()


@asynccontextmanager
async def chaos(seed: int) -> AsyncIterator[tuple[Chaos, AnyModel]]:
    model = AnyModel(seed)
    async with FakeModelServer(model.answer) as server, raw_client(SERVE) as client:
        await client.initialize(settings_for(server.url))
        yield Chaos(client, server.url, seed), model
        await server.wait_until_idle()


async def time_to_close(user: Chaos, model: AnyModel) -> float | None:
    """Cancel a request at a random moment and give how long its connection stays open then.

    None when there is none to be closed. No edit comes with the cancel, so nothing takes it over.
    """
    await user.settle()
    await model.rest()
    user.here.type("z")
    user.here.ask(is_automatic=user.random.random() < 0.5)
    assert user.here.last is not None
    user.inline.append(user.here.last)
    await asyncio.sleep(user.random.uniform(0, 0.03))
    if not model.running:
        return None
    stream = model.running[0]
    began = asyncio.get_running_loop().time()
    user.cancel(user.here.last[0])
    # Not the end of the handler, which notices only when it writes again.
    ends = [
        asyncio.create_task(event.wait())
        for event in (stream.request.disconnected, stream.has_ended)
    ]
    done, pending = await asyncio.wait(ends, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    taken = asyncio.get_running_loop().time() - began
    for task in pending:
        task.cancel()
    assert done, "the connection stays open"
    return taken if stream.request.disconnected.is_set() else None


async def round_trip(client: RawClient) -> float:
    """Time the least that goes through both processes and back."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    params = {"textDocument": {"uri": "file:///not-open"}, "position": {"line": 0, "character": 0}}
    await client.result(INLINE, {**params, "context": {"triggerKind": 2}})
    return loop.time() - began


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_at_any_moment_each_request_has_one_answer_and_no_stream_stays(
    seed: int,
) -> None:
    closes, trips = [], []
    async with chaos(seed) as (user, model):
        while len(user.inline) < REQUESTS_OF_A_RUN:
            for _ in range(40):
                await user.act()
            if user.here.is_open and (taken := await time_to_close(user, model)) is not None:
                closes.append(taken)
                trips.append(await round_trip(user.client))
        await user.settle()
        await model.rest()
        await user.client.leave()
        user.check_answers()
    # `make bench` prints the 95th percentile, which is below 10 ms where nothing else runs. A busy
    # machine slows trips and closes alike; a stream kept by mistake would be closed far later.
    assert median(closes) < CLOSE_S + median(trips)
    assert quantiles(closes, n=20)[-1] < 10 * CLOSE_S


@pytest.mark.parametrize("seed", range(100, 106))
async def test_a_shutdown_at_any_moment_leaves_no_request_unanswered(seed: int) -> None:
    async with chaos(seed) as (user, _):
        for _ in range(user.random.randint(1, 40)):
            await user.act()
        left = asyncio.create_task(user.client.leave())
        await asyncio.sleep(0)
        await left
        user.check_answers()
        assert user.client.process.returncode == 0
