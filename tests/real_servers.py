"""Real model servers as child processes, for the tests marked `e2e`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LITELLM_KEY = "sk-foretype-e2e-0123456789abcdef"


@contextmanager
def llama_cpp(weights: Path, log: Path) -> Iterator[str]:
    """Serve a model file with llama.cpp; gives the base URL."""
    command = [sys.executable, "-P", "-m", "lsp_server.demo.model_server", "0", str(weights)]
    with subprocess.Popen(
        [*command, str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        word, _, url = process.stdout.readline().strip().partition(" ")
        assert word == "ready", log.read_text()
        yield url
        process.stdin.close()
        process.wait(10)


def litellm_program() -> Path:
    """Give LiteLLM's program; the Makefile puts it into an environment of its own."""
    return Path(sys.prefix) / "litellm" / "bin" / "litellm"


@contextmanager
def litellm(models: Mapping[str, tuple[str, str]], folder: Path) -> Iterator[str]:
    """Serve models, each by name with its LiteLLM name and base URL, through LiteLLM's proxy."""
    rows = [
        {
            "model_name": name,
            "litellm_params": {"model": model, "api_base": url, "api_key": "none"},
        }
        for name, (model, url) in models.items()
    ]
    config = folder / "litellm.yaml"
    config.write_text(json.dumps({"model_list": rows}))  # YAML takes JSON
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = ("--host", "127.0.0.1", "--port", str(port))
    environ = {**os.environ, "LITELLM_MASTER_KEY": LITELLM_KEY}
    log = folder / "litellm.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [str(litellm_program()), "--config", str(config), *address],
            env=environ,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/liveliness", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - loopback
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
