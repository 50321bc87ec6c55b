"""How long a connection to the model server stays open after the cancel, at random moments."""

import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from tests.benchmarks.measuring import Standstill
from tests.random_user import any_moment, time_to_close

_SEED, _SAMPLES, _ACTIONS_BETWEEN = 77, 1000, 4
_GOAL_MS = 10
# A host tells what it has taken away a tick later.
_TICK_S = 0.02


@dataclass(frozen=True, slots=True)
class _Close:
    ms: float
    standstill_ms: float
    """How long the machine kept the processes from running meanwhile."""


def show() -> None:
    """Measure and print."""
    with _no_collection():
        closes = asyncio.run(_closes())
    times = [close.ms for close in closes]
    p95 = quantiles(times, n=20)[-1]
    line = f"cancel to closed connection: {median(times):.1f} ms, 95th percentile {p95:.1f} ms"
    sys.stdout.write(f"{line}, longest {max(times):.1f} ms\n")
    late = [close for close in closes if close.ms > _GOAL_MS]
    ours = [close for close in late if close.ms - close.standstill_ms > _GOAL_MS]
    sys.stdout.write(
        f"  beyond {_GOAL_MS} ms: {len(late)} of {len(closes)}, "
        f"{len(ours)} of them without the machine standing still for that long\n"
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    # What stands still then is this process, which watches, not the server.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _closes() -> list[_Close]:
    found: list[_Close] = []
    async with any_moment(_SEED) as (user, model):
        while len(found) < _SAMPLES:
            for _ in range(_ACTIONS_BETWEEN):
                await user.act()
            if not user.here.is_open:
                continue
            standstill = Standstill(os.getpid(), user.client.process.pid)
            if (taken := await time_to_close(user, model)) is not None:
                await asyncio.sleep(_TICK_S)
                found.append(_Close(taken * 1000, standstill.so_far_s() * 1000))
        await user.settle()
        await model.rest()
        await user.client.leave()
    return found
