"""JSON-RPC as the contract wants it: every request answered once, every cancel real.

Corrects pygls 2.1 where it falls short: it takes objects inside parameters for messages, leaves
broken messages without an answer, lets commands run on after their cancel, ignores requests after
`shutdown`, sends tracebacks with local paths, and keeps the future of every notification and of
every question that the client does not answer.
"""

import asyncio
import contextvars
import logging
from functools import partial
from typing import Any
from uuid import uuid4

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from lsp_server.boundary import InvalidArgumentError, to_response_error
from lsp_server.bugs import describe_bug
from lsp_server.leniency import read_params, uri_of
from lsp_server.messages import MalformedError, MsgId, decode, is_notification
from lsp_server.running import AnyFuture, RunningProtocol

logger = logging.getLogger(__name__)

# pygls answers these itself, with a document store that splits lines where LSP does not and a table
# of progress tokens that are not ours; without its handlers, our features get the messages alone.
_OURS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
)
# After one of these that cannot be read, the text of its document is no longer known: where the
# parameters name the document, and what closes it.
_DOCUMENT = ("textDocument", types.TEXT_DOCUMENT_DID_CLOSE)
_NOTEBOOK = ("notebookDocument", types.NOTEBOOK_DOCUMENT_DID_CLOSE)
_TEXT_KEEPING = {
    types.TEXT_DOCUMENT_DID_OPEN: _DOCUMENT,
    types.TEXT_DOCUMENT_DID_CHANGE: _DOCUMENT,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: _NOTEBOOK,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: _NOTEBOOK,
}

# Editors turn every error to this method into a pop-up while the user types.
_NEVER_FAILS = types.TEXT_DOCUMENT_INLINE_COMPLETION
_SHUTDOWN_GRACE_S = 2.0


