"""What goes to the client: answers, notifications and our own questions, until it has gone."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any
from uuid import uuid4

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from lsp_server.bugs import describe_bug
from lsp_server.framing import frame
from lsp_server.messages import MsgId, no_request

logger = logging.getLogger(__name__)


class SendingProtocol(LanguageServerProtocol):
    """The sending half of the protocol; pygls' own logs tracebacks about a client that has gone."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._write: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[], object] | None = None

    def connect(self, write: Callable[[bytes], None], on_lost: Callable[[], object]) -> None:
        """Send messages with `write` from now on; `on_lost` is called once nobody reads them."""
        self._write, self._on_lost = write, on_lost

    def hang_up(self) -> None:
        """Send nothing any more."""
        self._write = None

    def _send_data(self, data: Any) -> None:
        if self._write is None:
            return
        try:
            body = json.dumps(data, default=self._serialize_message).encode()
        except Exception as error:  # noqa: BLE001 - cattrs raises whatever its hooks raise
            logger.error("a message could not be written: %s", describe_bug(error))
            self._answer_anyway(data)
            return
        try:
            self._write(frame(body))
        except OSError:
            self.hang_up()
            if self._on_lost is not None:
                self._on_lost()

    def _answer_anyway(self, data: Any) -> None:
        if isinstance(data, dict) and "result" in data:
            message = "Foretype failed to write its answer; see its log."
            code = types.ErrorCodes.InternalError
            error = types.ResponseError(code=code, message=message)
            self._send_response(data["id"], error=error)

    def _send_response(
        self, msg_id: MsgId | None, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        outcome = {"result": result} if error is None else {"error": error}
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, **outcome})

    def send_request(
        self,
        method: str,
        params: Any = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: str | int | None = None,
    ) -> Future[Any]:
        """Ask the client; a question that is given up is forgotten, whenever its answer comes."""
        question = str(uuid4()) if msg_id is None else msg_id
        future: Future[Any] = super().send_request(method, params, callback, question)
        future.add_done_callback(partial(self._forget, question))
        return future

    def _forget(self, question: str | int, _: Future[Any]) -> None:
        self._request_futures.pop(question, None)
        self._result_types.pop(question, None)

    def _take_answer(self, data: dict[str, Any]) -> None:
        """Give an answer to whoever asked; nobody waits for a late one.

        Raises `MalformedError` for a message that is not even an answer.
        """
        msg_id = data.get("id")
        if not isinstance(msg_id, str) or msg_id not in self._result_types:
            if "result" not in data and "error" not in data:
                raise no_request(msg_id)
            return
        future = self._request_futures[msg_id]
        if (error := data.get("error")) is not None:
            future.set_exception(_refusal(error))
            return
        try:
            result = self._read_result(msg_id, data.get("result"))
        except Exception:  # noqa: BLE001 - cattrs raises whatever its hooks raise
            future.set_exception(JsonRpcException("The client's answer does not have LSP's form."))
        else:
            future.set_result(result)

    def _read_result(self, msg_id: str, result: Any) -> Any:
        kind = self._result_types[msg_id]
        if kind is None:
            return result
        answer = {"jsonrpc": self.VERSION, "id": msg_id, "result": result}
        return self._converter.structure(answer, kind).result


def _refusal(error: object) -> JsonRpcException:
    given = error if isinstance(error, dict) else {}
    code, message = given.get("code"), given.get("message")
    return JsonRpcException(
        message if isinstance(message, str) else "The client failed to answer.",
        code if isinstance(code, int) else None,
        given.get("data"),
    )
