"""Real servers: what they are taken for, which way gaps are filled there, what doctor says."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.rendered import Endpoint
from lsp_server.demo.model import find_weights
from providers.addresses import endpoint_address
from providers.errors import RefusedError
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling, Usage
from providers.probing import fills_gaps, identify
from providers.server_kinds import VLLM
from tests.lsp_client import connected
from tests.provider_models import collect, model_named, pool_of, provider_at, text_of
from tests.real_servers import (
    LITELLM_KEY,
    TRANSFORMERS_MODEL,
    litellm,
    llama_cpp,
    program_of,
    transformers,
)
from tests.test_lsp_server_cli import foretype

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

GAP = InfillRequest("def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n", Sampling(12), 30.0)
CHAT = ChatRequest(
    (ChatMessage("user", "What is the capital of France? Answer in one word."),),
    Sampling(12, temperature=0.0),
    60.0,
)


@pytest.fixture(scope="module")
def infill_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of llama.cpp serving a model that has fill-in-the-middle tokens."""
    folder = tmp_path_factory.mktemp("tiny")
    weights = folder / "tiny-fim.gguf"
    subprocess.run([sys.executable, "-m", "tests.tiny_gguf", str(weights)], check=True)
    with llama_cpp(weights, folder / "llama.log") as url:
        yield url


@pytest.fixture(scope="module")
def transformers_server() -> Iterator[str]:
    """The base URL of `transformers serve` with the small real model."""
    if not program_of("transformers").exists():
        pytest.skip("transformers is not installed: make .venv/.transformers")
    # Not pytest's own folder, which is kept: the weights take 270 MB here.
    with (
        tempfile.TemporaryDirectory() as folder,
        transformers(find_weights(), Path(folder)) as url,
    ):
        yield url


# What Gemma 2's template raises, around the form that this model knows.
STRICT_TEMPLATE = """\
{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}
{%- endif %}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
{%- endif %}
{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""


@pytest.fixture(scope="module")
def strict_server() -> Iterator[str]:
    """The base URL of `transformers serve` with a chat template that takes no system role."""
    if not program_of("transformers").exists():
        pytest.skip("transformers is not installed: make .venv/.transformers")
    with (
        tempfile.TemporaryDirectory() as folder,
        transformers(find_weights(), Path(folder), STRICT_TEMPLATE) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def proxy(
    model_server: str,
    infill_server: str,
    transformers_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The base URL of LiteLLM's proxy in front of all of them."""
    if not program_of("litellm").exists():
        pytest.skip("LiteLLM is not installed: make .venv/.litellm")
    models = {
        "smollm2": ("openai/SmolLM2-135M-Instruct", model_server),
        "tiny": ("text-completion-openai/tiny-fim", infill_server),
        "dense": (f"text-completion-openai/{TRANSFORMERS_MODEL}", transformers_server),
    }
    with litellm(models, tmp_path_factory.mktemp("litellm")) as url:
        yield url


async def test_a_real_infill_route_is_found_and_used(infill_server: str) -> None:
    async with pool_of(provider_at(infill_server)) as pool:
        client = pool.client_for(model_named("tiny-fim"))
        await collect(client.infill(GAP))  # the answer says what the server is
        (connection,) = pool.open_connections()
        assert connection.server.kind.name == "llama.cpp"
        assert await fills_gaps(connection, client.model, "infill", 20.0)
        assert not await fills_gaps(connection, client.model, "suffix", 20.0)
        events = await collect(client.infill(GAP))
    # Prefix, suffix and three tokens: every byte is a token of this model.
    (usage,) = [event for event in events if isinstance(event, Usage)]
    assert usage.prompt_tokens > len(GAP.prefix) + len(GAP.suffix)


async def test_a_model_without_fim_tokens_is_still_asked(model_server: str) -> None:
    async with pool_of(provider_at(model_server)) as pool:
        client = pool.client_for(model_named("SmolLM2-135M-Instruct"))
        for _ in range(2):
            assert await text_of(client.infill(GAP))
        (connection,) = pool.open_connections()
        assert not await fills_gaps(connection, client.model, "infill", 20.0)


async def test_litellm_is_told_from_what_it_hides(proxy: str) -> None:
    endpoint = Endpoint(url=proxy, access_token=SecretStr(LITELLM_KEY))
    assert (await identify(endpoint_address("p", endpoint))).name == "LiteLLM"


@pytest.mark.parametrize("name", ["smollm2", "tiny", "dense"])
async def test_completions_go_through_litellm_to_each_server(proxy: str, name: str) -> None:
    async with pool_of(provider_at(proxy, token=LITELLM_KEY)) as pool:
        assert await text_of(pool.client_for(model_named(name)).infill(GAP))
        (connection,) = pool.open_connections()
        assert connection.server.kind.name == "LiteLLM"


