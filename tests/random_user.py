"""A user who does anything at any moment."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.fake_model_server import FakeModelServer
from tests.random_model import BODY, AnyModel
from tests.raw_client import Future, RawClient, raw_client
from tests.test_lsp_server_requests import CANCELLED, settings_for

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]
INLINE = "textDocument/inlineCompletion"
HEAD = "def total_of(items):\n    "
DOCUMENTS = 4
_LONG = 600


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


class RandomUser:
    """Does anything at any moment, the same for the same seed."""

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
        actions += [self._edit, self._cancel_progress, self._fill_panel, self._list, self._accept]
        weights = (60, 20, 10, 3, 2, 0.5, 0.5, 2, 2, 2, 1, 0.5, 1, 1)
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
        question = {"messages": [{"role": "user", "content": "Why?"}], "token": self._token()}
        self._begin_writing("chat", question)

    def _edit(self) -> None:
        start = {"line": 0, "character": 0}
        place = {"uri": self.here.uri, "range": {"start": start, "end": {**start, "character": 3}}}
        self._begin_writing("edit", {**place, "instruction": "Better.", "token": self._token()})

    def _begin_writing(self, name: str, question: dict[str, Any]) -> None:
        """Ask for a chat or an edit, in either of the two ways."""
        if self.random.random() < 0.5:
            asked = self.client.request(f"foretype/{name}", question)
        else:
            params = {"command": f"foretype.{name}", "arguments": [question]}
            asked = self.client.request("workspace/executeCommand", params)
        self.chats.append(asked)

    def _token(self) -> str:
        return f"token-{self.random.randint(1, 3)}"

    def _cancel_progress(self) -> None:
        self.client.notify("window/workDoneProgress/cancel", {"token": self._token()})

    def _cancel_chat(self) -> None:
        """Cancel a chat or an edit, sometimes more than once."""
        for _ in range(self.random.choice((1, 1, 3)) if self.chats else 0):
            self.cancel(self.random.choice(self.chats[-3:])[0])

    def _fill_panel(self) -> None:
        params = {**self._place(), "partialResultToken": "panel"}
        self.others.append(self.client.request("textDocument/copilotPanelCompletion", params))

    def _list(self) -> None:
        params = {**self._place(), "context": {"triggerKind": 1}}
        self.others.append(self.client.request("textDocument/completion", params))

    def _place(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.here.uri}, "position": self.here.end}

    def _accept(self) -> None:
        """Accept whatever was offered last."""
        for _, answer in reversed(self.inline[-20:]):
            items = (answer.result().get("result") or {}).get("items") if answer.done() else None
            if items:
                self._command("foretype.accept", *items[0]["command"]["arguments"])
                return

    def _command(self, name: str, *arguments: Any) -> None:
        params = {"command": name, "arguments": arguments}
        self.others.append(self.client.request("workspace/executeCommand", params))

    async def settle(self) -> None:
        """Cancel everything and wait for every answer."""
        everything = (*self.inline, *self.chats, *self.others)
        for request_id, answer in everything:
            if not answer.done():
                self.cancel(request_id)
        await asyncio.wait_for(asyncio.gather(*(answer for _, answer in everything)), 30)

    async def rest(self) -> None:
        """Wait until the server counts no running request at its endpoints."""
        params = {"command": "foretype.status", "arguments": []}
        async with asyncio.timeout(30):
            while True:
                status = await self.client.result("workspace/executeCommand", params)
                if not any(endpoint["running"] for endpoint in status["endpoints"]):
                    return
                await asyncio.sleep(0.01)

    def check_answers(self) -> None:
        """One answer each, and for ghost text no error but that of a cancelled request."""
        assert self.client.answers == Counter(range(1, self.client.last_id + 1))
        for _, answer in self.inline:
            error = answer.result().get("error")
            assert error is None or error["code"] == CANCELLED, error


@asynccontextmanager
async def any_moment(seed: int) -> AsyncIterator[tuple[RandomUser, AnyModel]]:
    model = AnyModel(seed)
    async with FakeModelServer(model.answer) as server, raw_client(SERVE) as client:
        await client.initialize(settings_for(server.url))
        yield RandomUser(client, server.url, seed), model
        await server.wait_until_idle()


async def time_to_close(user: RandomUser, model: AnyModel) -> float | None:
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
    done, pending = await asyncio.wait(ends, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    taken = asyncio.get_running_loop().time() - began
    for task in pending:
        task.cancel()
    assert done, "the connection stays open"
    return taken if stream.request.disconnected.is_set() else None
