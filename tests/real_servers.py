"""Real model servers as child processes, for the tests marked `e2e`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LITELLM_KEY = "sk-foretype-e2e-0123456789abcdef"
TRANSFORMERS_MODEL = "foretype/smollm2"


@dataclass(frozen=True)
class RunningModel:
    """A llama.cpp that can be killed."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def llama_cpp(weights: Path, log: Path) -> Iterator[str]:
    """Serve a model file with llama.cpp; gives the base URL."""
    with running_llama_cpp(weights, log) as running:
        yield running.url


@contextmanager
def running_llama_cpp(weights: Path, log: Path, port: int = 0) -> Iterator[RunningModel]:
    """Serve a model file with llama.cpp; it may be killed before the end."""
    command = [sys.executable, "-P", "-m", "lsp_server.demo.model_server", str(port), str(weights)]
    with subprocess.Popen(
        [*command, str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        word, _, url = process.stdout.readline().strip().partition(" ")
        assert word == "ready", log.read_text()
        yield RunningModel(url, process)
        process.stdin.close()
        process.wait(10)


def program_of(environment: str) -> Path:
    """Give the program of an environment of its own; the Makefile makes one for each."""
    return Path(sys.prefix) / environment / "bin" / environment


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
    command = [str(program_of("litellm")), "--config", str(config)]
    environ = {"LITELLM_MASTER_KEY": LITELLM_KEY}
    with _serving(command, environ, "/health/liveliness", folder / "litellm.log") as url:
        yield url


@contextmanager
def transformers(weights: Path, folder: Path, *template: str) -> Iterator[str]:
    """Serve a model file with `transformers serve`, which sees no hub; gives the base URL.

    A chat template can take the place of the model's own.
    """
    program = program_of("transformers")
    unpack = Path(__file__).with_name("smollm2_checkpoint.py")
    environ = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(folder), "HF_HOME": str(folder)}
    environ["OMP_NUM_THREADS"] = "1"  # more wait for each other where the cores are busy
    subprocess.run(
        [str(program.with_name("python")), "-P", str(unpack), str(weights), str(folder), *template],
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
    )
    command = [str(program), "serve", TRANSFORMERS_MODEL, "--device", "cpu"]
    with _serving(command, environ, "/health", folder / "transformers.log") as url:
        yield url


@contextmanager
def _serving(
    command: Sequence[str], environ: Mapping[str, str], health: str, log: Path
) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, **environ},
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}{health}", process, log)
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