async def test_transformers_is_told_by_an_operation_of_its_own(transformers_server: str) -> None:
    address = endpoint_address("p", Endpoint(url=transformers_server))
    assert (await identify(address)).name == "transformers serve"


async def test_transformers_only_repeats_the_suffix(transformers_server: str) -> None:
    async with pool_of(provider_at(transformers_server)) as pool:
        client = pool.client_for(model_named(TRANSFORMERS_MODEL))
        (connection,) = pool.open_connections()
        assert not await fills_gaps(connection, client.model, "suffix", 30.0)
        assert not await fills_gaps(connection, client.model, "infill", 30.0)


async def test_transformers_answers_although_it_refuses_top_k(transformers_server: str) -> None:
    wanted = replace(CHAT, sampling=Sampling(12, temperature=0.0, top_k=5))
    async with pool_of(provider_at(transformers_server)) as pool:
        client = pool.client_for(model_named(TRANSFORMERS_MODEL))
        (connection,) = pool.open_connections()
        # Somebody's own server, taken for one that knows the field.
        connection.server.note_kind(VLLM)
        assert "Paris" in await text_of(client.chat(wanted))


async def test_the_editor_is_served_by_transformers(transformers_server: str) -> None:
    uri, code = "file:///work/fib.py", "def fibonacci(n):\n    if n < 2:\n        return n\n    "
    question = [{"role": "user", "content": CHAT.messages[0].content}]
    argument = {"messages": question, "maxTokens": 30, "temperature": 0, "token": "t"}
    async with connected("--endpoint", transformers_server) as client:
        client.open(uri, code + "\n")
        shown = await asyncio.wait_for(client.ask(uri, 3, 4), 60)
        said = await asyncio.wait_for(client.command("foretype.chat", argument), 60)
    assert "fibonacci(n" in shown.items[0].insert_text
    deltas = [value["content"] for value in client.streamed["t"]]
    assert len(deltas) > 3
    assert "".join(deltas) == said["content"]
    assert "Paris" in said["content"]
    assert said["usage"]["completionTokens"] > 3


async def test_a_real_template_that_refuses_the_system_role_is_learned(strict_server: str) -> None:
    asked = replace(CHAT, messages=(ChatMessage("system", "Be brief."), *CHAT.messages))
    stated = model_named(TRANSFORMERS_MODEL).model_copy(update={"system_role": True})
    async with pool_of(provider_at(strict_server, legacy_completions=False)) as pool:
        # It does not say why: "Internal Server Error".
        with pytest.raises(RefusedError):
            await text_of(pool.client_for(stated).chat(asked))
        client = pool.client_for(model_named(TRANSFORMERS_MODEL))
        for _ in range(2):
            assert "Paris" in await text_of(client.chat(asked))
        assert await text_of(client.infill(GAP))


# One at a time: they would wait for each other's cores.
@pytest.mark.parametrize(
    ("fixture", "model", "kind", "way"),
    [
        ("model_server", "SmolLM2-135M-Instruct", "llama.cpp", "tokens"),
        ("infill_server", "tiny-fim", "llama.cpp", "infill"),
        ("transformers_server", TRANSFORMERS_MODEL, "transformers serve", "tokens"),
        ("proxy", "smollm2", "LiteLLM", "tokens"),
        ("proxy", "dense", "LiteLLM", "tokens"),
    ],
)
async def test_doctor_identifies_each(
    request: pytest.FixtureRequest, tmp_path: Path, fixture: str, model: str, kind: str, way: str
) -> None:
    url = request.getfixturevalue(fixture)
    file = tmp_path / "config.json"
    file.write_text(json.dumps(_document({"one": (url, model)})))
    ended = await foretype("doctor", "--config", str(file), "--format", "json", timeout_s=90)
    assert LITELLM_KEY not in ended.out + ended.err
    assert ended.status == 0, ended.out
    (report,) = json.loads(ended.out)["endpoints"]
    (answer,) = report["answers"]
    assert (report["server"], answer["fimRoute"]) == (kind, way)
    assert answer["listed"]
    # Random weights may end after a word, from which nothing can be told.
    assert answer["streaming"] or (model == "tiny-fim" and answer["streaming"] is None)


def _document(served: dict[str, tuple[str, str]]) -> dict[str, Any]:
    providers, models = [], []
    for name, (url, model) in served.items():
        side = {
            "type": "openaicompatible",
            "endpoints": [{"url": url, "accessToken": LITELLM_KEY}],
        }
        providers.append({"id": name, "displayName": name, "serverSideConfig": side})
        models.append(
            {
                "modelRef": f"{name}::v1::m",
                "displayName": name,
                "modelName": model,
                "capabilities": ["autocomplete"],
                "category": "speed",
                "status": "stable",
                "contextWindow": {"maxInputTokens": 1000, "maxOutputTokens": 100},
            }
        )
    return {"modelConfiguration": {"providerOverrides": providers, "modelOverrides": models}}
