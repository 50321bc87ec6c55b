"""`foretype doctor` against servers of several kinds: what it says, how it ends, what it hides."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    chats,
    completes,
    fails,
    hangs,
    routes,
)
from tests.test_lsp_server_cli import foretype

TOKEN = "s3cr3t-t0k3n-of-doctor"
HIDDEN = "hidden-api-model-name"


def lists(*names: str, owner: str = "vllm") -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.json({"data": [{"id": name, "owned_by": owner} for name in names]})

    return handler


def vllm(*names: str) -> dict[str, Handler]:
    return {
        "/v1/models": lists(*names),
        "/v1/completions": completes("return a + b", delay_s=0.01),
        "/v1/chat/completions": chats("one two three", delay_s=0.01),
    }


def write(folder: Path, *urls: str, name: str = "qwen2.5-coder-7b", **more: Any) -> str:
    model = {
        "modelRef": "box::v1::coder",
        "displayName": "Coder",
        "modelName": name,
        "capabilities": ["chat", "autocomplete"],
        "category": "balanced",
        "status": "stable",
        "contextWindow": {"maxInputTokens": 4000, "maxOutputTokens": 1000},
        **more,
    }
    side = {
        "type": "openaicompatible",
        "endpoints": [{"url": url, "accessToken": TOKEN} for url in urls],
    }
    document = {
        "providerOverrides": [{"id": "box", "displayName": "Box", "serverSideConfig": side}],
        "modelOverrides": [model],
    }
    file = folder / "config.jsonc"
    file.write_text(json.dumps({"modelConfiguration": document}))
    return str(file)


async def doctor(file: str, status: int) -> dict[str, Any]:
    ended = await foretype("doctor", "--config", file, "--format", "json")
    assert ended.status == status, ended.err + ended.out
    assert TOKEN not in ended.out + ended.err
    assert HIDDEN not in ended.out + ended.err
    report: dict[str, Any] = json.loads(ended.out)
    assert report["ok"] is (status == 0)
    return report


async def test_a_server_that_works_is_described(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b"))) as server:
        report = await doctor(write(tmp_path, server.url), 0)
    (endpoint,) = report["endpoints"]
    assert endpoint["server"] == "vLLM"
    assert endpoint["models"] == ["qwen2.5-coder-7b"]
    assert (endpoint["tls"], endpoint["proxy"]) == (False, None)
    assert endpoint["advice"] == []
    filling, chat = endpoint["answers"]
    assert (filling["feature"], chat["feature"]) == ("codeCompletion", "chat")
    assert (filling["fimRoute"], chat["fimRoute"]) == ("tokens", None)
    assert filling["listed"]
    assert filling["streaming"]
    assert filling["firstTokenMs"] > 0
    assert filling["tokensPerSecond"] > 0


async def test_the_table_is_for_people(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b"))) as server:
        ended = await foretype("doctor", "--config", write(tmp_path, server.url))
    assert ended.status == 0
    assert "vLLM" in ended.out
    assert "gaps: in the prompt" in ended.out
    assert TOKEN not in ended.out


async def test_every_endpoint_is_asked_and_one_that_is_away_is_told(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b"))) as server:
        file = write(tmp_path, server.url, "http://127.0.0.1:9/v1")
        report = await doctor(file, 1)
    there, away = report["endpoints"]
    assert there["ok"]
    assert not away["ok"]
    assert "cannot be reached" in away["trouble"]
    assert away["advice"]


async def test_a_wrong_model_name_is_answered_with_the_right_one(tmp_path: Path) -> None:
    error = {"object": "error", "message": "The model `x` does not exist.", "code": 404}
    table = {**vllm("Qwen/Qwen2.5-Coder-7B")}
    table |= {"/v1/completions": fails(404, error), "/v1/chat/completions": fails(404, error)}
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url), 1)
    (endpoint,) = report["endpoints"]
    assert endpoint["answers"][0]["listed"] is False
    assert endpoint["advice"] == ['box::v1::coder: "modelName": "Qwen/Qwen2.5-Coder-7B"']


async def test_a_refused_token_is_told(tmp_path: Path) -> None:
    refusal = fails(401, {"error": {"message": f"Invalid key {TOKEN}"}})
    async with FakeModelServer(refusal) as server:
        report = await doctor(write(tmp_path, server.url), 1)
    (endpoint,) = report["endpoints"]
    assert any("accessToken" in line for line in endpoint["advice"])


async def test_an_api_model_stays_hidden_in_what_the_server_lists(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm(HIDDEN))) as server:
        hidden: dict[str, Any] = {
            "serverSideConfig": {"type": "openaicompatible", "apiModel": HIDDEN}
        }
        report = await doctor(write(tmp_path, server.url, **hidden), 0)
    assert report["endpoints"][0]["answers"][0]["listed"] is True


async def test_llamacpp_is_asked_whether_infill_works(tmp_path: Path) -> None:
    async def infill(request: Request, reply: Reply) -> None:
        whole = {"content": "a + b", "stop": True, "stop_type": "eos"}
        await (reply.event(whole) if request.body["stream"] else reply.json(whole))

    table = {**vllm("qwen2.5-coder-7b"), "/infill": infill}
    table["/v1/models"] = lists("qwen2.5-coder-7b", owner="llamacpp")
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url), 0)
    assert report["endpoints"][0]["server"] == "llama.cpp"
    assert report["endpoints"][0]["answers"][0]["fimRoute"] == "infill"


async def test_a_server_that_only_chats_is_advised_so(tmp_path: Path) -> None:
    table = {"/v1/chat/completions": chats("return a"), "/v1/models": lists("m", owner="x")}
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url, name="m"), 0)
    (endpoint,) = report["endpoints"]
    assert endpoint["answers"][0]["fimRoute"] == "chat"
    assert any('"fimRoute": "chat"' in line for line in endpoint["advice"])


async def test_a_server_that_sends_all_at_once_is_told(tmp_path: Path) -> None:
    async def whole(request: Request, reply: Reply) -> None:
        choice = {"index": 0, "text": "x = 1", "message": {"content": "x"}, "finish_reason": "stop"}
        await reply.json({"choices": [choice], "usage": {"completion_tokens": 9}})

    table = {"/v1/models": lists("m"), "/v1/completions": whole, "/v1/chat/completions": whole}
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url, name="qwen-coder"), 0)
    assert report["endpoints"][0]["answers"][0]["streaming"] is False


async def test_the_proxy_of_the_environment_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{TOKEN}@127.0.0.1:9")
    report = await doctor(write(tmp_path, "http://models.invalid/v1"), 1)
    assert report["endpoints"][0]["proxy"] == "http://127.0.0.1:9"


async def test_without_a_configuration_it_says_what_to_do() -> None:
    ended = await foretype("doctor")
    assert ended.status == 1
    assert 1 <= ended.err.count("\n") <= 2


async def test_a_server_that_never_answers_does_not_hold_the_others_up(tmp_path: Path) -> None:
    table = {**vllm("m"), "/props": hangs(), "/info": hangs()}
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url, name="m"), 0)
    assert report["endpoints"][0]["server"] == "vLLM"
