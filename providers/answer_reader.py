"""The bytes of one answer, as they come, turned into what they add to it."""

from collections.abc import Iterator

from providers.errors import refused
from providers.reply import Delta, ReplyReader
from providers.secrecy import Place
from providers.sse import EventReader, StreamLimitError


class AnswerReader:
    """Reads one answer; how its bytes are split makes no difference to what comes out.

    Whatever the bytes are, the methods raise `ProviderError` and nothing else.
    """

    def __init__(self, place: Place, status: int, reply: ReplyReader) -> None:
        self._place = place
        self._status = status
        self._reply = reply
        self._events = EventReader()

    def feed(self, piece: bytes) -> Iterator[Delta]:
        """Yield what the bytes add, also when something behind it is an error."""
        return self._read(piece)

    def end(self) -> Iterator[Delta]:
        """Yield what the end of the bytes adds; what the reply itself holds back stays there."""
        return self._read(None)

    def finish(self) -> list[Delta]:
        """Return the rest of an answer that is whole; `IncompleteError` when it is not."""
        return self._reply.finish(self._events.first_stray_line)

    def _read(self, piece: bytes | None) -> Iterator[Delta]:
        is_last = piece is None
        try:
            for event in self._events.close() if piece is None else self._events.feed(piece):
                is_error = event.event == "error"
                yield from self._reply.read(event.data, is_error=is_error, is_last=is_last)
        except StreamLimitError as error:
            raise refused(self._place, "server", str(error), self._status) from error
