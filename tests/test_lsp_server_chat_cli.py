"""`foretype chat` as a person uses it: piped, in a terminal, interrupted, with files attached."""

import asyncio
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, chats, routes
from tests.test_lsp_server_chat import chat_settings
from tests.test_lsp_server_cli import FORETYPE, foretype, is_told_briefly, models_handler

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def serves(handler: Handler) -> FakeModelServer:
    return FakeModelServer(routes({"/v1/models": models_handler, "/v1/chat/completions": handler}))


def sent(model: FakeModelServer) -> tuple[str, str]:
    """The system message and the question of the last request."""
    turns = model.requests[-1].body["messages"]
    return turns[0]["content"], turns[-1]["content"]


async def stalls(request: Request, reply: Reply) -> None:
    """Say a little and then nothing."""
    for word in ("one ", "two"):
        await reply.event({"choices": [{"index": 0, "delta": {"content": word}}]})
    await request.disconnected.wait()


async def in_terminal(
    *arguments: str, size: tuple[int, int] = (12, 60), until: bytes = b"", stop: bool = False
) -> tuple[int, str]:
    """Run in a terminal of that size; with `stop`, press Ctrl-C once `until` is on the screen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    # These would say another size; workers that run tests side by side are given them.
    environ = {k: v for k, v in os.environ.items() if k not in {"LINES", "COLUMNS"}}
    environ["TERM"] = "xterm-256color"
    with subprocess.Popen(  # noqa: ASYNC220 - read in threads
        [*FORETYPE, "chat", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        screen = b""
        while piece := await asyncio.to_thread(_read, ours):
            screen += piece
            if stop and until in screen:
                stop = False
                process.send_signal(signal.SIGINT)
        status = await asyncio.to_thread(process.wait, 20)
    os.close(ours)
    return status, screen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


async def test_what_is_piped_in_beside_a_question_is_attached() -> None:
    async with serves(chats("Fine.")) as model:
        ended = await foretype(
            "chat", "What is this?", "--endpoint", model.url, given="a piped diff\n"
        )
    system, question = sent(model)

    assert (ended.status, ended.out, ended.err) == (0, "Fine.\n", "")
    assert question == "What is this?"
    assert "Standard input:\n```\na piped diff\n```" in system


@pytest.mark.parametrize(
    ("suffix", "shown"),
    [
        ("", "a b.py:\n```python\none\ntwo\nthree\n```"),
        (":2-3", "a b.py, lines 2-3:\n```python\ntwo\nthree\n```"),
        (":2", "a b.py, line 2:\n```python\ntwo\n```"),
        (":3-99", "a b.py, line 3:\n```python\nthree\n```"),
    ],
)
async def test_a_file_or_some_of_its_lines_are_attached(
    suffix: str, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "a b.py").write_text("one\ntwo\nthree\n")
    (tmp_path / "other.txt").write_text("other")
    files = ("--file", f"a b.py{suffix}", "--file", "other.txt")
    async with serves(chats("Fine.")) as model:
        ended = await foretype("chat", "Why?", *files, "--endpoint", model.url, folder=tmp_path)

    assert ended.status == 0
    assert shown in sent(model)[0]
    assert "other.txt:\n```plaintext\nother\n```" in sent(model)[0]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("missing.py", "missing.py"),
        (".", "not a file"),
        (".env", "never sent"),
        (".env:1-1", "never sent"),
        ("a.py:9", "1 line; there is no line 9"),
        ("a.py:0", "no line 0"),
        ("a.py:1-0", "first to the last"),
        ("b.bin", "UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_attached_is_told_in_one_line(
    file: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / ".env").write_text("KEY=1\n")
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00")
    endpoint = ("--endpoint", "http://127.0.0.1:9/v1", "--model", "m")
    ended = await foretype("chat", "Why?", "--file", file, *endpoint, folder=tmp_path)

    assert is_told_briefly(ended)
    assert said in ended.err


async def test_what_was_left_out_is_told_beside_the_answer(tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_text("many words\n" * 50_000)
    async with serves(chats("Fine.")) as model:
        arguments = ("--file", f"{tmp_path}/large.txt", "--endpoint", model.url)
        ended = await foretype("chat", "Why?", *arguments)

    assert (ended.status, ended.out) == (0, "Fine.\n")
    assert re.fullmatch(r"foretype: \d{6} characters left out .*\n", ended.err)


@pytest.mark.parametrize(
    ("options", "name"),
    [((), "starcoder2-7b"), (("--fast",), "quick"), (("--model", "quick"), "quick")],
    ids=["default", "fast", "named"],
)
async def test_the_model_can_be_chosen(options: tuple[str, ...], name: str, tmp_path: Path) -> None:
    async with serves(chats("Fine.")) as model:
        settings = chat_settings(model.url)
        file = tmp_path / "config.json"
        file.write_text(json.dumps(settings["modelConfiguration"]))
        ended = await foretype("chat", "Why?", "--config", str(file), *options)

    assert ended.out == "Fine.\n"
    assert model.requests[-1].body["model"] == name


async def test_an_error_in_mid_stream_keeps_what_was_printed_and_ends_the_line() -> None:
    async def breaks(request: Request, reply: Reply) -> None:
        await reply.event({"choices": [{"index": 0, "delta": {"content": "Half an"}}]})
        await reply.cut()

    async with serves(breaks) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url)

    assert ended.out == "Half an\n"
    assert is_told_briefly(ended)


async def test_an_answer_without_a_word_is_an_error_of_one_line() -> None:
    async with serves(chats("")) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url)

    assert ended.out == ""
    assert is_told_briefly(ended)
    assert "answered nothing" in ended.err


async def test_markdown_stays_as_it_is_written_when_it_is_piped() -> None:
    text = "# Title\n\n- **bold**\n\n```python\nx = 1\n```"
    async with serves(chats(text)) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url)

    assert ended.out == f"{text}\n"


async def test_an_interrupt_keeps_what_came_and_closes_the_connection() -> None:
    async with serves(stalls) as model:
        process = await asyncio.create_subprocess_exec(
            *FORETYPE, "chat", "Why?", "--endpoint", model.url,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        begun = await asyncio.wait_for(process.stdout.readexactly(7), 20)
        process.send_signal(signal.SIGINT)
        rest, err = await asyncio.wait_for(process.communicate(), 20)
        await asyncio.wait_for(model.requests[-1].disconnected.wait(), 30)

    assert begun + rest == b"one two\n"
    assert process.returncode == 130
    assert err == b""


async def test_a_reader_that_goes_away_ends_the_chat_quietly() -> None:
    async with serves(chats("word " * 20_000, chunk=50)) as model:
        command = [*FORETYPE, "chat", "Why?", "--endpoint", model.url]
        with subprocess.Popen(  # noqa: ASYNC220 - read in threads
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            await asyncio.to_thread(process.stdout.read, 10)
            process.stdout.close()
            said = await asyncio.to_thread(process.stderr.read)
            status = await asyncio.to_thread(process.wait, 20)

    assert (status, said) == (1, b"")


async def test_markdown_is_rendered_in_a_terminal_and_long_answers_stay_whole() -> None:
    numbers = "".join(f"- item **{number}**\n" for number in range(60))
    text = f"# Title\n\nSome `code`.\n\n{numbers}\n```python\nx = 1\n\ny = 2\n```\n\nThe end."
    async with serves(chats(text, chunk=7, delay_s=0.001)) as model:
        status, screen = await in_terminal("Why?", "--endpoint", model.url)
    plain = CONTROL.sub("", screen)

    assert status == 0
    assert "# Title" not in plain
    # What is redrawn is seen again; the last time counts, after which nothing may be missing.
    final = plain[[*re.finditer(r"item 0\s", plain)][-1].start() :]
    # While it is written, a mark that is not closed yet may be seen as it stands.
    assert "**59**" not in plain
    assert "```python" not in plain
    for number in range(60):
        assert re.search(rf"item {number}\s", final)
    assert "The end." in final
    # No single redraw is taller than the screen of 12 lines.
    redraws = [run.count("\x1b[1A") for run in re.findall(r"(?:\x1b\[1A\x1b\[2K)+", screen)]
    assert 0 < max(redraws) < 12


async def test_an_interrupt_in_a_terminal_keeps_what_came() -> None:
    async with serves(stalls) as model:
        arguments = ("Why?", "--endpoint", model.url)
        status, screen = await in_terminal(*arguments, until=b"two", stop=True)
    plain = CONTROL.sub("", screen)

    assert status == 130
    assert "one two" in plain
    assert plain.endswith("\n")
    assert "Traceback" not in plain


def cold(silence_s: float) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await asyncio.sleep(silence_s)
        await chats("Fine.")(request, reply)

    return handler


async def test_a_model_that_is_slow_to_begin_is_told_beside_the_answer() -> None:
    async with serves(cold(4.5)) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url)
    host = model.root.removeprefix("http://")

    assert (ended.status, ended.out) == (0, "Fine.\n")
    assert re.fullmatch(rf"foretype: Waiting for \S+ at {host} \.\.\.\n", ended.err)


async def test_a_server_that_says_it_is_loading_is_named_once() -> None:
    loop, until = asyncio.get_running_loop(), 0.0

    async def loads(request: Request, reply: Reply) -> None:
        nonlocal until
        until = until or loop.time() + 4.5
        if loop.time() < until:
            error = {"error": {"code": 503, "message": "Loading model"}}
            await reply.json(error, 503, {"Retry-After": "1"})
        else:
            await chats("Fine.")(request, reply)

    async with serves(loads) as model:
        ended = await foretype("chat", "Why?", "--endpoint", model.url)
    host = model.root.removeprefix("http://")

    assert (ended.status, ended.out) == (0, "Fine.\n")
    assert re.fullmatch(rf"foretype: {host} is loading \S+ \.\.\.\n", ended.err)


async def test_a_terminal_is_told_sooner_that_a_model_is_slow_to_begin() -> None:
    async with serves(cold(2.5)) as model:
        status, screen = await in_terminal("Why?", "--endpoint", model.url, size=(12, 120))
    plain = CONTROL.sub("", screen)

    assert status == 0
    assert plain.count("foretype: Waiting for ") == 1
    assert plain.index("foretype: Waiting for ") < plain.index("Fine.")
