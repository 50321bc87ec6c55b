"""Handlers while they run: each can be cancelled, and nothing is kept of one that has ended."""

import asyncio
import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any

from lsp_server.bugs import describe_bug
from lsp_server.messages import MsgId
from lsp_server.sending import SendingProtocol

logger = logging.getLogger(__name__)

AnyFuture = Future[Any] | asyncio.Future[Any]


class RunningProtocol(SendingProtocol):
    """The part of the protocol that runs handlers."""

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
            if self._request_futures.get(msg_id) is future:
                del self._request_futures[msg_id]
            callback(future)

        super()._execute_handler(msg_id, handler, finish, args, kwargs)

    def _run_generator(
        self,
        future: AnyFuture | None,
        *,
        gen: Generator[Any, Any, Any],
        result_future: Future[Any],
    ) -> None:
        # pygls reads the result of the inner call unseen, and a cancelled one has none.
        if future is not None and future.cancelled():
            gen.close()
            result_future.cancel()
        else:
            super()._run_generator(future, gen=gen, result_future=result_future)  # type: ignore[arg-type] # pygls 2.1

    def _handle_cancel_notification(self, msg_id: MsgId) -> None:
        future = self._request_futures.get(msg_id)
        # Our own questions are in the same table.
        if future is not None and msg_id not in self._result_types:
            future.cancel()

    def _check_handler_result(self, future: AnyFuture) -> None:
        """Log a failed notification; the client waits for no answer and gets no pop-up."""
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("A notification failed: %s", describe_bug(error))
