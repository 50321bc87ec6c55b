"""Bytes of an event stream in, server-sent events out, with the servers' known quirks.

The parsing is done here because httpx-sse 0.4.3 is strict where model servers are not: it loses a
last event without a blank line (llama.cpp's `[DONE]`), `error:` fields, a byte order mark, bare
JSON lines, and it has no limits.
"""

import codecs
import re
from collections.abc import Iterator

from httpx_sse import ServerSentEvent

LINE_LIMIT_CHARS = 1024 * 1024

TOTAL_LIMIT_BYTES = 64 * 1024 * 1024

# What opens and closes the values of JSON, strings apart, which may be cut off.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]')


class StreamLimitError(Exception):
    """The server sent more than any answer can be."""


class EventReader:
    """Turns the bytes of one answer into events; how they are split makes no difference."""

    def __init__(
        self, line_limit: int = LINE_LIMIT_CHARS, total_limit: int = TOTAL_LIMIT_BYTES
    ) -> None:
        self.first_stray_line = ""
        """What a proxy said instead of events, such as `upstream connect error`."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._line_limit = line_limit
        self._bytes_left = total_limit
        self._is_first_line = True
        self._skip_lf = False
        self._parts: list[str] = []
        self._parts_length = 0
        self._event = ""
        self._data: list[str] = []
        self._bare: list[str] = []
        self._depth = 0
        """How many values of the bare JSON are still open."""

    def feed(self, data: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that `data` completes."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise StreamLimitError("the answer is too long")
        for line in self._lines(self._decoder.decode(data)):
            yield from self._line(line)

    def close(self) -> Iterator[ServerSentEvent]:
        """Yield what the end of the stream completes: llama.cpp sends no blank line at the end."""
        rest = "".join(self._parts) + self._decoder.decode(b"", final=True)
        self._parts = []
        if rest:
            yield from self._line(rest)
        if self._bare:
            yield from self._bare_end()
        yield from self._dispatch()

    def _lines(self, text: str) -> Iterator[str]:
        # Only LF, CR and CRLF end a line; str.splitlines also breaks at U+2028, legal in JSON.
        if self._skip_lf and text:
            text = text.removeprefix("\n")
            self._skip_lf = False
        start = 0
        while (end := _line_end(text, start)) >= 0:
            yield self._whole_line(text[start:end])
            start = end + 1
            if text[end] == "\r":
                if start == len(text):
                    self._skip_lf = True
                elif text[start] == "\n":
                    start += 1
        self._keep(text[start:])

    def _whole_line(self, end: str) -> str:
        self._keep(end)
        line = "".join(self._parts)
        self._parts, self._parts_length = [], 0
        return line

    def _keep(self, part: str) -> None:
        self._parts_length += len(part)
        if self._parts_length > self._line_limit:
            raise StreamLimitError("a line of the answer is too long")
        if part:
            self._parts.append(part)

    def _line(self, line: str) -> Iterator[ServerSentEvent]:
        if self._is_first_line:
            line = line.removeprefix("\ufeff")
            self._is_first_line = False
        if self._bare and not _starts_field(line):
            yield from self._bare_line(line)
        elif self._bare:
            yield from self._bare_end()
            yield from self._field(line)
        elif line.startswith(("{", "[{")):
            yield from self._bare_line(line)
        else:
            yield from self._field(line)

    def _field(self, line: str) -> Iterator[ServerSentEvent]:
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "error":
            # llama.cpp until September 2025 sends its errors as a field of this name.
            yield ServerSentEvent(event="error", data=value)
        elif name not in {"", "id", "retry"} and not self.first_stray_line:
            self.first_stray_line = line

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        data, event = "\n".join(self._data), self._event
        self._data, self._event = [], ""
        if data:
            yield ServerSentEvent(event=event or "message", data=data)

    def _bare_line(self, line: str) -> Iterator[ServerSentEvent]:
        # A JSON body where events were announced (Lemonade, proxies), JSON lines, or the whole
        # answer of a server that does not stream; possibly pretty-printed.
        if not line:
            yield from self._bare_end()
            return
        self._bare.append(line)
        # Counted, since parsing at each line what may be whole would take forever in the end.
        self._depth += _opened_by(line)
        if self._depth <= 0:
            yield from self._bare_end()

    def _bare_end(self) -> Iterator[ServerSentEvent]:
        data = "\n".join(self._bare)
        self._bare, self._depth = [], 0
        yield ServerSentEvent(event=self._event or "message", data=data)


def _line_end(text: str, start: int) -> int:
    lf = text.find("\n", start)
    cr = text.find("\r", start, lf if lf >= 0 else len(text))
    return cr if cr >= 0 else lf


def _opened_by(line: str) -> int:
    marks = [match[0] for match in _BRACKETS.finditer(line)]
    opened = sum(mark in {"{", "["} for mark in marks)
    return opened - sum(mark in {"}", "]"} for mark in marks)


def _starts_field(line: str) -> bool:
    return line.startswith(("data:", "event:", "error:", ":"))
