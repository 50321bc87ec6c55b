"""Two real model servers for one provider: one is killed under load and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lsp_server.demo.model import find_weights
from providers.client import ModelClient
from providers.errors import ProviderError
from providers.messages import InfillRequest, Sampling, TextDelta
from providers.pool import Pool
from tests.provider_models import model_named, pool_of, provider_at
from tests.real_servers import running_llama_cpp

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

_AT_A_TIME = 8

REQUEST = InfillRequest("", "\n", Sampling(4, temperature=0.0), 60.0)


@dataclass
class Load:
    """Asks without a pause until it is told to stop."""

    client: ModelClient
    outcomes: list[tuple[bool, str]] = field(default_factory=list)
    """For each request: had it begun, and what went wrong."""
    is_over: bool = False
    workers: list[asyncio.Task[None]] = field(default_factory=list)

    async def finish(self) -> None:
        """Let every request that runs come to its end."""
        await asyncio.gather(*self.workers)

    async def work(self, worker: int) -> None:
        while not self.is_over:
            has_begun, trouble = False, ""
            # Prompts differ, as they do in an editor, so that no cache answers for the model.
            prefix = f"def add_{worker}_{len(self.outcomes)}(a, b):\n    return "
            try:
                async for event in self.client.infill(replace(REQUEST, prefix=prefix)):
                    has_begun = has_begun or isinstance(event, TextDelta)
            except ProviderError as error:
                trouble = f"{error.kind}: {error}"
            self.outcomes.append((has_begun, trouble))
            # What this is about has gone wrong; refusals at once would leave nobody else a turn.
            if trouble and not has_begun:
                self.is_over = True


@asynccontextmanager
async def running(load: Load) -> AsyncIterator[None]:
    """Keep the load up for as long as the context lasts."""
    load.workers = [asyncio.create_task(load.work(number)) for number in range(_AT_A_TIME)]
    try:
        yield
    finally:
        for worker in load.workers:
            worker.cancel()
        await asyncio.gather(*load.workers, return_exceptions=True)


async def served(pool: Pool, url: str, count: int) -> None:
    """Return once the endpoint has answered `count` requests more."""
    wanted = count + next(one.served for one in pool.endpoints() if one.url == url)
    async with asyncio.timeout(30):
        while next(one.served for one in pool.endpoints() if one.url == url) < wanted:
            await asyncio.sleep(0.02)


async def test_no_request_is_lost_when_one_of_two_real_servers_is_killed(tmp_path: Path) -> None:
    weights = find_weights()
    with (
        running_llama_cpp(weights, tmp_path / "alive.log") as alive,
        running_llama_cpp(weights, tmp_path / "doomed.log") as doomed,
    ):
        port = int(doomed.url.removesuffix("/v1").rpartition(":")[2])
        async with pool_of(provider_at(alive.url, doomed.url)) as pool:
            load = Load(pool.client_for(model_named("SmolLM2-135M-Instruct")))
            async with running(load):
                await asyncio.gather(served(pool, alive.url, 4), served(pool, doomed.url, 4))
                doomed.process.kill()
                died_at = len(load.outcomes)
                await served(pool, alive.url, 16)
                assert [one.state for one in pool.endpoints()] == ["ok", "failing"]
                with running_llama_cpp(weights, tmp_path / "returned.log", port) as returned:
                    assert returned.url == doomed.url
                    await served(pool, doomed.url, 4)
                    load.is_over = True
                    await load.finish()
                assert [one.state for one in pool.endpoints()] == ["ok", "ok"]
                assert [one.running for one in pool.endpoints()] == [0, 0]
    lost = [trouble for has_begun, trouble in load.outcomes if trouble and not has_begun]
    assert not lost
    # Those that had begun could not be saved; they were no more than the server worked on.
    cut = [trouble for _, trouble in load.outcomes if trouble]
    assert len(cut) <= _AT_A_TIME
    assert all(trouble.startswith("incomplete") for trouble in cut), cut
    assert len(load.outcomes) > died_at + 16
