"""The recorded typing session against a model server with realistic latency.

Played at human speed, by a client that cancels on every key (as VS Code does) and by one that
never cancels and waits 200 ms (Neovim 0.12), each with our server and with one of no economy.
The recordings are played side by side, each with a server of its own, one kind of client and
server after the other: more at a time would wait for the processor, not for the server.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product, starmap

from tests.benchmarks.human_typing import Typing, typing_of
from tests.benchmarks.player import Player, Shown
from tests.benchmarks.recorded_code import RECORDINGS
from tests.benchmarks.typing_figures import Figures, Played, Stream, figures
from tests.raw_client import raw_client
from tests.test_lsp_server_requests import settings_for

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A client that cancels on every key or waits instead, and a server without economy or ours."""

    cancels: bool
    is_eager: bool


KINDS = tuple(starmap(Kind, product((True, False), (False, True))))


class _Stage:
    """Starts the servers in turns, and begins the typing once all of them are there."""

    def __init__(self, sessions: int, url: str) -> None:
        self._url = url
        self._door = asyncio.Semaphore(2)
        self._all_there = asyncio.Barrier(sessions)

    async def play(self, typing: Typing, kind: Kind) -> list[Shown]:
        url = f"{self._url}/{typing.recording.name}/v1"
        eager = [sys.executable, "-m", "tests.benchmarks.eager_server", url]
        settings = settings_for(url)
        del settings["inlineCompletion"]
        async with AsyncExitStack() as stack:
            async with self._door:
                command = eager if kind.is_eager else SERVE
                client = await stack.enter_async_context(raw_client(command))
                await client.initialize(settings)
            await self._all_there.wait()
            shown = await Player(client, typing, cancels=kind.cancels).play()
            await client.leave()
        return shown


async def played(kind: Kind) -> Figures:
    """Type every recording, side by side, and add up what that came to."""
    pipe = asyncio.subprocess.PIPE
    module = "tests.benchmarks.recorded_model_server"
    model = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=pipe, stdout=pipe, limit=2**24
    )
    assert model.stdin is not None
    assert model.stdout is not None
    url = (await model.stdout.readline()).decode().strip()
    stage = _Stage(len(RECORDINGS), url)
    keys = await asyncio.gather(*(stage.play(typing_of(each), kind) for each in RECORDINGS))
    model.stdin.close()
    streams = json.loads(await model.stdout.readline())
    await model.wait()
    return figures(
        Played(shown, [Stream(**each) for each in streams.get(recording.name, [])])
        for recording, shown in zip(RECORDINGS, keys, strict=True)
    )


def show() -> None:
    """Play the sessions and print what each came to."""
    for kind in KINDS:
        found = asyncio.run(played(kind))
        client = "cancels on every key" if kind.cancels else "never cancels, waits 200 ms"
        lines = (
            f"typing, client {client}, {'no economy' if kind.is_eager else 'foretype'}:",
            f"  {found.requests_per_key:.2f} model requests a key ({found.keys} keys, the model is "
            f"right at {found.share_right:.0%}), "
            f"{found.tokens} tokens, {found.tokens_thrown_away} of them thrown away",
            f"  ghost text after {found.median_ms:.0f} ms, 95th percentile {found.p95_ms:.0f} ms, "
            f"on {found.share_of_keys:.0%} of keys, {found.share_where_right:.0%} where the model "
            f"is right ({found.share_of_asked_where_right:.0%} of those the client asks for)",
        )
        sys.stdout.write("\n".join(lines) + "\n")
