"""The command line as a person uses it: real processes, what they print and how they end."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fake_model_server import FakeModelServer, Reply, Request, chats, completes, fails
from tests.fake_model_server import routes as routed
from tests.lsp_client import connected
from tests.test_lsp_server_requests import (
    CODE,
    TOKEN,
    URI,
    answered,
    settings_for,
)
from tests.warm_start import foretype_command

FORETYPE = [sys.executable, "-P", "-m", "lsp_server"]
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


async def foretype(
    *arguments: str, given: str = "", folder: Path | None = None, timeout_s: float = 20
) -> Ended:
    process = await asyncio.create_subprocess_exec(
        *foretype_command(),
        *arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode()), timeout_s)
    return Ended(process.returncode or 0, out.decode(), err.decode())


def is_told_briefly(ended: Ended) -> bool:
    return ended.status == 1 and 1 <= ended.err.count("\n") <= 2 and "Traceback" not in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be deleted there")
@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        ([*FORETYPE, "check", "mine.jsonc"], 2, "mine.jsonc cannot be read"),
        ([*FORETYPE, "models", "--config", "mine.jsonc"], 1, "mine.jsonc cannot be read"),
        ([*FORETYPE, "serve", "--config", "mine.jsonc"], 1, ""),
        ([sys.executable, "-c", "import lsp_server"], 0, ""),
    ],
    ids=["check", "models", "serve", "without-P"],
)
def test_the_working_directory_may_have_been_deleted(
    command: list[str], status: int, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    ended = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert ended.returncode == status
    assert "Traceback" not in ended.stderr
    assert told in ended.stderr


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    document = settings_for("https://models.example.com/v1", accessToken=TOKEN)
    file = tmp_path / "foretype.jsonc"
    file.write_text("// ours\n" + json.dumps(document, indent=2), encoding="utf-8")
    return file


async def test_check_says_what_a_good_file_resolves_to(config_file: Path) -> None:
    ended = await foretype("check", str(config_file))

    assert ended.status == 0
    assert "can be used: 1 model." in ended.out
    assert "codeCompletion: local::v1::starcoder2-7b" in ended.out
    assert TOKEN not in ended.out + ended.err


async def test_check_prints_the_contracts_json(config_file: Path) -> None:
    text = config_file.read_text().replace('"openaicompatible"', '"openaicompatibel"')
    config_file.write_text(text)
    ended = await foretype("check", str(config_file), "--format", "json")
    report: dict[str, Any] = json.loads(ended.out)
    (problem,) = [p for p in report["problems"] if p["code"] == "provider-type"]

    assert ended.status == 1
    assert set(report) == {"ok", "problems", "default_models", "models"}
    assert set(problem) == {"code", "severity", "pointer", "message", "line", "column"}
    assert report["ok"] is False
    pointer = "/modelConfiguration/providerOverrides/0/serverSideConfig/type"
    assert (problem["severity"], problem["pointer"]) == ("error", pointer)
    line = text.splitlines()[problem["line"] - 1]
    assert line[problem["column"] - 1 :].startswith('"openaicompatibel"')
    assert "openaicompatible" in problem["message"]


async def test_check_builds_on_a_base_and_is_strict_on_demand(tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    model = settings_for("")["modelConfiguration"]["modelOverrides"][0]
    rendered = {
        "schemaVersion": "1.0",
        "revision": "1",
        "providers": [{"id": "local", "displayName": "Local"}],
        "models": [{**model, "capabilities": ["autocomplete"]}],
        "defaultModels": {},
    }
    base.write_text(json.dumps(rendered))
    file = tmp_path / "site.jsonc"
    file.write_text('{"sourcegraph": {"endpoint": "https://gateway.example.com"}}')
    loose = await foretype("check", str(file), "--base", str(base))
    strict = await foretype("check", str(file), "--base", str(base), "--strict")

    assert loose.status == 0
    assert "chat: off" in loose.out
    assert strict.status == 1
    assert "no-default-chat" in strict.out


@pytest.mark.parametrize("what", ["missing", "folder", "binary"])
async def test_check_tells_what_cannot_be_read_from_what_is_wrong(
    what: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    if what == "folder":
        path.mkdir()
    elif what == "binary":
        path.write_bytes(b"\x00\x01")
    ended = await foretype("check", str(path))

    assert ended.status == 2
    assert str(path) in ended.err
    assert ended.err.count("\n") == 1


async def test_models_shows_the_configuration_without_any_secret(config_file: Path) -> None:
    as_json = await foretype("models", "--config", str(config_file), "--format", "json")
    as_text = await foretype("models", "--config", str(config_file))
    document = json.loads(as_json.out)

    assert document["models"][0]["modelRef"] == "local::v1::starcoder2-7b"
    assert "default for chat, fastChat, codeCompletion" in as_text.out
    for text in (as_json.out, as_text.out):
        assert TOKEN not in text
        assert "models.example.com" not in text


async def test_a_relative_config_is_found_from_where_the_command_is_typed(
    config_file: Path,
) -> None:
    ended = await foretype("models", "--config", config_file.name, folder=config_file.parent)

    assert ended.status == 0


@pytest.mark.parametrize("command", ["models", "chat", "complete"])
async def test_without_a_configuration_the_command_says_what_to_do(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = \n")
    extra = {"models": [], "chat": ["hello"], "complete": [f"{tmp_path}/a.py:1:5"]}[command]
    ended = await foretype(command, *extra)

    assert is_told_briefly(ended)
    assert "--endpoint" in ended.err


async def models_handler(request: Request, reply: Reply) -> None:
    await reply.json({"object": "list", "data": [{"id": "starcoder2-7b"}]})


async def test_complete_prints_what_the_editor_would_get(tmp_path: Path) -> None:
    file = tmp_path / "sum of.py"
    file.write_text(f"{CODE}\n\nprint(1)\n")
    handler = routed(
        {"/v1/models": models_handler, "/v1/completions": completes("return a + b\n\n\nprint(1)")}
    )
    async with FakeModelServer(handler) as model:
        ended = await foretype("complete", f"{file}:2:5", "--endpoint", model.url)
        async with connected(settings=settings_for(model.url)) as client:
            client.open(URI, file.read_text())
            answer = await answered(client.ask(URI, 1, 4))

    assert ended.out == "return a + b\n"
    assert answer.items[0].insert_text == "return a + b"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.py", "FILE:LINE:COLUMN"),
        ("a.py:x:1", "FILE:LINE:COLUMN"),
        ("a.py:\u00b2:1", "FILE:LINE:COLUMN"),
        ("a.py:1:99999999999999999999", "FILE:LINE:COLUMN"),
        ("folder:1:1", "not a file"),
        ("missing.py:1:1", "missing.py"),
        ("a.py:9:1", "no line 9"),
        ("a.py:1:99", "columns 1 to"),
        ("a.py:0:1", "no line 0"),
        ("b.bin:1:1", "UTF-8"),
        (".env:1:1", "never sent"),
    ],
)
async def test_complete_says_what_is_wrong_with_a_place(
    place: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = \n")
    (tmp_path / ".env").write_text("KEY=\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00")
    arguments = ["complete", place, "--endpoint", "http://127.0.0.1:9/v1", "--model", "m"]
    ended = await foretype(*arguments, folder=tmp_path)

    assert is_told_briefly(ended)
    assert said in ended.err


@pytest.mark.parametrize("way", ["argument", "dash", "pipe"])
async def test_chat_streams_the_answer_to_standard_output(way: str) -> None:
    handler = routed({"/v1/models": models_handler, "/v1/chat/completions": chats("Because.")})
    async with FakeModelServer(handler) as model:
        prompt = {"argument": ["Why?"], "dash": ["-"], "pipe": []}[way]
        given = "" if way == "argument" else "Why?"
        ended = await foretype("chat", *prompt, "--endpoint", model.url, given=given)

    assert (ended.status, ended.out) == (0, "Because.\n")
    assert model.requests[-1].body["messages"][-1] == {"role": "user", "content": "Why?"}


async def test_chat_without_a_question_says_how_to_ask() -> None:
    ended = await foretype("chat", "--endpoint", "http://127.0.0.1:9/v1", given="  \n")

    assert is_told_briefly(ended)


async def test_a_server_that_refuses_is_told_in_one_line() -> None:
    async with FakeModelServer(fails(401, {"error": {"message": "no"}})) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url, "--model", "m")

    assert is_told_briefly(ended)
    assert "401" in ended.err


@pytest.mark.parametrize("command", ["models", "doctor"])
async def test_a_gateway_without_a_scheme_is_told_without_a_place_in_a_file(command: str) -> None:
    ended = await foretype(command, "--gateway", "gateway.example.com")

    assert is_told_briefly(ended)
    assert "address gateway.example.com must begin with http:// or https://; write" in ended.err
    assert "/sourcegraph" not in ended.err
    assert "more)" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tcp", "nowhere"], "HOST:PORT"),
        (["--tcp", "127.0.0.1:99999"], "HOST:PORT"),
        (["--log-file", "/nonexistent/folder/log"], "log file"),
    ],
    ids=["address", "port", "log"],
)
async def test_serve_says_what_is_wrong_with_its_options(arguments: list[str], said: str) -> None:
    ended = await foretype("serve", *arguments)

    assert is_told_briefly(ended)
    assert said in ended.err


async def test_the_log_holds_lengths_and_neither_code_nor_secrets(tmp_path: Path) -> None:
    log = tmp_path / "foretype.log"
    arguments = ["--log-file", str(log), "--log-level", "debug"]
    async with FakeModelServer(completes("return planted_answer")) as model:
        settings = settings_for(model.url, accessToken=TOKEN)
        async with connected(*arguments, settings=settings) as client:
            client.open(URI, f"planted_code = 1\n{CODE}")
            await answered(client.ask(URI, 2, 4))
    text = log.read_text()

    assert "received_chars=21" in text
    assert "planted" not in text
    assert TOKEN not in text


async def test_exit_without_shutdown_is_status_1() -> None:
    message = '{"jsonrpc":"2.0","method":"exit"}'
    ended = await foretype("serve", given=f"Content-Length: {len(message)}\r\n\r\n{message}")

    assert ended.status == 1
    assert "Traceback" not in ended.err


def test_the_program_survives_a_reader_that_goes_away(config_file: Path) -> None:
    command = [*FORETYPE, "models", "--config", str(config_file), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.close(os.dup(process.stdout.fileno()))
        process.stdout.close()
        process.wait(20)
        said = process.stderr.read()

    assert said == b""


@pytest.mark.parametrize("stream", ["closed", "full", "ascii"])
def test_output_that_cannot_be_written_is_told_briefly(stream: str, config_file: Path) -> None:
    command = [*FORETYPE, "models", "--config", str(config_file)]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii" if stream == "ascii" else "utf-8"}
    config_file.write_text(config_file.read_text().replace("Local", "L\u00f6cal \U0001f600"))
    redirect = {"closed": ">&-", "full": ">/dev/full", "ascii": ""}[stream]
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *command],
        capture_output=True,
        text=True,
        env=environ,
        timeout=20,
        check=False,
    )

    assert ended.returncode == (0 if stream == "ascii" else 1)
    assert "bug" not in ended.stderr
    assert ended.stderr.count("\n") == (0 if stream == "ascii" else 1)


def test_an_interrupt_while_starting_ends_quietly(config_file: Path) -> None:
    command = [*FORETYPE, "models", "--config", str(config_file)]
    # Measuring coverage swallows interrupts while it starts, and may hang then.
    environ = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    for delay_s in (0.04, 0.08, 0.15, 0.3):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
        ) as process:
            time.sleep(delay_s)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=20)
        # Everything had been said, or we were in between; before us, Python itself tells why.
        is_python_alone = process.returncode == 1 and b"KeyboardInterrupt" in said
        assert process.returncode in (-signal.SIGINT, 0, 130) or is_python_alone
        assert not re.search(r'lsp_server/__main__\.py", line \d+, in main', said.decode())


def test_a_question_in_any_bytes_and_a_closed_input_are_taken(tmp_path: Path) -> None:
    arguments = ["--endpoint", "http://127.0.0.1:9/v1", "--model", "m"]
    for redirect in ("<&-", "</dev/null", f"<{tmp_path}/bytes"):
        (tmp_path / "bytes").write_bytes(b"\xff\xfe why?")
        shell = ["sh", "-c", f'exec "$@" {redirect}', "sh", *FORETYPE, "chat", "-", *arguments]
        ended = subprocess.run(shell, capture_output=True, text=True, check=False, timeout=20)
        assert ended.returncode == 1
        assert "bug" not in ended.stderr
        assert ended.stderr.count("\n") == 1


async def test_a_broken_base_and_a_file_named_by_the_environment(
    config_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base.json"
    base.write_text('{"providers": [')
    broken = await foretype("check", str(config_file), "--base", str(base))
    monkeypatch.setenv("FORETYPE_CONFIG", str(config_file))
    named = await foretype("check")

    assert broken.status == 2
    assert "base.json:1:" in broken.err
    assert named.status == 0
    assert str(config_file) in named.out


async def test_schema_prints_a_json_schema() -> None:
    ended = await foretype("schema")
    schema = json.loads(ended.out)

    assert ended.status == 0
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "providerOverrides" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [(), ("fly",), ("serve", "--log-level", "loud"), ("check", "--format"), ("chat", "--nonsense")],
    ids=["nothing", "command", "choice", "value", "option"],
)
async def test_wrong_arguments_are_told_in_one_line(arguments: tuple[str, ...]) -> None:
    ended = await foretype(*arguments)

    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert "--help" in ended.err
