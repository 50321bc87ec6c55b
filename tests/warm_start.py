"""The command that runs `foretype` without the time that its imports take."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_HERE = Path(__file__).parent
_COLD = [sys.executable, "-P", "-m", "lsp_server"]

_open = ExitStack()
_command: list[str] = []


def foretype_command() -> list[str]:
    """Give a command that takes `foretype`'s arguments; the first to ask starts the fork server."""
    if not _command:
        _command.extend(_open.enter_context(_fork_server()) if _has_pidfd() else _COLD)
    return list(_command)


def stop() -> None:
    _command.clear()
    _open.close()


def _has_pidfd() -> bool:
    """Tell whether this is a Linux on which the fork server can follow its children."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


@contextmanager
def _fork_server() -> Iterator[list[str]]:
    folder = tempfile.mkdtemp(prefix="foretype-")
    path = str(Path(folder) / "forks")
    with subprocess.Popen(
        [sys.executable, "-P", _HERE / "fork_server.py", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_HERE.parent)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), "the fork server does not start"
        yield [sys.executable, "-I", "-S", str(_HERE / "warm_launcher.py"), path]
        assert process.stdin is not None
        process.stdin.close()
    shutil.rmtree(folder)
