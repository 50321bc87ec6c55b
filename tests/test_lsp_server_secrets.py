"""Secrets planted wherever one may stand turn up nowhere, however the servers quote them."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from pygls.exceptions import JsonRpcException

from lsp_server.large_documents import LARGE_CHARACTERS
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, hangs
from tests.lsp_client import SERVE, Client, connected
from tests.test_lsp_server_cli import foretype
from tests.test_lsp_server_requests import URI

LITERAL = 'tk9+literal/"QUOTED"=planted'
FROM_ENV = "zx7FromTheEnv1ronm3ntPlanted"
FROM_FILE = "qv3FromTheSecretFilePlanted"
HEADER = "jh5HeaderValuePlantedHere"
PASSWORD = "wb2BasicPasswordPlantedToo"
QUERY = "ky8QueryKeyPlantedAsWell"
USER_INFO = "gm4UserInfoPlantedInUrls"
GATEWAY = "dn6GatewayTokenPlantedIn"
PLANTED = (LITERAL, FROM_ENV, FROM_FILE, HEADER, PASSWORD, QUERY, USER_INFO, GATEWAY)

BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
TOLD = "quoted:"


def forms_of(secret: str) -> set[str]:
    """The ways in which a server may spell what it was sent."""
    coded = (base64.b64encode(b"=" * at + secret.encode()).decode()[4:-4] for at in range(3))
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), *coded}


def pieces_of(secret: str) -> set[str]:
    return {form[at : at + 8] for form in forms_of(secret) for at in range(len(form) - 7)}


PIECES = {piece for secret in (*PLANTED, BASIC) for piece in pieces_of(secret)}


def assert_hidden(*said: str) -> None:
    for text in said:
        found = sorted(piece for piece in PIECES if piece in text)
        assert not found, [text[max(0, text.find(one) - 90) :][:200] for one in found[:3]]


# --- what servers say ---


def quoted(request: Request) -> str:
    """Quote the request as debugging proxies do, in several spellings, and pieces of it."""
    sent = [request.path, *request.headers.values()]
    sent = [text for text in sent if pieces_of(text) & PIECES]
    spelled = [form for text in sent for form in sorted(forms_of(text))]
    pieces = [text[at : at + 14] for text in sent for at in (3, len(text) // 2)]
    return f"{TOLD} " + " | ".join(pieces + spelled)


def as_body(status: int) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.json({"error": {"message": quoted(request)}, "got": request.headers}, status)

    return handler


def as_text(status: int, kind: str) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.start(status, kind)
        await reply.send(f"<p>{quoted(request)}".encode())

    return handler


async def in_stream(request: Request, reply: Reply) -> None:
    await reply.event({"choices": [{"text": "a", "delta": {"content": "a"}}]})
    await reply.event({"error": {"message": quoted(request)}})


async def as_field(request: Request, reply: Reply) -> None:
    await reply.send(f"error: {json.dumps({'message': quoted(request)})}\n\n".encode())


async def as_event(request: Request, reply: Reply) -> None:
    await reply.send(f"event: error\ndata: {quoted(request)}\n\n".encode())


async def cut_in_json(request: Request, reply: Reply) -> None:
    await reply.send(f'data: {{"choices": "{quoted(request)}'.encode())
    await reply.cut()


async def as_redirect(request: Request, reply: Reply) -> None:
    where = f"http://elsewhere.invalid/{quote(quoted(request), safe='')}?{request.path}"
    await reply.start(307, "", {"Location": where, "X-Echo": quoted(request)})


async def as_broken_header(request: Request, reply: Reply) -> None:
    await reply.start(200, "", {f"No header {quoted(request)}": quoted(request)})


async def as_models(request: Request, reply: Reply) -> None:
    if request.method == "GET":
        await reply.json({"data": [{"id": part} for part in quoted(request).split(" | ")]})
    else:
        await as_body(404)(request, reply)


async def as_nested(request: Request, reply: Reply) -> None:
    text = '{"error": ' + "[" * 9000 + json.dumps(quoted(request)) + "]" * 9000 + "}"
    await reply.send(f"data: {text}\n\n".encode())


FORMS: dict[str, Handler] = {
    "status-401": as_body(401),
    "status-400": as_body(400),
    "body-of-200": as_body(200),
    "text": as_text(502, "text/plain"),
    "page": as_text(503, "text/html"),
    "page-of-200": as_text(200, "text/html"),
    "in-stream": in_stream,
    "error-field": as_field,
    "error-event": as_event,
    "cut": cut_in_json,
    "redirect": as_redirect,
    "broken-header": as_broken_header,
    "models": as_models,
    "nested": as_nested,
    "silent": hangs(),
}


# --- who is asked ---


def endpoints_at(url: str) -> dict[str, dict[str, Any]]:
    return {
        "literal": {"url": f"{url}?api_key={QUERY}", "accessToken": LITERAL},
        "env": {"url": url, "accessToken": "${env:PLANTED_TOKEN}"},
        "file": {"url": url, "accessToken": "${file:planted.txt}"},
        "headers": {"url": url, "headers": {"X-Key": f"Key {HEADER}", "Authorization": BASIC}},
    }


KNOBS = {"autocompleteMultilineTimeout": 300, "autocompleteSinglelineTimeout": 300}


def write(folder: Path, root: str, *, forms: Iterable[str] = FORMS, padding: int = 0) -> Path:
    """A provider for each secret and each form of answer, which the path of its URL names."""
    providers, models = [], []
    for form in forms:
        for kind, endpoint in endpoints_at(f"{root}/{form}/v1").items():
            name = f"{kind}-{form}"
            side = {"type": "openaicompatible", "endpoints": [endpoint], "enableVerboseLogs": True}
            providers.append({"id": name, "displayName": name, "serverSideConfig": side})
            models.append(
                {
                    "modelRef": f"{name}::v1::coder",
                    "displayName": name,
                    "modelName": "starcoder2-7b",
                    "capabilities": ["chat", "autocomplete"],
                    "category": "balanced",
                    "status": "stable",
                    "contextWindow": {"maxInputTokens": 4000, "maxOutputTokens": 1000},
                    "clientSideConfig": {"openAICompatible": KNOBS},
                }
            )
    ref = models[0]["modelRef"]
    document = {
        "sourcegraph": None,
        "providerOverrides": providers,
        "modelOverrides": models,
        "defaultModels": {"chat": ref, "fastChat": ref, "codeCompletion": ref},
    }
    (folder / "planted.txt").write_text(FROM_FILE)
    file = folder / "config.jsonc"
    file.write_text(json.dumps({"modelConfiguration": document}) + " " * padding)
    return file


async def every_form(request: Request, reply: Reply) -> None:
    """Answer in the form that the path names."""
    await FORMS[request.path.split("/")[1]](request, reply)


@asynccontextmanager
async def watched(
    folder: Path, *arguments: str
) -> AsyncGenerator[tuple[Client, Callable[[], list[str]]], None]:
    """A server of which everything is kept that it writes: protocol, standard error, log file."""
    kept = folder / "kept"
    tee = ["sh", "-c", '"$@" 2>"$0.err" | tee "$0.out"', str(kept)]
    log = f"{kept}.log"

    def said() -> list[str]:
        return [(folder / f"kept.{kind}").read_text() for kind in ("out", "err", "log")]

    async with connected(
        *arguments,
        *("--log-file", log, "--log-level", "debug"),
        command=[*tee, *SERVE],
    ) as client:
        yield client, said


async def asked(client: Client, file: Path) -> list[str]:
    """Ask every provider of the configuration; give the errors."""
    document = json.loads(file.read_text())["modelConfiguration"]
    errors = []
    for name in [provider["id"] for provider in document["providerOverrides"]]:
        own = LITERAL if name.startswith("literal") else ""
        message = {"role": "user", "content": f"Is {own} a good token?"}
        request = {"messages": [message], "model": f"{name}::v1::coder", "token": name}
        try:
            if not name.endswith("silent"):
                await asyncio.wait_for(client.command("foretype.chat", request), 30)
        except JsonRpcException as error:
            errors.append(f"{error} {error.data}")
    client.open(URI, f"token = '{HEADER}'\nx = ")
    for feature in ("codeCompletion", "chat"):
        chosen = {"feature": feature, "modelRef": f"{name}::v1::coder"}
        await asyncio.wait_for(client.command("foretype.selectModel", chosen), 30)
        await asyncio.wait_for(client.ask(URI, 1, 4), 30)
    for command in ("foretype.status", "foretype.models", "foretype.reload", "foretype.status"):
        await asyncio.wait_for(client.command(command), 30)
    return errors


@pytest.fixture(autouse=True)
def planted_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_TOKEN", FROM_ENV)


async def test_no_secret_is_in_what_the_server_writes(tmp_path: Path) -> None:
    async with FakeModelServer(every_form) as model:
        file = write(tmp_path, model.root)
        async with watched(tmp_path, "--config", str(file)) as (client, said):
            errors = await asked(client, file)
        sent = {secret for one in model.requests for secret in PLANTED if secret in str(one)}
    out, err, log = said()
    assert "body:" in log, "the logs are verbose"
    assert {LITERAL, FROM_ENV, FROM_FILE, HEADER, QUERY} <= sent
    assert len([error for error in errors if TOLD in error]) > len(errors) // 2
    assert_hidden(*errors, out, err, log)


async def test_no_secret_is_in_what_the_commands_print(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = \n")
    async with FakeModelServer(every_form) as model:
        forms = ["status-400", "in-stream", "error-event", "redirect", "models", "broken-header"]
        config = ("--config", str(write(tmp_path, model.root, forms=forms)))
        ended = await asyncio.gather(
            foretype("doctor", *config),
            foretype("doctor", *config, "--format", "json"),
            foretype("complete", f"{tmp_path / 'a.py'}:1:5", *config),
            foretype("chat", "hello", *config),
        )
        assert model.requests
    assert all("Traceback" not in one.err for one in ended)
    assert TOLD in ended[0].out
    assert TOLD in ended[1].out
    assert_hidden(*(one.out + one.err for one in ended))


async def test_no_secret_is_in_what_is_said_of_the_configuration(tmp_path: Path) -> None:
    file = write(tmp_path, "http://127.0.0.1:9", forms=["text"])
    broken = tmp_path / "broken.jsonc"
    broken.write_text(file.read_text().replace('"type"', '"typo"').replace('"url"', '"uri"'))
    cut = tmp_path / "cut.jsonc"
    cut.write_text(file.read_text().partition("planted.txt")[0])
    named = tmp_path / "named.jsonc"
    named.write_text(file.read_text().replace("://", f"://me:{USER_INFO}@"))
    for path in (file, broken, cut, named):
        ended = await asyncio.gather(
            foretype("check", str(path), "--format", "json"),
            foretype("models", "--config", str(path)),
        )
        assert_hidden(*(one.out + one.err for one in ended))


def key_pieces(pem: str) -> set[str]:
    return {line[at : at + 8] for line in pem.splitlines()[1:-1] for at in range(len(line) - 7)}


@pytest.mark.parametrize("key", ["whole", "cut", "junk"])
async def test_no_secret_is_said_when_tls_fails(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    pem = issued.private_key_pem.bytes().decode()
    given = {"whole": pem, "cut": pem[: len(pem) // 2], "junk": f"{PASSWORD}\n"}[key]
    (tmp_path / "key.pem").write_text(given)
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    monkeypatch.setenv("FORETYPE_CLIENT_CERT", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("FORETYPE_CLIENT_KEY", str(tmp_path / "key.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(tls)
    async with FakeModelServer(as_body(400), tls=tls) as model:
        file = write(tmp_path, model.root, forms=["status-400"])
        printed = await foretype("doctor", "--config", str(file))
        async with watched(tmp_path, "--config", str(file)) as (client, said):
            errors = await asked(client, file)
        assert not model.requests
    everything = [*errors, *said(), printed.out, printed.err]
    assert errors
    assert_hidden(*everything)
    assert not [piece for piece in key_pieces(pem) if piece in "".join(everything)]


@pytest.mark.parametrize(
    ("form", "source"),
    [("status-401", "document"), ("page-of-200", "environment"), ("redirect", "document")],
)
async def test_the_gateways_token_is_said_nowhere(
    form: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeModelServer(FORMS[form]) as gateway:
        site: dict[str, Any] = {"endpoint": f"{gateway.root}/model?key={QUERY}"}
        if source == "document":
            site["accessToken"] = GATEWAY
        else:
            monkeypatch.setenv("FORETYPE_GATEWAY_TOKEN", GATEWAY)
        file = tmp_path / "config.jsonc"
        file.write_text(json.dumps({"sourcegraph": site, "providerOverrides": []}))
        config = ("--config", str(file))
        ended = [await foretype(command, *config) for command in ("models", "doctor")]
        async with watched(tmp_path, *config) as (client, said):
            for name in ("foretype.reload", "foretype.status"):
                with suppress(JsonRpcException):
                    await asyncio.wait_for(client.command(name), 30)
        assert GATEWAY in str(gateway.requests)
    assert_hidden(*(one.out + one.err for one in ended), *said())


def arguments_of_processes() -> set[str]:
    found = set()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc")
async def test_no_secret_is_among_the_arguments_of_a_process(tmp_path: Path) -> None:
    seen: set[str] = set()

    async def watch() -> None:
        while True:
            seen.update(arguments_of_processes())
            await asyncio.sleep(0.02)

    async with FakeModelServer(every_form) as model:
        file = write(tmp_path, model.root, forms=["text"], padding=LARGE_CHARACTERS)
        watching = asyncio.create_task(watch())
        async with watched(tmp_path, "--config", str(file)) as (client, said):
            errors = await asked(client, file)
        watching.cancel()
    assert any("lsp_server.large_documents" in one for one in seen)
    own = [one for one in seen if "lsp_server" in one and "pytest" not in one]
    assert_hidden(*own, *errors, *said())
