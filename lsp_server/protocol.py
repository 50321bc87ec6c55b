"""JSON-RPC as the contract wants it: every request answered once, every cancel real.

Corrects pygls 2.1 where it falls short: commands run on after their cancel, a request with
unreadable params is never answered, requests after `shutdown` are ignored, errors carry tracebacks
with local paths, and the future of every notification is kept for ever.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.json_rpc import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    MsgId,
    RPCMessage,
)

from lsp_server.boundary import to_response_error
from lsp_server.bugs import describe_bug

logger = logging.getLogger(__name__)

AnyFuture = Future[Any] | asyncio.Future[Any]

# pygls answers these itself, with a document store that splits lines where LSP does not and a table
# of progress tokens that are not ours; without its handlers, our features get the messages alone.
_OURS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
)

# Editors turn every error to this method into a pop-up while the user types.
_NEVER_FAILS = types.TEXT_DOCUMENT_INLINE_COMPLETION


class ForetypeProtocol(LanguageServerProtocol):
    """The pygls protocol, with one answer for each request."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        for method in _OURS:
            self.fm.builtin_features.pop(method)
        self.fm.add_builtin_feature(types.WORKSPACE_EXECUTE_COMMAND, self._run_command)
        self.fm.add_builtin_feature(types.SHUTDOWN, self._shut_down)

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for `shutdown`, so that `exit` is a clean end."""
        return self._shutdown

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Decode one message; a request that cannot be decoded is answered here and now."""
        try:
            return super().structure_message(data)
        except (JsonRpcInvalidParams, JsonRpcInternalError):
            if "id" in data and "method" in data:
                self._refuse_unreadable(data["id"], str(data["method"]))
            raise

    def _refuse_unreadable(self, msg_id: MsgId, method: str) -> None:
        if method == _NEVER_FAILS:
            self._send_response(msg_id, None)
            return
        message = f"The parameters of {method} do not have the form that LSP gives them."
        error = types.ResponseError(code=types.ErrorCodes.InvalidParams, message=message)
        self._send_response(msg_id, error=error)

    def handle_message(self, message: RPCMessage) -> None:
        """Dispatch one message; requests out of turn are refused instead of ignored."""
        method, msg_id = getattr(message, "method", None), getattr(message, "id", None)
        if method is None or msg_id is None:
            super().handle_message(message)
        elif self._shutdown:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, "The server is shutting down.")
        elif self._workspace is None and method != types.INITIALIZE:
            text = "Send `initialize` before any other request."
            self._refuse(msg_id, types.ErrorCodes.ServerNotInitialized, text)
        else:
            super().handle_message(message)

    def _refuse(self, msg_id: MsgId, code: types.ErrorCodes, message: str) -> None:
        self._send_response(msg_id, error=types.ResponseError(code=code, message=message))

    def _execute_handler(
        self,
        msg_id: MsgId,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        # pygls keeps the future of every notification and inner call; forget it once it is done.
        def finish(future: AnyFuture) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, finish, args, kwargs)

    def _handle_request(self, msg_id: MsgId, method_name: str, params: Any) -> None:
        try:
            handler = self._get_handler(method_name)
        except JsonRpcException as error:
            self._send_response(msg_id, error=to_response_error(error, method_name))
            return
        self._ctx_msg_id.set(msg_id)
        callback = partial(self._answer, msg_id=msg_id, method=method_name)
        self._execute_handler(msg_id, handler, callback, args=(params,))

    def _answer(self, future: AnyFuture, *, msg_id: MsgId, method: str) -> None:
        """Send the one answer of a request."""
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

    def _check_handler_result(self, future: AnyFuture) -> None:
        """Log a failed notification; the client waits for no answer and gets no pop-up."""
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("A notification failed: %s", describe_bug(error))

    def _handle_response(
        self, msg_id: MsgId, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        # An answer that nobody waits for any more.
        if (future := self._request_futures.get(msg_id)) is not None and future.done():
            del self._request_futures[msg_id]
        else:
            super()._handle_response(msg_id, result, error)

    def _handle_cancel_notification(self, msg_id: MsgId) -> None:
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.cancel()

    async def _run_command(self, params: types.ExecuteCommandParams) -> Any:
        """Run a command in the request's own task, so that a cancel reaches it."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command!r}.")
        arguments = params.arguments or []
        if len(arguments) > 1:
            raise JsonRpcInvalidParams(
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
        tasks = [future for future in running if isinstance(future, asyncio.Future)]
        await asyncio.gather(*tasks, return_exceptions=True)
        self._shutdown = True
        if (on_shutdown := self.fm.features.get(types.SHUTDOWN)) is not None:
            await on_shutdown(None)


def plain_converter() -> Converter:
    """The pygls converter, but with the parameters of custom methods left as JSON values."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call] # pygls 2.1
    converter.register_structure_hook(
        JsonRPCRequestMessage,
        lambda data, cls: cls(data["id"], data["method"], data["jsonrpc"], data.get("params")),
    )
    converter.register_structure_hook(
        JsonRPCNotification,
        lambda data, cls: cls(data["method"], data["jsonrpc"], data.get("params")),
    )
    return converter
