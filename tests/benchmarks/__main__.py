"""`make bench`: prints every ratio of one run; `make bench ARGS="typing memory"` only some.

The memory of 100,000 completions takes minutes and is measured only when it is asked for.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks import cancelling, chat, configuration, memory, real_code, requests, typing
from tests.benchmarks.lsp_process import LspProcess
from tests.benchmarks.measuring import SERVE, in_turns, instant_model, report
from tests.test_lsp_server_requests import settings_for

STARTS = 15


def main(names: list[str]) -> None:
    """Measure and print what is named, or all but the memory."""
    if unknown := [name for name in names if name not in BENCHMARKS]:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}.")
    chosen = names or [name for name in BENCHMARKS if name != "memory"]
    for name in chosen:
        BENCHMARKS[name]()


def show_requests() -> None:
    """Time requests."""
    against = "pygls handler + httpx-sse"
    report("request to answer, instant model", *requests.plain(), against)
    with instant_model() as url:
        name = "request to answer beside a reload of 5,000 models"
        report(name, *requests.beside_a_reload(url), "alone")
        name = "key and answer while text is typed through"
        report(name, *requests.typed_through(url), "pygls handler with a fixed answer")
        name = "edit and request in a document of 5 MB"
        report(name, *requests.in_large_document(url), "in a small one")


def show_start() -> None:
    """Time the start."""
    report("start to initialize answered", *starts(), "empty pygls server")
    with instant_model() as url:
        against = "pygls handler + httpx-sse"
        report("start to first ghost text, instant model", *first_answers(url), against)


def show_configuration() -> None:
    """Time the check of a configuration."""
    few, many = configuration.growth()
    report("checking 5,000 models", many, few, "checking 500")


def show_memory() -> None:
    """Measure what stays in memory."""
    with instant_model() as url:
        after = f"after {memory.EARLY:,}"
        report(f"memory after {memory.LATE:,} completions", *memory.growth(url), after, "MB")


BENCHMARKS: dict[str, Callable[[], None]] = {
    "requests": show_requests,
    "start": show_start,
    "configuration": show_configuration,
    "real-code": real_code.report,
    "typing": typing.show,
    "cancelling": cancelling.show,
    "chat": chat.show,
    "memory": show_memory,
}


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
            server.open(requests.URI, requests.TEXT)
            server.complete(requests.URI, requests.LAST, 4)
            return [(time.perf_counter() - began) * 1000]

    bare = [sys.executable, "-m", "tests.benchmarks.bare_server", url]
    return in_turns(lambda: start(SERVE, settings_for(url)), lambda: start(bare, None), STARTS)


if __name__ == "__main__":
    main(sys.argv[1:])
