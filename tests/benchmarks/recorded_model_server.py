"""The model server of the recorded session: 90 ms to the first token, 6 ms to each further one.

Run as a process, it prints its address; `/<recording>/v1` is the base URL of the session in which
that is typed. When its standard input ends it prints, by recording, where each stream began, what
it wrote and in how many tokens.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

from tests.benchmarks.human_typing import typing_of
from tests.benchmarks.model_knowledge import ModelKnowledge
from tests.benchmarks.recorded_code import RECORDINGS
from tests.fake_model_server import FakeModelServer, Reply, Request

FIRST_TOKEN_S, NEXT_TOKEN_S = 0.09, 0.006
TAIL = 80
_TOKEN = re.compile(r"\n[ ]*|[ ]?\w{1,6}|[ ]?[^\w\s]{1,2}|\s")
_PROMPT = re.compile(r"<fim_prefix>(.*)<fim_suffix>", re.DOTALL)


class RecordedModels:
    """Answer from what they know, and remember what they have written."""

    def __init__(self) -> None:
        self._knowledge = {
            each.name: ModelKnowledge(each.name, typing_of(each).final) for each in RECORDINGS
        }
        self.streams: dict[str, list[dict[str, Any]]] = {}

    async def answer(self, request: Request, reply: Reply) -> None:
        """Write, token by token, what is known of the place, until the client leaves."""
        _, name, *_ = request.path.split("/")
        found = _PROMPT.match(request.body["prompt"])
        assert found is not None, request.body
        text = self._knowledge[name].guess(found[1]).text
        for mark in request.body.get("stop") or []:
            text = text.partition(mark)[0]
        began = time.monotonic()
        stream: dict[str, Any] = {"tail": found[1][-TAIL:], "began": began, "text": "", "tokens": 0}
        self.streams.setdefault(name, []).append(stream)
        due = asyncio.get_running_loop().time() + FIRST_TOKEN_S
        for token in _TOKEN.findall(text)[: request.body["max_tokens"]]:
            await _until(due, request.disconnected)
            await reply.event({"choices": [{"index": 0, "text": token, "finish_reason": None}]})
            stream["text"] += token
            stream["tokens"] += 1
            due += NEXT_TOKEN_S
        await reply.event({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})
        await reply.event("[DONE]")


async def _until(due: float, disconnected: asyncio.Event) -> None:
    """Wait, and write no more for a client that has left."""
    wait_s = due - asyncio.get_running_loop().time()
    try:
        await asyncio.wait_for(disconnected.wait(), max(0.0, wait_s))
    except TimeoutError:
        return
    raise ConnectionResetError


async def _main() -> None:
    models = RecordedModels()
    async with FakeModelServer(models.answer) as server:
        sys.stdout.write(f"{server.root}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        sys.stdout.write(f"{json.dumps(models.streams)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main())
