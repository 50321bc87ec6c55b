"""Answers as model servers stream them, made up at random, each with what is to be read from it."""

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any, Literal

Form = Literal["completions", "chat", "infill"]
End = Literal["whole", "error", "cut"]

# Stands in every error text, and in no answer.
COMPLAINT = "c0mplaint"

_WORDS = (
    *("a", "return x", " ", "\n", "\r\n", "\t", "é", "😀", "\u2028", "\x85", "\x0b", "\ufeff"),
    *('"', "\\", "{", "}", "[{", "data: x", "\n\nevent: error\n", "[DONE]", ": ping", "<", "</th"),
    *("error", "null", "Internal error", "日本語", "\u0000", "id: 7", "\ud83d", "\ude00"),
)
_NOISE = (
    *(": ping", ":", ": OPENROUTER PROCESSING", "id: 7", "retry: 10", "event: message"),
    *("data:", "data: ", "data: null", "data:null", "", ""),
)
_EMPTY_CHUNKS: tuple[dict[str, Any], ...] = (
    {"choices": []},
    {"choices": None},
    {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
    {"choices": [{"index": 0, "delta": None, "finish_reason": None}], "usage": None},
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}], "error": None},
    {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": ""}]},
    {"choices": [{"index": 0, "text": None, "finish_reason": ""}]},
    {"choices": [{"index": 1, "text": "X", "delta": {"content": "X"}}]},
    {"choices": [{"index": 1, "text": "", "delta": {}, "finish_reason": "length"}]},
    {"system_fingerprint": "b1-x", "created": 7, "choices": []},
)
_USAGE = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 9}}
_REASONS = ("stop", "length", "eos_token", "stop_sequence", "abort", "content_filter")
# What follows the end is no part of the answer, whatever it is.
_AFTER_DONE = ("data: tail", f'data: {{"error": "{COMPLAINT}"}}', "data: [DONE]", "<html>", "{")


@dataclass(frozen=True)
class Script:
    """The bytes of one answer, and what a reader of it is to find."""

    raw: bytes
    form: Form
    end: End
    text: str
    """The whole answer; with the end `error` or `cut`, what came before that."""
    thought: str
    finished_at: int
    """From how many bytes on the answer counts as whole; -1 when it never does."""


