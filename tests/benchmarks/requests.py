"""What a request costs: beside bare ones and a reload, typed through, in a large document."""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks import configuration
from tests.benchmarks.instant_model_server import ANSWER
from tests.benchmarks.lsp_process import LspProcess
from tests.benchmarks.measuring import (
    SERVE,
    core_of_their_own,
    in_turns,
    instant_model,
    timed,
)
from tests.test_lsp_server_requests import settings_for

URI = "file:///bench.py"
TEXT = "import os\n\n\n" + "def f(a, b):\n    return a - b\n\n\n" * 20 + "def add(a, b):\n    "
LAST = TEXT.count("\n")
LARGE = 5_000_000
ROUNDS, REQUESTS = 20, 25
BARE = [sys.executable, "-m", "tests.benchmarks.bare_server"]


def plain() -> tuple[float, float]:
    """Median milliseconds of one request, ours and bare."""
    with (
        core_of_their_own() as move,
        instant_model() as url,
        LspProcess(SERVE) as ours,
        LspProcess([*BARE, url]) as theirs,
    ):
        for server, settings in ((ours, settings_for(url)), (theirs, None)):
            move(server.pid)
            server.initialize(settings)
            server.open(URI, TEXT)
            answer = server.complete(URI, LAST, 4)
            assert answer["items"][0]["insertText"] == ANSWER, answer
        return in_turns(
            lambda: timed(lambda: ours.complete(URI, LAST, 4), REQUESTS),
            lambda: timed(lambda: theirs.complete(URI, LAST, 4), REQUESTS),
            ROUNDS,
        )


def beside_a_reload(url: str) -> tuple[float, float]:
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


def typed_through(url: str) -> tuple[float, float]:
    """Median milliseconds of a key and its answer: text typed through, and a fixed answer."""
    with LspProcess(SERVE) as ours, LspProcess(BARE) as theirs:
        for server, settings in ((ours, settings_for(url)), (theirs, None)):
            server.initialize(settings)
            server.open(URI, TEXT)
            answer = server.complete(URI, LAST, 4)
            assert answer["items"][0]["insertText"] == ANSWER, answer

        def type_it(server: LspProcess) -> list[float]:
            taken = []
            for typed in range(len(ANSWER) - 1):
                taken += timed(partial(_type, server, 4 + typed, ANSWER[typed]), 1)
            server.change(URI, (LAST, 4), (LAST, 3 + len(ANSWER)), "")
            return taken

        both = in_turns(lambda: type_it(ours), lambda: type_it(theirs), ROUNDS)
        counted = ours.command("foretype.status")["requests"]
        assert counted["modelRequests"] == 1, counted
        return both


def _type(server: LspProcess, column: int, letter: str) -> None:
    server.change(URI, (LAST, column), (LAST, column), letter)
    answer = server.complete(URI, LAST, column + 1, is_automatic=True)
    assert answer["items"], answer


def in_large_document(url: str) -> tuple[float, float]:
    """Median milliseconds of an edit and a request in a document of 5 MB, and in a small one."""
    half = TEXT[:-4] * (LARGE // 2 // len(TEXT))
    with LspProcess(SERVE) as server:
        server.initialize(settings_for(url))
        server.open("file:///large.py", f"{half}{TEXT}x\n{half}")
        server.open(URI, f"{TEXT}x\n")

        def edit_and_ask(uri: str, line: int) -> None:
            server.change(uri, (line, 4), (line, 5), "y")
            assert server.complete(uri, line, 5)["items"]

        line_in_large = half.count("\n") + LAST
        return in_turns(
            lambda: timed(lambda: edit_and_ask("file:///large.py", line_in_large), REQUESTS),
            lambda: timed(lambda: edit_and_ask(URI, LAST), REQUESTS),
            ROUNDS,
        )
