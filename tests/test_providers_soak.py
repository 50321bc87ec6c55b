"""Many requests at once, and a server that goes away and comes back while they run."""

import asyncio
import gc
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from providers import limits
from providers.client import ModelClient
from providers.errors import ProviderError
from providers.messages import TextDelta
from tests.fake_model_server import FakeModelServer, completes
from tests.provider_models import INFILL, model_named, pool_of, provider_at, text_of

_AT_A_TIME = 50


async def ask_often(client: ModelClient, count: int) -> list[str]:
    """Ask `count` times, 50 at a time."""
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def one() -> str:
        async with gate:
            return await text_of(client.infill(INFILL))

    return list(await asyncio.gather(*(one() for _ in range(count))))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the listing itself is an open file


@pytest.mark.timeout(120)
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files in /proc")
async def test_two_thousand_requests_leave_nothing_behind() -> None:
    async with FakeModelServer(completes("ok")) as server:
        async with pool_of(provider_at(server.url)) as pool:
            client = pool.client_for(model_named())
            await text_of(client.infill(INFILL))
            tasks, files = asyncio.all_tasks(), open_files()
            answers = await ask_often(client, 2000)
            assert answers == ["ok"] * 2000
            assert server.most_connections <= limits.RUNNING
            # Keep-alive: the connections are used again, not made anew.
            assert server.connections_opened <= limits.RUNNING
            # A connection is two files here: ours and the server's.
            assert open_files() - files <= 2 * limits.RUNNING
            (state,) = pool.endpoints()
            assert (state.running, state.waiting, state.served) == (0, 0, 2001)
        await server.wait_until_idle()
        gc.collect()
        assert len(asyncio.all_tasks() - tasks) <= 1  # the server's last one may be ending
        assert open_files() <= files


@pytest.mark.timeout(120)
def test_thousands_of_requests_hold_no_memory_in_the_end() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.instant_model_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as model:
        assert model.stdin is not None
        assert model.stdout is not None
        url = model.stdout.readline().strip()
        soak = [sys.executable, "-m", "tests.memory_soak", url, "3", "700"]
        held = json.loads(subprocess.run(soak, check=True, capture_output=True, text=True).stdout)
        model.stdin.close()

    # In blocks of Python's allocator; one kept per request would be 1400.
    assert held[-1] - held[0] < 350, held


async def test_no_request_fails_that_had_not_begun_when_one_of_two_servers_dies() -> None:
    async with AsyncExitStack() as stack:
        alive = await stack.enter_async_context(FakeModelServer(completes("ok", 1, 0.002)))
        doomed = FakeModelServer(completes("ok", 1, 0.002))
        await doomed.__aenter__()
        pool = await stack.enter_async_context(pool_of(provider_at(alive.url, doomed.url)))
        client = pool.client_for(model_named())
        outcomes: list[tuple[bool, bool]] = []
        """For each request: had it begun, did it fail."""
        is_over = False

        async def work() -> None:
            while not is_over:
                has_begun, failed = False, False
                try:
                    async for event in client.infill(INFILL):
                        has_begun = has_begun or isinstance(event, TextDelta)
                except ProviderError:
                    failed = True
                outcomes.append((has_begun, failed))

        workers = [asyncio.create_task(work()) for _ in range(_AT_A_TIME)]
        await doomed.wait_for_requests(50)
        await doomed.__aexit__(None, None, None)
        dead_at = len(outcomes)
        await alive.wait_for_requests(len(alive.requests) + 100)
        returned = FakeModelServer(completes("ok", 1, 0.002), port=doomed.port)
        await stack.enter_async_context(returned)
        await returned.wait_for_requests(50, timeout_s=limits.FIRST_PAUSE_S * 8)
        is_over = True
        await asyncio.gather(*workers)

        assert len(outcomes) > dead_at + 100
        assert (False, True) not in outcomes
        assert sum(failed for _, failed in outcomes) <= limits.RUNNING
        assert [one.state for one in pool.endpoints()] == ["ok", "ok"]
        assert [one.running for one in pool.endpoints()] == [0, 0]
