"""How far the connection for one request came, and what it means where it came no further."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

_NO_TLS = "it is there but does not answer TLS; is it a server for http:// URLs?"


class Connecting:
    """Watches one request: was a connection made for it, or an old one used again?"""

    def __init__(self, on_stands: Callable[[], None], *, has_proxy: bool) -> None:
        self._on_stands = on_stands
        self._has_proxy = has_proxy
        self.is_new = False
        self.stands = False
        """The request is on its way, to the server or to the proxy before it."""
        self._stream: Any = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Take one trace event of httpcore."""
        if event == "connection.connect_tcp.started":
            self.is_new = True
        elif event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif event == "http11.send_request_headers.started":
            self.stands = True
            self._on_stands()

    def explained(self, error: httpx.TransportError) -> httpx.TransportError:
        """Return this failure, as one of the proxy or of TLS where it is known to be that."""
        if self._has_proxy and self._stream is None:
            return httpx.ProxyError(str(error))
        if isinstance(error, httpx.ConnectTimeout) and self._stream is not None:
            return httpx.ConnectTimeout(_NO_TLS)
        return error

    async def close_unused(self) -> None:
        """Close the connection when the request has ended before it went out.

        httpcore 1.0.9 forgets one that was made just as its request was cancelled.
        """
        if self._stream is not None and not self.stands:
            await self._stream.aclose()
