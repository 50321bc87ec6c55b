"""Real servers: what they are taken for, which way gaps are filled there, what doctor says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.rendered import Endpoint
from providers.addresses import endpoint_address
from providers.messages import InfillRequest, Sampling, Usage
from providers.probing import fills_gaps, identify
from tests.provider_models import collect, model_named, pool_of, provider_at, text_of
from tests.real_servers import LITELLM_KEY, litellm, litellm_program, llama_cpp
from tests.test_lsp_server_cli import foretype

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

GAP = InfillRequest("def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n", Sampling(12), 30.0)


@pytest.fixture(scope="module")
def infill_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of llama.cpp serving a model that has fill-in-the-middle tokens."""
    folder = tmp_path_factory.mktemp("tiny")
    weights = folder / "tiny-fim.gguf"
    subprocess.run([sys.executable, "-m", "tests.tiny_gguf", str(weights)], check=True)
    with llama_cpp(weights, folder / "llama.log") as url:
        yield url


@pytest.fixture(scope="module")
def proxy(
    model_server: str, infill_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The base URL of LiteLLM's proxy in front of both."""
    if not litellm_program().exists():
        pytest.skip("LiteLLM is not installed: make .venv/.litellm")
    models = {
        "smollm2": ("openai/SmolLM2-135M-Instruct", model_server),
        "tiny": ("text-completion-openai/tiny-fim", infill_server),
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


async def test_completions_go_through_litellm(proxy: str) -> None:
    async with pool_of(provider_at(proxy, token=LITELLM_KEY)) as pool:
        assert await text_of(pool.client_for(model_named("smollm2")).infill(GAP))
        (connection,) = pool.open_connections()
        assert connection.server.kind.name == "LiteLLM"


async def test_doctor_identifies_each(
    model_server: str, infill_server: str, proxy: str, tmp_path: Path
) -> None:
    served = {
        "small": (model_server, "SmolLM2-135M-Instruct"),
        "tiny": (infill_server, "tiny-fim"),
        "front": (proxy, "smollm2"),
    }
    file = tmp_path / "config.json"
    file.write_text(json.dumps(_document(served)))
    ended = await foretype("doctor", "--config", str(file), "--format", "json")
    report = {one["provider"]: one for one in json.loads(ended.out)["endpoints"]}
    assert LITELLM_KEY not in ended.out + ended.err
    assert ended.status == 0, ended.out
    assert {name: one["server"] for name, one in report.items()} == {
        "small": "llama.cpp",
        "tiny": "llama.cpp",
        "front": "LiteLLM",
    }
    ways = {name: one["answers"][0]["fimRoute"] for name, one in report.items()}
    assert ways == {"small": "tokens", "tiny": "infill", "front": "tokens"}
    assert all(one["answers"][0]["listed"] for one in report.values())


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
