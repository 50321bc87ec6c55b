"""Chats with the real model: several turns, files attached, more than its window holds."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_client import Client, connected
from tests.test_lsp_server_cli import foretype
from tests.test_lsp_server_requests import settings_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

URI = "file:///work/shop.py"
CODE = "def total_price(basket):\n    return sum(item.price for item in basket)\n"
QUESTIONS = (
    "Which function does the attached file define?",
    "What does it return?",
    "Write one sentence of documentation for it.",
)


async def say(client: Client, turns: list[dict[str, str]], **argument: Any) -> dict[str, Any]:
    """One turn of a chat, whose answer becomes a part of it."""
    given = {"messages": turns, "maxTokens": 60, "temperature": 0, **argument}
    result: dict[str, Any]
    result = await asyncio.wait_for(client.command("foretype.chat", given), 60)
    turns.append({"role": "assistant", "content": result["content"]})
    return result


async def test_a_chat_of_three_turns_about_an_attached_file(model_server: str) -> None:
    turns: list[dict[str, str]] = []
    results = []
    async with connected("--endpoint", model_server) as client:
        client.open(URI, CODE)
        for number, question in enumerate(QUESTIONS):
            turns.append({"role": "user", "content": question})
            context = [{"uri": URI}]
            results.append(await say(client, turns, context=context, token=f"t{number}"))
        status = await asyncio.wait_for(client.command("foretype.status"), 30)

    assert "total_price" in results[0]["content"]
    for number, result in enumerate(results):
        deltas = client.streamed[f"t{number}"]
        assert len(deltas) > 1
        assert "".join(delta["content"] for delta in deltas) == result["content"]
        assert "omitted" not in result
        assert "isEstimated" not in result["usage"]
    prompts = [result["usage"]["promptTokens"] for result in results]
    assert prompts == sorted(prompts)
    assert status["requests"]["chatPromptTokens"] == sum(prompts)


async def test_a_file_far_beyond_the_window_is_clipped_and_answered_about(
    model_server: str,
) -> None:
    text = CODE + "".join(f"price_of_item_{number} = {number * 7}\n" for number in range(20_000))
    turns = [{"role": "user", "content": "What is the first function called?"}]
    async with connected("--endpoint", model_server) as client:
        client.open(URI, text)
        result = await say(client, turns, context=[{"uri": URI}], maxTokens=8)

    assert result["omitted"]["files"] == [URI]
    assert result["usage"]["promptTokens"] > 500


async def test_the_terminal_answers_about_a_file(model_server: str, tmp_path: Path) -> None:
    settings = settings_for(model_server)["modelConfiguration"]
    # The small model would go on for long.
    knobs = {"openaicompatible": {"chatMaxTokens": 24, "chatTemperature": 0}}
    settings["modelOverrides"][0]["clientSideConfig"] = knobs
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "shop.py").write_text(CODE)
    arguments = ("--file", f"{tmp_path}/shop.py:1-2", "--config", f"{tmp_path}/config.json")
    ended = await foretype("chat", "Which function is defined here?", *arguments)

    assert (ended.status, ended.err) == (0, "")
    assert "total_price" in ended.out
    assert ended.out.endswith("\n")
