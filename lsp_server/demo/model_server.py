"""Serves a GGUF file with llama.cpp on loopback; started as a child process by the demonstration.

    python -P -m lsp_server.demo.model_server PORT GGUF LOG

Prints one line, `ready URL` or `failed REASON`, and ends when its standard input does, so that it
cannot outlive the process that started it.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path

import xllamacpp


def main() -> int:
    """Serve until standard input ends."""
    port, model, log = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer = os.dup(sys.stdout.fileno())
    # llama.cpp logs to both standard streams from C++.
    log_file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log_file, sys.stdout.fileno())
    os.dup2(log_file, sys.stderr.fileno())
    try:
        server = xllamacpp.Server(_parameters(int(port), model))
    except RuntimeError as error:
        os.write(answer, f"failed {error}\n".encode())
        return 1
    os.write(answer, f"ready {server.listening_address}/v1\n".encode())
    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    # Its threads may still be in C++; nothing of ours is left to be saved.
    os._exit(0)


def _parameters(port: int, model: str) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    # Otherwise it gives the model's path as its name.
    parameters.model_alias = {Path(model).stem.rsplit(".", 1)[0]}
    parameters.n_ctx = 4096
    parameters.n_parallel = 2
    parameters.warmup = False
    # Its threads wait for each other in a loop: with more of them than free cores it all but stops.
    threads = max(1, (os.cpu_count() or 1) // 2)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    return parameters


if __name__ == "__main__":
    sys.exit(main())
