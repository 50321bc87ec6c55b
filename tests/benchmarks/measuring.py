"""How everything here is measured.

Each pair is measured in turns, so that whatever else the machine does falls on both; the ratio is
that of the medians.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]


def report(name: str, ours: float, bare: float, against: str, unit: str = "ms") -> None:
    """Print one ratio with the medians behind it."""
    line = f"{name}: {ours / bare:.2f} x ({ours:.2f} {unit} against {bare:.2f} {unit}, {against})"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def instant_model() -> AbstractContextManager[str]:
    """Serve the instant model from a process of its own."""
    return model_process("instant_model_server")


@contextmanager
def model_process(name: str, *arguments: str) -> Iterator[str]:
    """Run a model server of this package; gives its base URL."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@contextmanager
def core_of_their_own() -> Iterator[Callable[[int], None]]:
    """Keep this process, and what it starts, on one core; gives what moves a server to another.

    Where the system puts three processes on two cores, and not the servers, decides the ratio of
    two milliseconds otherwise. Does nothing on one core, and where processes cannot be placed.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield lambda _: None
        return

    def move(pid: int) -> None:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {cores[0]})

    os.sched_setaffinity(0, {cores[-1]})
    try:
        yield move
    finally:
        os.sched_setaffinity(0, cores)


class Standstill:
    """How long processes were ready to run and were kept waiting, by the system or the host below.

    Zero where the system does not tell.
    """

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._began_s = self._so_far_s()

    def so_far_s(self) -> float:
        """Give the seconds since this was made."""
        return self._so_far_s() - self._began_s

    def _so_far_s(self) -> float:
        return _stolen_s() + sum(_waited_s(pid) for pid in self._pids)


def _stolen_s() -> float:
    # The eighth figure: what a virtual machine's host gave to others, in ticks.
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    return int(stat.read_text().split(maxsplit=9)[8]) / os.sysconf("SC_CLK_TCK")


def _waited_s(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[1]) for thread in threads) / 1e9


def in_turns(
    ours: Callable[[], list[float]], bare: Callable[[], list[float]], rounds: int
) -> tuple[float, float]:
    """Measure both in turns and give both medians."""
    both: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        both[0].extend(ours())
        both[1].extend(bare())
    return median(both[0]), median(both[1])


def timed(call: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each of several calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return taken
