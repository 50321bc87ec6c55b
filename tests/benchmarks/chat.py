"""What a chat that pours in costs completions beside it: `python -m tests.benchmarks.chat 5`."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from tests.benchmarks.lsp_process import LspProcess
from tests.benchmarks.measuring import SERVE, instant_model, model_process, timed
from tests.test_lsp_server_requests import settings_for

URI = "file:///bench.py"
TEXT = "import os\n\n\n" + "def f(a, b):\n    return a - b\n\n\n" * 20 + "def add(a, b):\n    "
LAST = TEXT.count("\n")
DELTAS_PER_SECOND = 1000
SECONDS = 30.0
# A person who types fast asks so often.
BETWEEN_REQUESTS_S = 0.05
ALONE = 100


@dataclass(frozen=True)
class Outcome:
    """Median milliseconds of a completion beside the chat and alone, and what arrived of it."""

    beside_ms: float
    alone_ms: float
    expected: int
    arrived: int
    messages: int
    is_in_order: bool
    seconds: float

    def describe(self) -> str:
        """One line for each of the two promises."""
        ratio = self.beside_ms / self.alone_ms
        lost = self.expected - self.arrived
        return (
            f"completion beside a chat: {ratio:.2f} x ({self.beside_ms:.2f} ms against "
            f"{self.alone_ms:.2f} ms, alone)\n"
            f"chat of {self.expected} deltas in {self.seconds:.1f} s: {lost} lost, "
            f"{'in order' if self.is_in_order else 'REORDERED'}, in {self.messages} messages\n"
        )


def show(seconds: float = SECONDS) -> None:
    """Measure and print."""
    sys.stdout.write(measure(seconds).describe())
    sys.stdout.flush()


def measure(seconds: float = SECONDS) -> Outcome:
    """Pour a chat into a server for so long, and complete beside it."""
    pace = [str(DELTAS_PER_SECOND), str(seconds)]
    with (
        instant_model() as completing,
        model_process("pouring_model_server", *pace) as pouring,
        LspProcess(SERVE) as server,
    ):
        server.initialize(_settings(completing, pouring))
        server.open(URI, TEXT)
        _complete(server)
        before = list(_completions(server, lambda taken: len(taken) < ALONE))
        argument = {"messages": [{"role": "user", "content": "Go."}], "token": "t"}
        began = time.perf_counter()
        chat = server.begin("foretype.chat", argument)
        beside = list(_completions(server, lambda _: not server.is_answered(chat)))
        took = time.perf_counter() - began
        after = list(_completions(server, lambda taken: len(taken) < ALONE))
    return _outcome(server, beside, before + after, seconds, took)


def _outcome(
    server: LspProcess, beside: list[float], alone: list[float], seconds: float, took: float
) -> Outcome:
    pieces = [value["content"] for value in server.progress]
    numbers = [int(number) for number in "".join(pieces).split()]
    return Outcome(
        beside_ms=median(beside),
        alone_ms=median(alone),
        expected=int(DELTAS_PER_SECOND * seconds),
        arrived=len(set(numbers)),
        messages=len(pieces),
        is_in_order=all(first + 1 == second for first, second in pairwise(numbers)),
        seconds=took,
    )


def _settings(completing: str, pouring: str) -> dict[str, Any]:
    settings = settings_for(completing)
    configuration = settings["modelConfiguration"]
    (provider,) = configuration["providerOverrides"]
    (model,) = configuration["modelOverrides"]
    server = {**provider["serverSideConfig"], "endpoints": [{"url": pouring}]}
    configuration["providerOverrides"].append(
        {**provider, "id": "pouring", "serverSideConfig": server}
    )
    ref = "pouring::v1::starcoder2-7b"
    configuration["modelOverrides"].append({**model, "modelRef": ref})
    configuration["defaultModels"]["chat"] = ref
    return settings


def _completions(server: LspProcess, is_wanted: Any) -> Iterator[float]:
    taken: list[float] = []
    while is_wanted(taken):
        taken += timed(lambda: _complete(server), 1)
        yield taken[-1]
        time.sleep(BETWEEN_REQUESTS_S)


def _complete(server: LspProcess) -> None:
    answer = server.complete(URI, LAST, 4)
    assert answer["items"], answer


if __name__ == "__main__":
    show(*map(float, sys.argv[1:2]))