class ForetypeProtocol(RunningProtocol):
    """The pygls protocol, with one answer for each request."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        for method in _OURS:
            self.fm.builtin_features.pop(method)
        self.fm.add_builtin_feature(types.WORKSPACE_EXECUTE_COMMAND, self._run_command)
        self.fm.add_builtin_feature(types.SHUTDOWN, self._shut_down)
        self.fm.add_builtin_feature(types.EXIT, self._exit)
        self.is_over = False
        """Whether the client has sent `exit`."""
        self.answered_before: MsgId | None = None
        """The id of the `initialize` that `greeting` has answered."""
        self._shutting_down: AnyFuture | None = None

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for `shutdown`, so that `exit` is a clean end."""
        return self._shutdown

    async def finish_shutdown(self, seconds: float) -> None:
        """Wait until a `shutdown` that has begun is answered, but not for longer than this."""
        if isinstance(self._shutting_down, asyncio.Future):
            await asyncio.wait([self._shutting_down], timeout=seconds)

    def receive(self, body: bytes) -> None:
        """Handle one message; what is none is refused."""
        try:
            data = decode(body)
            if "method" not in data:
                self._take_answer(data)
                return
        except MalformedError as malformed:
            logger.warning("a message is refused: %s", malformed)
            self._refuse(malformed.msg_id, malformed.code, str(malformed))
            return
        take = self._take_request if "id" in data else self._take_notification
        # A context of its own, as pygls gives each handler.
        contextvars.copy_context().run(take, data)

    def _take_request(self, data: dict[str, Any]) -> None:
        msg_id, method = data["id"], data["method"]
        refusal = self._out_of_turn(method)
        if refusal is not None and method == _NEVER_FAILS:
            self._send_response(msg_id, None)
        elif refusal is not None:
            self._refuse(msg_id, *refusal)
        elif is_notification(method):
            # Refusing it would leave us with another text than the editor's.
            self._take_notification(data)
            self._send_response(msg_id, None)
        else:
            self._handle_request(msg_id, method, data.get("params"))
            if method == types.SHUTDOWN:
                self._shutdown = True
                self._shutting_down = self._request_futures.get(msg_id)

    def _out_of_turn(self, method: str) -> tuple[int, str] | None:
        """Why a request cannot be handled now, if it cannot."""
        if method == types.EXIT:
            return None
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "The server is shutting down."
        if self._workspace is None and method != types.INITIALIZE:
            text = "Send `initialize` before any other request."
            return types.ErrorCodes.ServerNotInitialized, text
        if self._workspace is not None and method == types.INITIALIZE:
            return types.ErrorCodes.InvalidRequest, "`initialize` is sent once."
        return None

    def _refuse(self, msg_id: MsgId | None, code: int, message: str) -> None:
        self._send_response(msg_id, error=types.ResponseError(code=code, message=message))

    def _handle_request(self, msg_id: MsgId, method_name: str, params: Any) -> None:
        try:
            handler = self._get_handler(method_name)
            arguments = (self._readable(method_name, params),)
        except JsonRpcInvalidParams as error:
            self._refuse_unreadable(msg_id, method_name, error)
            return
        except JsonRpcException as error:
            self._send_response(msg_id, error=to_response_error(error, method_name))
            return
        self._ctx_msg_id.set(msg_id)
        callback = partial(self._answer, msg_id=msg_id, method=method_name)
        self._execute_handler(msg_id, handler, callback, args=arguments)

    def _readable(self, method: str, params: Any) -> Any:
        try:
            return read_params(method, params, self._converter)
        except Exception as error:  # noqa: BLE001 - cattrs raises whatever its hooks raise
            logger.warning("parameters of %.60r cannot be read: %s", method, type(error).__name__)
            raise JsonRpcInvalidParams(
                f"The parameters of {method} do not have the form that LSP gives them."
            ) from None

    def _refuse_unreadable(self, msg_id: MsgId, method: str, error: JsonRpcException) -> None:
        if method == _NEVER_FAILS:
            self._send_response(msg_id, None)
        else:
            self._send_response(msg_id, error=to_response_error(error, method))

    def _take_notification(self, data: dict[str, Any]) -> None:
        method, params = data["method"], data.get("params")
        if self._out_of_turn(method) is None:
            try:
                self._handle_notification(method, params)
            except JsonRpcMethodNotFound:
                logger.debug("ignored %.60r", method)
            except JsonRpcInvalidParams:
                if method in _TEXT_KEEPING:
                    self._drop_document(params, *_TEXT_KEEPING[method])

    def _handle_notification(self, method_name: str, params: Any) -> None:
        if method_name == types.CANCEL_REQUEST:
            self._handle_cancel_notification(self._readable(method_name, params).id)
            return
        handler = self._get_handler(method_name)
        arguments = (self._readable(method_name, params),)
        self._execute_handler(str(uuid4()), handler, self._check_handler_result, args=arguments)

    def _drop_document(self, params: Any, key: str, closing: str) -> None:
        # No text is better than a wrong one, which would be sent to the model.
        if (uri := uri_of(params, key)) is not None:
            self._handle_notification(closing, {key: {"uri": uri}})

    def _answer(self, future: AnyFuture, *, msg_id: MsgId, method: str) -> None:
        """Send the one answer of a request."""
        if method == types.INITIALIZE and msg_id == self.answered_before:
            return
        if future.cancelled():
            cancelled = types.ResponseError(
                code=types.LSPErrorCodes.RequestCancelled, message="The request was cancelled."
            )
            self._send_response(msg_id, error=cancelled)
        elif (error := future.exception()) is None:
            self._send_response(msg_id, result=future.result())
        elif method == _NEVER_FAILS:
            logger.error("%s failed: %s", method, describe_bug(error))
            self._send_response(msg_id, None)
        else:
            self._send_response(msg_id, error=to_response_error(error, method))

    async def _run_command(self, params: types.ExecuteCommandParams) -> Any:
        """Run a command in the request's own task, so that a cancel reaches it."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise InvalidArgumentError(f"There is no command {params.command!r}.")
        arguments = params.arguments or []
        if len(arguments) > 1:
            raise InvalidArgumentError(
                f"{params.command} takes one argument, not {len(arguments)}."
            )
        return await handler(arguments[0] if arguments else None)

    async def _shut_down(self, *_: Any) -> None:
        """Cancel what runs, let each request be answered, then let go of the session."""
        current = self.msg_id
        running: list[AnyFuture] = [
            future for i, future in list(self._request_futures.items()) if i != current
        ]
        for future in running:
            future.cancel()
        if tasks := [future for future in running if isinstance(future, asyncio.Future)]:
            await asyncio.wait(tasks, timeout=_SHUTDOWN_GRACE_S)
        if (on_shutdown := self.fm.features.get(types.SHUTDOWN)) is not None:
            await on_shutdown(None)

    def _exit(self, *_: Any) -> None:
        """Leave the end of the process to whoever reads the messages."""
        self.is_over = True


def plain_converter() -> Converter:
    """The converter of LSP's types."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call] # pygls 2.1
    return converter
