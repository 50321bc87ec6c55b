"""The one log line of a request: sizes and times, never text."""

import logging
import uuid
from time import monotonic
from urllib.parse import urlsplit

from providers.secrecy import Place

logger = logging.getLogger(__name__)


class RequestRecord:
    """What one request did at one endpoint, written to the log when it is over.

    A request that goes on at another endpoint keeps its id.
    """

    def __init__(
        self, operation: str, place: Place, request_id: str = "", *, is_verbose: bool = False
    ) -> None:
        self.id = request_id or uuid.uuid4().hex[:8]
        self.status: int | None = None
        self.sent_bytes = 0
        self.received_chars = 0
        self.first_token_ms: float | None = None
        self.outcome = "cancelled"
        """A finish reason, `enough`, or the kind of an error; cancelled until one is known."""
        self.operation = operation
        self._place = place
        self._is_verbose = is_verbose
        self._answer: list[str] = []
        self._started = monotonic()

    def sending(self, body: bytes, header_names: list[str]) -> None:
        """Note a body that is about to be sent."""
        self.sent_bytes = len(body)
        if self._is_verbose:
            text = self._place.mask(body.decode())
            names = ", ".join(header_names)
            logger.info("request %s headers: %s; body: %s", self.id, names, text)

    def received(self, text: str) -> bool:
        """Note a piece of the answer; tell whether it is the first."""
        is_first = self.first_token_ms is None
        if is_first:
            self.first_token_ms = self._elapsed_ms()
        self.received_chars += len(text)
        if self._is_verbose:
            self._answer.append(text)
        return is_first

    def write(self) -> None:
        """Write the line."""
        logger.info(
            "request %s %s model=%s host=%s status=%s sent_bytes=%d received_chars=%d "
            "first_token_ms=%s total_ms=%.0f outcome=%s",
            self.id,
            self.operation,
            self._place.model_ref,
            urlsplit(self._place.shown_url).netloc,
            self.status or "-",
            self.sent_bytes,
            self.received_chars,
            "-" if self.first_token_ms is None else f"{self.first_token_ms:.0f}",
            self._elapsed_ms(),
            self.outcome,
        )
        if self._is_verbose:
            logger.info("request %s answer: %s", self.id, self._place.mask("".join(self._answer)))

    def _elapsed_ms(self) -> float:
        return (monotonic() - self._started) * 1000
