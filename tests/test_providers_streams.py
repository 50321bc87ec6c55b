"""Thousands of made-up answers: read alike however they are split, and harmless when mutilated."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random

import pytest

from providers.answer_reader import AnswerReader
from providers.error_bodies import complaint_from_body, kind_of
from providers.errors import ProviderError
from providers.messages import ReasoningDelta, TextDelta
from providers.reply import Delta, ReplyReader
from providers.secrecy import Place
from tests.effort import grows_linearly
from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, completes
from tests.provider_models import CHAT, INFILL, client_at
from tests.stream_scripts import COMPLAINT, Script, error_body, write_script

# Many streams each; what hangs is still noticed.
pytestmark = pytest.mark.timeout(300)

STREAMS = 10_000
PLACE = Place("local", "http://127.0.0.1:8080/v1", "local::v1::m")


@dataclass(frozen=True)
class Found:
    """What was read from one answer."""

    text: str
    thought: str
    error: ProviderError | None
    deltas: tuple[Delta, ...]


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same streams each time


def read(pieces: list[bytes], form: str = "chat") -> Found:
    reply = ReplyReader(PLACE, may_think=form == "chat")
    reader = AnswerReader(PLACE, 200, reply)
    deltas: list[Delta] = []
    error: ProviderError | None = None
    try:
        for piece in pieces:
            deltas.extend(reader.feed(piece))
        deltas.extend(reader.end())
        deltas.extend(reader.finish())
    except ProviderError as caught:
        error = caught
    return found(deltas, error)


def found(deltas: list[Delta], error: ProviderError | None) -> Found:
    text = "".join(delta.content for delta in deltas if isinstance(delta, TextDelta))
    thought = "".join(delta.content for delta in deltas if isinstance(delta, ReasoningDelta))
    return Found(text, thought, error, tuple(deltas))


def pieces_of(random: Random, raw: bytes) -> list[bytes]:
    if random.random() < 0.2:
        return [raw[at : at + 1] for at in range(len(raw))]
    count = min(len(raw), random.choice([1, 2, 5, 20]))
    marks = [0, *sorted(random.sample(range(len(raw) + 1), k=count)), len(raw)]
    return [raw[start:stop] for start, stop in pairwise(marks)]


def is_as_written(said: Found, script: Script) -> bool:
    """An answer that fails need not show the last characters that may begin a tag."""
    if script.end == "whole":
        return said.error is None and (said.text, said.thought) == (script.text, script.thought)
    return (
        said.error is not None
        and script.text.startswith(said.text)
        and script.thought.startswith(said.thought)
        and COMPLAINT not in said.text + said.thought
    )


def says_why(said: Found, script: Script) -> bool:
    error = said.error
    if script.end == "error":
        return error is not None and COMPLAINT in str(error)
    return (error.kind if error else None) == ("incomplete" if script.end == "cut" else None)


def test_made_up_streams_are_read_as_written_however_they_are_split() -> None:
    for seed in range(STREAMS):
        random = seeded(seed)
        script = write_script(random)
        whole = read([script.raw])
        assert is_as_written(whole, script), (seed, script, whole)
        assert says_why(whole, script), (seed, script, whole)
        split = read(pieces_of(random, script.raw))
        assert split.deltas == whole.deltas, (seed, script)
        assert str(split.error) == str(whole.error), (seed, script)


def test_a_stream_that_is_cut_anywhere_is_incomplete_and_no_success() -> None:
    for seed in range(STREAMS // 10):
        random = seeded(seed)
        script = write_script(random)
        if script.end != "whole":
            continue
        for _ in range(20):
            at = random.randrange(len(script.raw))
            said = read([script.raw[:at]])
            assert script.text.startswith(said.text.rstrip("\ufffd")), (seed, at, script)
            if at < script.finished_at:
                assert said.error is not None, (seed, at, script)
                assert said.error.kind == "incomplete", (seed, at, said.error)
            else:
                assert said.error is None, (seed, at, said.error)
                assert said.text == script.text, (seed, at, script)


def _cut(random: Random, raw: bytes) -> bytes:
    return raw[: random.randrange(len(raw))]


def _flip(random: Random, raw: bytes) -> bytes:
    flipped = bytearray(raw)
    for _ in range(random.choice([1, 5, 50])):
        flipped[random.randrange(len(raw))] = random.randrange(256)
    return bytes(flipped)


def _shuffle(random: Random, raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True)
    for _ in range(random.choice([1, 3, 9])):
        at = random.randrange(len(lines))
        lines[at : at + 1] = random.choice([[], [lines[at]] * 2, [b"\n", lines[at]]])
        lines = lines or [b""]
    return b"".join(lines)


def _insert(random: Random, raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True)
    lines.insert(random.randrange(len(lines) + 1), random.choice(_JUNK)(random))
    return b"".join(lines)


def _replace(random: Random, _: bytes) -> bytes:
    prefix = random.choice([b"", b"data: ", b"event: error\ndata: ", b"error: ", b"{"])
    return prefix + random.choice(_JUNK)(random) + random.choice([b"", b"\n\n"])


_MUTILATIONS = (_cut, _flip, _flip, _shuffle, _insert, _replace)

_JUNK: tuple[Callable[[Random], bytes], ...] = (
    lambda random: random.randbytes(random.choice([1, 9, 999])),
    lambda random: error_body(random).encode(),
    lambda _: f"<html><script>{COMPLAINT}</script><p>{COMPLAINT}".encode(),
    lambda _: b"\x1f\x8b\x08\x00\x00" + b"\xff\xfe\x00" * 9,
    lambda random: b"[" * random.choice([9, 900, 9000]),
    lambda random: b'{"error":' * random.choice([9, 900, 990, 9000]),
    lambda random: (
        b'{"error":' + b"[" * (depth := random.choice([900, 9000])) + b"]" * depth + b"}"
    ),
    lambda random: b"9" * random.choice([99, 9999]),
    lambda _: (
        b'{"choices":[{"text":"\\ud83d"},{"delta":{"content":7},"index":"0"}],"usage":[1e999]}'
    ),
    lambda _: b'{"choices":{"0":{}},"error":[],"detail":{"error":{"error":{}}},"code":1e99}\n\n',
    lambda _: b"null[DONE]\n\n\x00\r\r\n\n",
)


def mutilated(random: Random, raw: bytes) -> bytes:
    for _ in range(random.choice([1, 1, 3])):
        raw = random.choice(_MUTILATIONS)(random, raw or b"\n")
    return raw


def test_mutilated_streams_never_hang_or_crash_or_show_an_error_as_text() -> None:
    for seed in range(STREAMS):
        random = seeded(seed)
        script = write_script(random)
        raw = mutilated(random, script.raw)
        said = read([raw])
        split = read(pieces_of(random, raw) if len(raw) < 9999 else [raw])
        assert (split.deltas, str(split.error)) == (said.deltas, str(said.error)), seed
        # LocalAI's errors are content but for their first words, which may be what was mutilated.
        if f"Internal error: {COMPLAINT}".encode() not in script.raw:
            assert COMPLAINT not in said.text + said.thought, (seed, raw, said)
        said.text.encode()
        assert said.error is None or len(str(said.error)) < 1000


def test_any_error_body_with_any_status_has_a_kind_and_words() -> None:
    for seed in range(STREAMS):
        random = seeded(seed)
        raw = error_body(random).encode()
        if random.random() < 0.7:
            raw = random.choice(_MUTILATIONS)(random, raw)
        complaint = complaint_from_body(raw.decode("utf-8", "replace"), random.randrange(100, 1000))
        assert kind_of(complaint)
        PLACE.clip(complaint.message).encode()


GIGANTIC: dict[str, Callable[[int], bytes]] = {
    "values": lambda count: b"data: " + b"0 " * count + b"\n\n",
    "objects": lambda count: b"data: " + b"{}" * count + b"\n\n",
    "open-brackets": lambda count: b"[{" * count + b"\n",
    "closing-lines": lambda count: b"{[[\n" + b"]\n[\n" * count,
    "quotes": lambda count: b"{" + b'"\\' * count + b"\n",
    "data-lines": lambda count: b"data: 1\n" * count + b"\n",
    "scripts": lambda count: b"event: error\ndata: " + b"<script " * count + b"\n\n",
    "angles": lambda count: b"event: error\ndata: " + b"<<<<" * count + b"\n\n",
    "spaces": lambda count: b"data: " + b"    " * count + b"\n\n",
    "one-line": lambda count: b"x" * 12 * count,
    "numbers": lambda count: b"data: " + b"9999" * count + b"\n\n",
    "blank-lines": lambda count: b"\r\n" * count,
}


@pytest.mark.parametrize("name", GIGANTIC)
def test_gigantic_answers_are_read_in_a_time_that_grows_with_their_length(name: str) -> None:
    said = read([GIGANTIC[name](100_000)])
    assert grows_linearly(lambda count: partial(read, [GIGANTIC[name](count)]), 10_000)
    assert said.error is not None
    assert said.text == ""


def sent_as(raw: bytes, pieces: list[bytes], status: int = 200) -> Handler:
    async def handler(_: Request, reply: Reply) -> None:
        await reply.start(status)
        for piece in pieces:
            await reply.send(piece)
        if not raw:
            await reply.cut()

    return handler


async def ask(server: FakeModelServer, form: str) -> Found:
    deltas: list[Delta] = []
    error: ProviderError | None = None
    async with client_at(server.url) as client:
        events = client.chat(CHAT) if form == "chat" else client.infill(INFILL)
        try:
            async for event in events:
                deltas += [event] if isinstance(event, TextDelta | ReasoningDelta) else []
        except ProviderError as caught:
            error = caught
    return found(deltas, error)


async def test_made_up_streams_are_read_as_written_over_a_socket() -> None:
    async with FakeModelServer(completes("")) as server:
        for seed in range(300):
            random = seeded(seed)
            script = write_script(random)
            server.handler = sent_as(script.raw, pieces_of(random, script.raw))
            said = await asyncio.wait_for(ask(server, script.form), 30)
            assert is_as_written(said, script), (seed, script, said)
            assert says_why(said, script), (seed, script, said)


async def test_mutilated_streams_do_no_harm_over_a_socket() -> None:
    async with FakeModelServer(completes("")) as server:
        for seed in range(300):
            random = seeded(seed)
            script = write_script(random)
            raw = mutilated(random, script.raw)
            status = random.choice([200, 200, 201, 302, 400, 401, 404, 422, 429, 500, 503, 799])
            server.handler = sent_as(raw, pieces_of(random, raw)[:50], status)
            said = await asyncio.wait_for(ask(server, script.form), 30)
            assert status < 300 or said.error is not None, seed
            if f"Internal error: {COMPLAINT}".encode() not in script.raw:
                assert COMPLAINT not in said.text + said.thought, (seed, raw, said)
