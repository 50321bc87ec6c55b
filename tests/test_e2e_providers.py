"""Completion, chat and the list of models against a real llama.cpp with a small real model."""

import asyncio
import time

import pytest

from config.rendered import Endpoint, Knobs
from providers.discovery import list_models
from providers.messages import (
    ChatMessage,
    ChatRequest,
    Finished,
    InfillRequest,
    Sampling,
    TextDelta,
    Usage,
)
from tests.provider_models import client_at, collect, model_named, pool_of, provider_at, text_of

pytestmark = pytest.mark.e2e

PREFIX = "def fibonacci(n):\n    if n < 2:\n        return n\n    return "


async def test_a_completion_continues_the_code(model_server: str) -> None:
    request = InfillRequest(PREFIX, "\n", Sampling(32, temperature=0.0, stop=("\n",)), 20.0)
    async with client_at(model_server) as client:
        events = await collect(client.infill(request))
    text = "".join(event.content for event in events if isinstance(event, TextDelta))
    assert "fibonacci(n" in text
    assert "\n" not in text
    assert events[-1] == Finished("stop")
    assert isinstance(events[-2], Usage)
    assert events[-2].prompt_tokens > 10


async def test_an_answer_can_be_limited(model_server: str) -> None:
    request = InfillRequest(PREFIX, "", Sampling(3, temperature=0.0), 20.0)
    async with client_at(model_server) as client:
        events = await collect(client.infill(request))
    assert events[-1] == Finished("length")


async def test_a_chat_answers(model_server: str) -> None:
    turn = ChatMessage("user", "What is the capital of France? Answer in one word.")
    request = ChatRequest((turn,), Sampling(32, temperature=0.0), 20.0)
    async with client_at(model_server) as client:
        assert "Paris" in await text_of(client.chat(request))


async def test_a_configured_stop_ends_the_answer(model_server: str) -> None:
    model = model_named(knobs=Knobs(stop_sequences=("fib",)))
    request = InfillRequest(PREFIX, "", Sampling(32, temperature=0.0), 20.0)
    async with client_at(model_server, model) as client:
        events = await collect(client.infill(request))
    assert events[-1] == Finished("stop")
    assert all("fib" not in event.content for event in events if isinstance(event, TextDelta))


async def test_the_model_is_listed_with_its_window(model_server: str) -> None:
    (model,) = await list_models(Endpoint(url=model_server))
    assert model.context_tokens is not None
    assert model.context_tokens >= 1024


async def test_a_prompt_that_is_too_long_is_named_so(model_server: str) -> None:
    request = InfillRequest("word " * 20_000, "", Sampling(8), 25.0)
    async with client_at(model_server) as client:
        with pytest.raises(Exception, match="too long") as caught:
            await collect(client.infill(request))
    assert getattr(caught.value, "kind", "") == "context_overflow"


async def test_cancelling_frees_the_model_at_once(model_server: str) -> None:
    long = ChatRequest((ChatMessage("user", "Count to 500."),), Sampling(2000), 60.0)
    short = InfillRequest(PREFIX, "", Sampling(1, temperature=0.0), 20.0)
    async with pool_of(provider_at(model_server)) as pool:
        client = pool.client_for(model_named())
        tasks = [asyncio.create_task(collect(client.chat(long))) for _ in range(2)]
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        started = time.monotonic()
        await collect(client.infill(short))
        assert time.monotonic() - started < 5
