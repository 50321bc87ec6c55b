"""`foretype doctor` against servers of several kinds: what it says, how it ends, what it hides."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from config.loading import open_document
from providers.diagnosis import diagnose
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
    assert (filling["fimFamily"], chat["fimFamily"]) == ("qwen-coder", None)
    assert filling["listed"]
    assert filling["streaming"]
    assert filling["firstTokenMs"] > 0
    assert filling["tokensPerSecond"] > 0


async def test_the_table_is_for_people(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b"))) as server:
        ended = await foretype("doctor", "--config", write(tmp_path, server.url))
    assert ended.status == 0
    assert "vLLM" in ended.out
    assert "gaps: in the prompt (family qwen-coder)" in ended.out
    assert TOKEN not in ended.out


async def test_every_endpoint_is_asked_and_one_that_is_away_is_told(tmp_path: Path) -> None:
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b"))) as server:
        file = write(tmp_path, server.url, "http://127.0.0.1:9/v1")
        report = await doctor(file, 1)
    there, away = report["endpoints"]
    assert there["ok"]
    assert not away["ok"]
    assert (there["state"], away["state"]) == ("ok", "unreachable")
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


async def test_a_model_that_refuses_a_system_role_is_advised_so(tmp_path: Path) -> None:
    async def gemma(request: Request, reply: Reply) -> None:
        is_refused = request.body["messages"][0]["role"] == "system"
        refusal = fails(400, {"object": "error", "message": "System role not supported"})
        await (refusal if is_refused else chats("one two three"))(request, reply)

    table = {**vllm("qwen2.5-coder-7b"), "/v1/chat/completions": gemma}
    async with FakeModelServer(routes(table)) as server:
        report = await doctor(write(tmp_path, server.url), 0)
        side: dict[str, Any] = {"type": "openaicompatible", "systemRole": False}
        told = await foretype("doctor", "--config", write(tmp_path, server.url))
        stated: dict[str, Any] = {"serverSideConfig": side}
        silent = await doctor(write(tmp_path, server.url, **stated), 0)
    (endpoint,) = report["endpoints"]
    assert [one["systemRole"] for one in endpoint["answers"]] == [True, False]
    (line,) = endpoint["advice"]
    assert '"systemRole": false' in line
    assert silent["endpoints"][0]["answers"][1]["systemRole"] is False
    assert silent["endpoints"][0]["advice"] == []
    assert "no system role" in told.out


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


# --- what is away ---


@pytest.mark.parametrize("form", ["json", "text"])
async def test_a_bare_endpoint_that_is_away_has_its_row(form: str) -> None:
    url = "http://127.0.0.1:9/v1"
    ended = await foretype("doctor", "--endpoint", url, "--format", form)
    assert (ended.status, ended.err) == (1, "")
    if form == "text":
        assert "unreachable" in ended.out
        assert "--endpoint URL must be where" in ended.out
        return
    report = json.loads(ended.out)
    assert report["ok"] is False
    (endpoint,) = report["endpoints"]
    assert (endpoint["url"], endpoint["state"]) == (url, "unreachable")
    assert "Connection refused" in endpoint["trouble"]
    assert endpoint["advice"]


async def test_a_bare_endpoint_that_refuses_has_its_row() -> None:
    async with FakeModelServer(fails(401, {"error": {"message": "no key"}})) as server:
        ended = await foretype("doctor", "--endpoint", server.url, "--format", "json")
    (endpoint,) = json.loads(ended.out)["endpoints"]
    assert (ended.status, endpoint["state"]) == (1, "failing")
    assert any("accessToken" in line for line in endpoint["advice"])


@pytest.mark.parametrize("url", ["nonsense", "https://[::1/v1", "https://h:99999/v1", "ftp://h/"])
async def test_an_address_that_is_none_is_told_without_a_traceback(url: str) -> None:
    ended = await foretype("doctor", "--endpoint", url)
    assert ended.status == 1
    assert "Traceback" not in ended.err + ended.out


async def test_a_gateway_that_is_away_has_a_row_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("FORETYPE_GATEWAY_TOKEN", TOKEN)
    url = "http://127.0.0.1:9"
    ended = await foretype("doctor", "--gateway", url, "--format", "json")
    report = json.loads(ended.out)
    assert (ended.status, report["ok"], report["endpoints"]) == (1, False, [])
    assert (report["gateway"]["url"], report["gateway"]["state"]) == (url, "unreachable")
    assert "gateway" in report["gateway"]["trouble"]
    assert report["gateway"]["advice"]
    table = await foretype("doctor", "--gateway", url)
    assert "unreachable" in table.out
    assert TOKEN not in ended.out + table.out


# --- what takes too long ---


async def test_what_was_found_before_the_time_was_over_is_kept(tmp_path: Path) -> None:
    table = {**vllm("qwen2.5-coder-7b"), "/v1/chat/completions": hangs()}
    async with FakeModelServer(routes(table)) as server:
        text = Path(write(tmp_path, server.url)).read_text()
        opened = open_document(text, environ={}, read_file=str)
        configuration, _ = opened.build(None)
        assert configuration is not None
        (report,) = await diagnose(configuration, timeout_s=3)
    assert (report.state, report.is_complete) == ("incomplete", False)
    assert (report.server, report.models) == ("vLLM", ("qwen2.5-coder-7b",))
    filling, chat = report.answers
    assert (filling.fim_route, filling.measured.is_streaming) == ("tokens", True)
    assert "time was over" in chat.measured.trouble
    assert "3 seconds" in report.trouble


# --- certificates ---


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_the_certificate_of_an_endpoint_is_shown(
    is_trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA(organization_name="Our own authority")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    if is_trusted:
        monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    async with FakeModelServer(routes(vllm("qwen2.5-coder-7b")), tls=tls) as server:
        file = write(tmp_path, server.url)
        report = await doctor(file, 0 if is_trusted else 1)
        table = await foretype("doctor", "--config", file)
    (endpoint,) = report["endpoints"]
    certificate = endpoint["certificate"]
    assert "Our own authority" in certificate["issuer"]
    assert certificate["names"] == ["127.0.0.1"]
    assert certificate["daysLeft"] > 0
    assert certificate["validUntil"]
    assert endpoint["state"] == ("ok" if is_trusted else "unreachable")
    if is_trusted:
        assert certificate["trustedBy"] == f"{ca_file} (FORETYPE_CA_FILE)"
        assert "trusted through" in table.out
    else:
        assert "issuer certificate" in certificate["refused"]
        assert "REFUSED" in table.out
        assert any("FORETYPE_CA_FILE" in line for line in endpoint["advice"])


async def test_the_family_that_the_configuration_states_is_used_and_told(tmp_path: Path) -> None:
    stated = {"type": "openaicompatible", "fimFamily": "seed-coder"}
    async with FakeModelServer(routes(vllm("our-own"))) as server:
        report = await doctor(
            write(tmp_path, server.url, name="our-own", serverSideConfig=stated), 0
        )
        bodies = [one.body for one in server.requests if one.path == "/v1/completions"]
    assert report["endpoints"][0]["answers"][0]["fimFamily"] == "seed-coder"
    assert any(body["prompt"].startswith("<[fim-suffix]>") for body in bodies)
