"""What stays in memory of many completions."""

from pathlib import Path

from tests.benchmarks.instant_model_server import ANSWER
from tests.benchmarks.lsp_process import LspProcess
from tests.benchmarks.measuring import SERVE
from tests.benchmarks.requests import LAST, TEXT
from tests.test_lsp_server_requests import settings_for

EARLY, LATE = 20_000, 100_000
_DOCUMENTS = 20


def growth(url: str) -> tuple[float, float]:
    """Megabytes resident after 100,000 completions, and after 20,000 of them.

    A third each is asked of the model, typed through, and known from before.
    """
    with LspProcess(SERVE) as server:
        server.initialize(settings_for(url))
        for number in range(_DOCUMENTS):
            server.open(_uri(number), TEXT)
        early = 0.0
        for number in range(LATE // 3):
            _ask_three_times(server, number)
            if number == EARLY // 3:
                early = resident_mb(server.pid)
        late = resident_mb(server.pid)
        counts = server.command("foretype.status")["requests"]
        kinds = [counts[name] for name in ("modelRequests", "typedThrough", "fromCache")]
        assert kinds == [LATE // 3] * 3, counts
        return late, early


def resident_mb(pid: int) -> float:
    """Megabytes of a process that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _uri(number: int) -> str:
    return f"file:///many-{number % _DOCUMENTS}.py"


def _ask_three_times(server: LspProcess, number: int) -> None:
    uri = _uri(number)
    begun = f"value_{number:06d} = "
    old = 0 if number < _DOCUMENTS else len(begun)
    column = 4 + len(begun)
    server.change(uri, (LAST, 4), (LAST, 4 + old), begun)
    for written, typed in (("", ""), ("", ANSWER[0]), (ANSWER[0], "")):
        if written or typed:
            server.change(uri, (LAST, column), (LAST, column + len(written)), typed)
        answer = server.complete(uri, LAST, column + len(typed), is_automatic=True)
        assert answer["items"], answer