class _Writer:
    """Writes lines with one or several of the three line ends."""

    def __init__(self, random: Random) -> None:
        self._random = random
        some = random.choice([["\n"], ["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]])
        self._ends = some
        self._space = random.choice(["", " "])
        self.raw = b"\xef\xbb\xbf" if random.random() < 0.1 else b""

    def line(self, text: str) -> None:
        end = self._random.choice(self._ends)
        if not text and end == "\n" and self.raw.endswith(b"\r"):
            end = "\r\n"  # else it would be the second half of the line end before
        self.raw += (text + end).encode()

    def data(self, text: str) -> None:
        for line in text.split("\n"):
            self.line(f"data:{self._space}{line}")

    def event(self, payload: dict[str, Any], *, is_alone: bool = False) -> None:
        is_plain = self._random.random() < 0.5 or _is_cut_in_two(payload)
        indent = 1 if self._random.random() < 0.1 else None
        text = json.dumps(payload, ensure_ascii=is_plain, indent=indent)
        if self._random.random() < 0.05 and indent is None:
            self.line(text)  # bare, as JSON lines are
            return
        self.data(text)
        if not is_alone and self._random.random() < 0.05:
            self.data(json.dumps(self._random.choice(_EMPTY_CHUNKS)))
        self.line("")

    def noise(self) -> None:
        while self._random.random() < 0.25:
            if self._random.random() < 0.6:
                line = self._random.choice(_NOISE)
                self.line(line)
                if line.startswith("data"):
                    self.line("")
            else:
                self.event(self._random.choice(_EMPTY_CHUNKS))


def write_script(random: Random) -> Script:
    """Make up one answer."""
    form: Form = random.choice(["completions", "chat", "chat", "infill"])
    writer = _Writer(random)
    said = _said(random, form)
    thoughts = _thoughts(random, form)
    for thought in thoughts:
        writer.noise()
        key = random.choice(["reasoning", "reasoning_content"])
        writer.event({"choices": [{"index": 0, "delta": {key: thought, "content": None}}]})
    for piece in said:
        writer.noise()
        writer.event(_chunk(form, piece))
    writer.noise()
    whole = _joined(said)
    text, inner = _split(whole) if form == "chat" else (whole, "")
    end: End = random.choice(["whole", "whole", "whole", "error", "cut"])
    finished_at = -1
    if end == "whole":
        finished_at = _finish(random, writer, form, has_text=bool(text or inner or thoughts))
    elif end == "error":
        _fail(random, writer, form)
    return Script(writer.raw, form, end, text, _joined(thoughts) + inner, finished_at)


def _said(random: Random, form: Form) -> list[str]:
    words = ["ok", *random.choices(_WORDS, k=random.randrange(6))]
    text = "".join(words)
    if form == "chat" and random.random() < 0.3:
        text = f"{random.choice(['', ' '])}<think>{text}</think>{random.choice(_WORDS)}fine"
    return _pieces(random, text, min(3, len(text)))


def _thoughts(random: Random, form: Form) -> list[str]:
    if form != "chat" or random.random() > 0.2:
        return []
    return _pieces(random, "".join(random.choices(_WORDS, k=2)), 1)


def _pieces(random: Random, text: str, cuts: int) -> list[str]:
    """Cut a text as servers do that count in UTF-16 units: also within a character."""
    units = text.encode("utf-16-le", "surrogatepass")
    marks = sorted(2 * at for at in random.sample(range(len(units) // 2 + 1), k=cuts))
    ends = pairwise([0, *marks, len(units)])
    return [units[start:stop].decode("utf-16-le", "surrogatepass") for start, stop in ends]


def _joined(pieces: list[str]) -> str:
    units = "".join(pieces).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace")


def _is_cut_in_two(payload: dict[str, Any]) -> bool:
    return re.search(r"[\ud800-\udfff]", json.dumps(payload, ensure_ascii=False)) is not None


def _split(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*<think>\n*(.*?)</think>\s*(.*)", text, re.DOTALL)
    return (match[2], match[1]) if match else (text, "")


def _chunk(form: Form, piece: str, finish: str | None = None) -> dict[str, Any]:
    if form == "infill":
        return {"index": 0, "content": piece, "stop": finish is not None}
    said = {"text": piece} if form == "completions" else {"delta": {"content": piece}}
    return {"choices": [{"index": 0, **said, "finish_reason": finish}]}


def _finish(random: Random, writer: _Writer, form: Form, *, has_text: bool) -> int:
    """End the answer well; tell how many bytes that takes at least."""
    only_done = has_text and form != "infill" and random.random() < 0.2
    finished_at = -1
    if not only_done:
        writer.event(_chunk(form, "", random.choice(_REASONS)), is_alone=True)
        finished_at = len(writer.raw.rstrip())
        writer.noise()
        if random.random() < 0.5:
            writer.event(_USAGE)
    if only_done or random.random() < 0.7:
        writer.data("[DONE]")
        if only_done:
            finished_at = len(writer.raw.rstrip())
        if random.random() < 0.3:
            writer.line("")
            writer.line(random.choice(_AFTER_DONE))
    if random.random() < 0.3:
        writer.raw = writer.raw.rstrip(b"\r\n")
    return finished_at


_BODIES: tuple[object, ...] = (
    {"error": {"message": COMPLAINT, "type": "server_error", "code": 500}},
    {"error": {"message": COMPLAINT, "http_status_code": 422}},
    {"error": COMPLAINT, "error_type": "generation"},
    {"object": "error", "message": COMPLAINT, "type": "BadRequest", "param": None, "code": 400},
    {"detail": COMPLAINT},
    {"detail": [{"loc": ["body", "model"], "msg": COMPLAINT, "type": "missing"}]},
    {"message": COMPLAINT},
    {"msg": COMPLAINT},
    [{"error": {"message": COMPLAINT, "status": "INTERNAL"}}],
    {"model": "m", "choices": [], "error": {"message": COMPLAINT}},
)


def error_body(random: Random) -> str:
    """Make up what a server says of an error, as a body of its own."""
    page = f"<html><title>{COMPLAINT}</title><body>{COMPLAINT}</body></html>"
    return random.choice([json.dumps(random.choice(_BODIES)), COMPLAINT, page])


def _fail(random: Random, writer: _Writer, form: Form) -> None:
    text = json.dumps(random.choice(_BODIES))
    way = random.randrange(6)
    if way == 0:
        writer.line(f"error: {text}")
    elif way == 1:
        writer.line("event: error")
        writer.data(random.choice([text, COMPLAINT, f"<h1>{COMPLAINT}</h1>"]))
    elif way == 2:
        writer.line(text)
    elif way == 3:
        writer.line(f"upstream connect error: {COMPLAINT}")
    elif way == 4 and form == "completions":
        writer.event(_chunk(form, f"Internal error: {COMPLAINT}", "stop"))
        return  # LocalAI closes without [DONE]
    else:
        writer.data(text)
    writer.line("")
    if way != 3 and random.random() < 0.5:
        writer.data("[DONE]")
        writer.line("")
