"""The real server on the real model: what a person sees, driven over LSP."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from tests.lsp_client import connected
from tests.test_lsp_server_requests import CANCELLED, answered

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

URI = "file:///work/primes.py"
CODE = 'def is_prime(n):\n    """Return True if n is a prime number."""\n    '
DEMO = [sys.executable, "-P", "-m", "lsp_server", "demo"]


def busy_slots(url: str) -> int:
    """How many requests llama.cpp is generating for."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/slots", timeout=5) as reply:  # noqa: S310
        return sum(slot["is_processing"] for slot in json.load(reply))


async def until_idle(url: str) -> float:
    """Seconds until llama.cpp generates nothing any more."""
    began = time.monotonic()
    while await asyncio.to_thread(busy_slots, url):
        assert time.monotonic() - began < 10
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def until_busy(url: str) -> None:
    while not await asyncio.to_thread(busy_slots, url):
        await asyncio.sleep(0.01)


async def test_the_model_completes_a_function(model_server: str) -> None:
    async with connected("--endpoint", model_server) as client:
        client.open(URI, CODE + "\n\n\nprint(is_prime(7))\n")
        answer = await asyncio.wait_for(client.ask(URI, 2, 4), 60)
        item = answer.items[0]
        await answered(client.command(item.command.command, *item.command.arguments))
        status = await answered(client.command("foretype.status"))

    compile(f"{CODE}{item.insert_text}\n", "primes.py", "exec")
    assert "return" in item.insert_text
    assert status["requests"]["accepted"] == 1
    assert status["endpoints"][0]["state"] == "ok"


async def test_the_model_answers_a_question_piece_by_piece(model_server: str) -> None:
    argument = {
        "messages": [{"role": "user", "content": "Write a Python function that adds two numbers."}],
        "maxTokens": 60,
        "temperature": 0,
        "token": "t",
    }
    async with connected("--endpoint", model_server) as client:
        result = await asyncio.wait_for(client.command("foretype.chat", argument), 60)

    deltas = [value["content"] for value in client.streamed["t"]]
    assert len(deltas) > 10
    assert "".join(deltas) == result["content"]
    assert "def " in result["content"]
    assert result["usage"]["completionTokens"] > 10


STORY = {"messages": [{"role": "user", "content": "Tell a very long story."}], "token": "t"}


@pytest.mark.parametrize("feature", ["completion", "chat"])
async def test_a_cancel_stops_the_model(model_server: str, feature: str) -> None:
    async with connected("--endpoint", model_server) as client:
        client.open("file:///work/list.txt", "numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ")
        request: asyncio.Future[Any]
        if feature == "completion":
            request = client.ask("file:///work/list.txt", 0, 42)
        else:
            request = client.command("foretype.chat", STORY)
        await asyncio.wait_for(until_busy(model_server), 20)
        client.cancel(request)
        with pytest.raises(JsonRpcException) as raised:
            await answered(request)
        idle_after_s = await until_idle(model_server)

    assert raised.value.code == CANCELLED
    assert idle_after_s < 2


def _left_behind(marker: str) -> str:
    listed = subprocess.run(["pgrep", "-af", marker], capture_output=True, text=True, check=False)
    return listed.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_demo_shows_ghost_text_and_a_chat_answer_and_cleans_up(tmp_path: Path) -> None:
    port = free_port()
    ended = subprocess.run(
        [*DEMO, "--port", str(port)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=90,
    )

    assert ended.returncode == 0, ended.stderr
    assert "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}" in ended.stdout
    assert "Model: " in ended.stdout
    assert "def reverse" in ended.stdout
    assert "editors/neovim" in ended.stdout
    assert not _left_behind(f"model_server {port}")


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_demo_leaves_nothing_behind_when_it_is_ended(
    signal_number: int, tmp_path: Path
) -> None:
    port = free_port()
    command = [*DEMO, "--keep", "--port", str(port)]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        assert demo.stdout.readline()
        demo.send_signal(signal_number)
        demo.wait(20)
        assert b"Traceback" not in demo.stderr.read()
    deadline = time.monotonic() + 10
    while (left := _left_behind(f"model_server {port}")) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not left
    # Nobody can tidy up after SIGKILL but the children, who end by themselves.
    assert signal_number == signal.SIGKILL or not list(tmp_path.iterdir())


def test_the_demo_says_in_one_sentence_that_the_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*DEMO, "--port", port], capture_output=True, text=True, check=False, timeout=30
        )

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert f"Port {port}" in ended.stderr
    assert "--port" in ended.stderr
