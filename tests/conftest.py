"""Fixtures for all tests: a clean environment, and the real model for the slow ones."""

import lsp_server  # first, so that the tests see the packages as the program does  # noqa: I001

import contextlib
import importlib.metadata
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lsp_server.demo.model import find_weights
from tests import warm_start
from tests.real_servers import llama_cpp

# How long an example takes says more about the machine than about the code.
# The examples are the same each time, so that no rare one stops a change that it has nothing to do
# with; `--hypothesis-profile=explore` looks for others.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("explore"), derandomize=True)
settings.load_profile("same")

_SHOWN = ("pygls", "lsprotocol", "httpx", "pydantic")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--wheel", default=None, help="folder of the built wheel to be tested")


def pytest_report_header() -> str:
    versions = (f"{name} {importlib.metadata.version(name)}" for name in _SHOWN)
    return f"foretype {lsp_server.__version__}, {', '.join(versions)}"


@pytest.fixture(scope="session", autouse=True)
def fork_server() -> Iterator[None]:
    """Ends with the session; it is started by the first test that needs it."""
    yield
    warm_start.stop()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, proxies or configuration of whoever runs it."""
    for name in list(os.environ):
        if name.startswith(("FORETYPE_", "SSL_CERT_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user-config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that connecting to it hangs."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of llama.cpp serving the small real model, for tests marked `e2e`."""
    with llama_cpp(find_weights(), tmp_path_factory.mktemp("llama") / "llama.log") as url:
        yield url
