"""How long a connection to the model server stays open after the cancel, at random moments."""

import asyncio
import sys
from statistics import median, quantiles

from tests.test_lsp_server_random import chaos, time_to_close

_SEED, _SAMPLES, _ACTIONS_BETWEEN = 77, 300, 4


def show() -> None:
    """Measure and print."""
    times = [seconds * 1000 for seconds in asyncio.run(_closes())]
    p95 = quantiles(times, n=20)[-1]
    line = f"cancel to closed connection: {median(times):.1f} ms, 95th percentile {p95:.1f} ms"
    sys.stdout.write(f"{line}, longest {max(times):.1f} ms\n")


async def _closes() -> list[float]:
    found: list[float] = []
    async with chaos(_SEED) as (user, model):
        while len(found) < _SAMPLES:
            for _ in range(_ACTIONS_BETWEEN):
                await user.act()
            if user.here.is_open and (taken := await time_to_close(user, model)) is not None:
                found.append(taken)
        await user.settle()
        await model.rest()
        await user.client.leave()
    return found
