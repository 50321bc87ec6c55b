"""`make bench`: prints every ratio of one run.

Each pair is measured in turns, so that whatever else the machine does falls on both; the ratio is
that of the medians.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import configuration, real_code
from tests.benchmarks.instant_model_server import ANSWER
from tests.benchmarks.lsp_process import LspProcess
from tests.test_lsp_server_requests import settings_for

URI = "file:///bench.py"
TEXT = "import os\n\n\n" + "def f(a, b):\n    return a - b\n\n\n" * 20 + "def add(a, b):\n    "
LAST = TEXT.count("\n")
ROUNDS, REQUESTS, STARTS = 20, 25, 15
SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]


def main() -> None:
    """Measure and print."""
    with instant_model() as url:
        report(
            "request to answer, instant model", *requests(url), "pygls handler + httpx-sse", "ms"
        )
        report("request to answer beside a reload of 5,000 models", *beside(url), "alone", "ms")
        against = "pygls handler + httpx-sse"
        report("start to first ghost text, instant model", *first_answers(url), against, "ms")
    report("start to initialize answered", *starts(), "empty pygls server", "ms")
    few, many = configuration.growth()
    report("checking 5,000 models", many, few, "checking 500", "ms")
    real_code.report()


def report(name: str, ours: float, bare: float, against: str, unit: str) -> None:
    """Print one ratio with the medians behind it."""
    line = f"{name}: {ours / bare:.2f} x ({ours:.2f} {unit} against {bare:.2f} {unit}, {against})"
    sys.stdout.write(f"{line}\n")


@contextmanager
def instant_model() -> Iterator[str]:
    """Serve the instant model from a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.instant_model_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def requests(url: str) -> tuple[float, float]:
    """Median milliseconds of one request, ours and bare."""
    bare = [sys.executable, "-m", "tests.benchmarks.bare_server", url]
    with LspProcess(SERVE) as ours, LspProcess(bare) as theirs:
        for server, settings in ((ours, settings_for(url)), (theirs, None)):
            server.initialize(settings)
            server.open(URI, TEXT)
            answer = server.complete(URI, LAST, 4)
            assert answer["items"][0]["insertText"] == ANSWER, answer
        return in_turns(
            lambda: timed(lambda: ours.complete(URI, LAST, 4), REQUESTS),
            lambda: timed(lambda: theirs.complete(URI, LAST, 4), REQUESTS),
            ROUNDS,
        )


def beside(url: str) -> tuple[float, float]:
    """Median milliseconds of one request while a large configuration is reloaded, and alone."""
    large = json.loads(configuration.document(configuration.MANY))
    own = settings_for(url)["modelConfiguration"]
    site = large["modelConfiguration"]
    for key in ("providerOverrides", "modelOverrides"):
        site[key] = own[key] + site[key]
    site["defaultModels"] = own["defaultModels"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.json"
        file.write_text(json.dumps(large), encoding="utf-8")
        with LspProcess([*SERVE, "--config", str(file)]) as server:
            server.initialize({"inlineCompletion": {"debounceMs": 0}})
            server.open(URI, TEXT)

            def ask() -> None:
                server.complete(URI, LAST, 4)

            def during_a_reload() -> list[float]:
                reload = server.begin("foretype.reload")
                taken = []
                while not server.is_answered(reload):
                    taken += timed(ask, 1)
                return taken

            ask()
            return in_turns(during_a_reload, lambda: timed(ask, 100), 5)


def starts() -> tuple[float, float]:
    """Median milliseconds from starting the process to the answer to `initialize`."""

    def start(command: list[str]) -> list[float]:
        began = time.perf_counter()
        with LspProcess(command) as server:
            server.initialize()
            return [(time.perf_counter() - began) * 1000]

    bare = [sys.executable, "-m", "tests.benchmarks.bare_start"]
    return in_turns(lambda: start(SERVE), lambda: start(bare), STARTS)


def first_answers(url: str) -> tuple[float, float]:
    """Median milliseconds from starting the process to the first ghost text."""

    def start(command: list[str], settings: dict[str, Any] | None) -> list[float]:
        began = time.perf_counter()
        with LspProcess(command) as server:
            server.initialize(settings)
            server.open(URI, TEXT)
            server.complete(URI, LAST, 4)
            return [(time.perf_counter() - began) * 1000]

    bare = [sys.executable, "-m", "tests.benchmarks.bare_server", url]
    return in_turns(lambda: start(SERVE, settings_for(url)), lambda: start(bare, None), STARTS)


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


if __name__ == "__main__":
    main()
