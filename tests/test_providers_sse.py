"""Reading event streams as model servers really write them."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.sse import EventReader, StreamLimitError

Events = list[tuple[str, str]]


def read(*pieces: bytes) -> Events:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return [(event.event, event.data) for event in (*events, *reader.close())]


def messages(*data: str) -> Events:
    return [("message", text) for text in data]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(b"data: a\n\ndata: b\n\n", messages("a", "b"), id="lf"),
        pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\n", messages("a", "b"), id="crlf"),
        pytest.param(b"data: a\r\rdata: b\r\r", messages("a", "b"), id="cr"),
        pytest.param(b"data:a\n\ndata:[DONE]\n\n", messages("a", "[DONE]"), id="no-space"),
        pytest.param(b"data:  a\n\n", messages(" a"), id="only-one-space-is-dropped"),
        pytest.param(b"data: a\ndata: b\n\n", messages("a\nb"), id="data-lines-join"),
        pytest.param(b"data: a\n\ndata: [DONE]", messages("a", "[DONE]"), id="llamacpp-end"),
        pytest.param(b"data: a\n\ndata: [DONE]\n", messages("a", "[DONE]"), id="one-lf-at-end"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", messages("a"), id="byte-order-mark"),
        pytest.param(b": ping\n\n:\n\ndata: a\n\n", messages("a"), id="llamacpp-ping"),
        pytest.param(b": OPENROUTER PROCESSING\n\ndata: a\n\n", messages("a"), id="openrouter"),
        pytest.param(b"data:\n\ndata: a\n\n", messages("a"), id="empty-data-is-skipped"),
        pytest.param(b"id: 7\nretry: 10\ndata: a\n\n", messages("a"), id="id-and-retry"),
        pytest.param(b'error: {"code":500}\n\n', [("error", '{"code":500}')], id="llamacpp-error"),
        pytest.param(b"event: error\ndata: x\n\n", [("error", "x")], id="error-event"),
        pytest.param(b"data: x\nevent: error\n\n", [("error", "x")], id="event-after-data"),
        pytest.param(b'{"error":"x"}\n', messages('{"error":"x"}'), id="lemonade-bare-json"),
        pytest.param(b'{"a":1}\n{"b":2}\n', messages('{"a":1}', '{"b":2}'), id="json-lines"),
        pytest.param(b'{\n  "a": 1\n}\n', messages('{\n  "a": 1\n}'), id="pretty-json"),
        pytest.param(b'[{\n  "error": {}\n}\n]', messages('[{\n  "error": {}\n}\n]'), id="google"),
        pytest.param(b'{"a":1\n\ndata: b\n\n', messages('{"a":1', "b"), id="broken-bare-json"),
        pytest.param(b'{"cut', messages('{"cut'), id="cut-bare-json"),
    ],
)
def test_events_are_read(stream: bytes, expected: Events) -> None:
    assert read(stream) == expected


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_lf_and_cr_end_a_line(char: str) -> None:
    assert read(f"data: a{char}b\n\n".encode()) == messages(f"a{char}b")


def test_a_character_may_be_split_between_two_pieces() -> None:
    raw = "data: é😀\n\n".encode()
    assert read(raw[:7], raw[7:10], raw[10:]) == messages("é😀")


def test_broken_utf8_does_not_end_the_stream() -> None:
    assert read(b"data: a\xff\n\ndata: b\n\n") == messages("a\ufffd", "b")


def test_an_event_is_there_as_soon_as_its_blank_line_is() -> None:
    reader = EventReader()
    assert [event.data for event in reader.feed(b"data: a\r\n\r")] == ["a"]


def test_a_line_of_a_proxy_is_kept_for_the_error() -> None:
    reader = EventReader()
    assert [*reader.feed(b"upstream connect error\n"), *reader.close()] == []
    assert reader.first_stray_line == "upstream connect error"


def test_a_line_over_the_limit_is_an_error() -> None:
    reader = EventReader(line_limit=100)
    assert list(reader.feed(b"data: " + b"x" * 94)) == []
    with pytest.raises(StreamLimitError):
        list(reader.feed(b"y"))


def test_a_stream_over_the_limit_is_an_error() -> None:
    reader = EventReader(total_limit=100)
    for _ in range(11):
        assert len(list(reader.feed(b"data: x\n\n"))) == 1
    with pytest.raises(StreamLimitError):
        list(reader.feed(b"data: x\n\n"))


def test_a_line_of_almost_a_mebibyte_is_read() -> None:
    text = "x" * (1024 * 1024 - 10)
    assert read(f"data: {text}\n\n".encode()) == messages(text)


_LINES = st.sampled_from(
    [
        "data: " + json.dumps({"choices": [{"text": "é\u2028😀"}]}, ensure_ascii=False),
        "data:[DONE]",
        "data: a",
        "",
        "",
        ": ping",
        "event: error",
        'error: {"message": "x"}',
        '{"error": "bare"}',
        "{",
        '  "a": 1',
        "}",
        "stray",
        "\ufeff",
    ]
)


@given(
    lines=st.lists(st.tuples(_LINES, st.sampled_from(["\n", "\r", "\r\n"])), max_size=12),
    ending=st.booleans(),
    cuts=st.lists(st.integers(0, 400), max_size=12),
)
def test_any_split_of_the_bytes_gives_the_same_events(
    lines: list[tuple[str, str]], ending: bool, cuts: list[int]
) -> None:
    raw = "".join(line + end for line, end in lines).encode()
    if not ending:
        raw = raw.rstrip(b"\r\n")
    marks = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    pieces = [raw[start:end] for start, end in pairwise(marks)]
    assert read(*pieces) == read(raw)
    assert read(*(raw[at : at + 1] for at in range(len(raw)))) == read(raw)
