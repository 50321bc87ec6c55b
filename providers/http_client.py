"""How we use HTTP: time limits, no redirects, no noise in the log, bounded bodies."""

import asyncio
import importlib.util
import logging
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

import httpx

from providers import limits
from providers.connecting import Connecting
from providers.proxies import proxy_for
from providers.trust import BadEnvironmentError, tls_context

_UNPACKED_BYTES = 64 * 1024
# A balancer needs one or two; a server that makes up new names goes on with none.
_MOST_COOKIES = 50
_KNOWN_COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})
# Anything else is no compression: some servers name a character set.
_COMPRESSIONS = _KNOWN_COMPRESSIONS | {"br", "zstd", "compress", "x-compress"}

_DEFAULT_HEADERS = {
    "accept": "*/*",
    # gzip only delays a stream: proxies wait for a full block before they send.
    "accept-encoding": "identity",
    "connection": "keep-alive",
    "user-agent": "foretype",
}

# These log every URL with its query, where a key can be, and every response header.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

# httpcore 1.0 tries to import this package four times in each request. Where it is missing, every
# try searches all folders of the path, a twentieth of a request to a model that answers at once.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment] # how Python marks what is not there


class BodyTooLongError(Exception):
    """The server sent more than the answer to this request can be."""


def transport_for(url: str, own_tls: ssl.SSLContext | None = None) -> httpx.AsyncHTTPTransport:
    """Return the connections to one endpoint.

    `own_tls` replaces the terms for TLS that the environment sets; not those for the proxy.
    `BadEnvironmentError` when the environment names a proxy or certificate that cannot be used.
    """
    proxy_url = proxy_for(url)
    kept = httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=30.0)
    try:
        tls = _tls_for(url, proxy_url)
        proxy = _proxy_at(proxy_url, tls) if proxy_url else None
        transport = httpx.AsyncHTTPTransport(
            verify=own_tls or tls, limits=kept, proxy=proxy, socket_options=_ASKING_IF_THERE
        )
    except (ValueError, httpx.InvalidURL, ImportError) as error:
        # Not quoted: a proxy's URL can hold a password.
        cause = "the environment names a proxy whose URL is not one of http:// or https://"
        raise BadEnvironmentError(cause) from error
    _lock_without_a_turn()
    return transport


def _lock_without_a_turn() -> None:
    # httpcore 1.0.9 closes a cancelled request's connection under a lock that lets the loop turn
    # first, even when it is free. A second cancel in that turn left the connection open for good.
    # httpx loads the module with the first transport.
    if (http11 := sys.modules.get("httpcore._async.http11")) is not None:
        setattr(http11, "AsyncLock", asyncio.Lock)  # noqa: B010 - types know no such attribute


def _proxy_at(url: str, tls: ssl.SSLContext) -> httpx.Proxy:
    is_secure = urlsplit(url).scheme == "https"
    return httpx.Proxy(url, ssl_context=tls if is_secure else None)


async def read_body(response: httpx.Response, limit_bytes: int) -> bytes:
    """Return the whole body; `BodyTooLongError` when it is longer than the limit."""
    if response.headers.get("content-length", "").strip().isdecimal():
        _check_size(int(response.headers["content-length"]), limit_bytes)
    body = await read_head(response, limit_bytes + 1)
    _check_size(len(body), limit_bytes)
    return body


async def read_head(response: httpx.Response, limit_bytes: int) -> bytes:
    """Return the body up to a limit; the rest is not waited for."""
    head = bytearray()
    async for piece in pieces_of(response):
        head += piece
        if len(head) >= limit_bytes:
            break
    return bytes(head[:limit_bytes])


class HttpClient:
    """Asks one endpoint: no redirects, no log of httpx, cookies kept for balancers that set them.

    It hands requests to httpx's transport itself: what `httpx.AsyncClient` does around that for
    each request, nothing here needs, and it is a tenth of a request to a model that answers at
    once.
    """

    def __init__(self, transport: httpx.AsyncHTTPTransport, *, has_proxy: bool = False) -> None:
        self._transport = transport
        self._has_proxy = has_proxy
        self._cookies = httpx.Cookies()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections, even when the caller is cancelled meanwhile."""
        await asyncio.shield(self._transport.aclose())

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: float,
        *,
        connect_s: float = limits.CONNECT_S,
        on_stands: Callable[[], None] = lambda: None,
    ) -> httpx.Response:
        """Send one request and return at its response headers; `TimeoutError` at the deadline.

        `on_stands` is called when there is a connection for it. The caller closes the response.

        Where there is no connection by the deadline, it is `httpx.ConnectTimeout`: a server that
        is silent is not taken for one that is not there.

        A server may close an idle connection just as it is used again (uvicorn does after 5 s), so
        a request that fails that way, unanswered, is sent again, at the latest on a new connection.
        """
        sent = _DEFAULT_HEADERS | {name.lower(): value for name, value in headers.items()}
        while True:
            connecting = Connecting(on_stands, has_proxy=self._has_proxy)
            timeout = httpx.Timeout(None, connect=connect_s).as_dict()
            request = httpx.Request(
                method,
                _read_url(url),
                headers=sent,
                cookies=self._cookies,
                content=content,
                extensions={"timeout": timeout, "trace": connecting},
            )
            try:
                async with asyncio.timeout_at(deadline):
                    return self._noted(request, await self._transport.handle_async_request(request))
            except TimeoutError as error:
                await connecting.close_unused()
                if not connecting.stands:
                    late = httpx.ConnectTimeout("no connection by the deadline")
                    raise connecting.explained(late) from error
                raise
            except asyncio.CancelledError:
                await connecting.close_unused()
                raise
            except httpx.ConnectTimeout as error:
                raise connecting.explained(error) from error.__cause__
            except (httpx.RemoteProtocolError, httpx.NetworkError) as error:
                if connecting.is_new:
                    raise connecting.explained(error) from error.__cause__

    def _noted(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        response.request = request
        if "set-cookie" in response.headers:
            self._cookies.extract_cookies(response)
            if len(self._cookies.jar) > _MOST_COOKIES:
                self._cookies.clear()
        return response


def open_http_client(url: str) -> HttpClient:
    """Return a client for one endpoint; `BadEnvironmentError` as for `transport_for`."""
    return HttpClient(transport_for(url), has_proxy=proxy_for(url) is not None)


def pieces_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """Give the body as it comes, unpacked in pieces of bounded size."""
    # We ask for no compression, but servers compress all the same.
    encoding = response.headers.get("content-encoding", "").strip().lower()
    is_packed = any(name.strip() in _COMPRESSIONS for name in encoding.split(","))
    pieces = response.aiter_raw()
    return _unpacked(pieces, encoding) if is_packed else pieces


@lru_cache(maxsize=64)
def _read_url(url: str) -> httpx.URL:
    # Each request to an endpoint goes to one of a few, and httpx takes its time to read one.
    return httpx.URL(url)


def _check_size(size: int, limit_bytes: int) -> None:
    if size > limit_bytes:
        raise BodyTooLongError


async def _unpacked(pieces: AsyncIterator[bytes], encoding: str) -> AsyncGenerator[bytes, None]:
    # httpx unpacks each piece whole, and 64 KiB of gzip can hold 64 MiB.
    if encoding not in _KNOWN_COMPRESSIONS:
        raise httpx.DecodingError("in a compression that was not asked for")
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either header
    async for piece in pieces:
        rest = piece
        while rest:
            try:
                plain = decoder.decompress(rest, _UNPACKED_BYTES)
            except zlib.error as error:
                raise httpx.DecodingError(str(error)) from error
            yield plain
            rest = decoder.unconsumed_tail


def _tls_for(url: str, proxy: str | None) -> ssl.SSLContext:
    # Reading the certificate authorities takes 20 ms, and plain http has no use for them.
    # A context without any trusts nobody.
    if "https" in {urlsplit(url).scheme, urlsplit(proxy or "").scheme}:
        return tls_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _asking_if_there() -> list[tuple[int, int, int]]:
    # Asked after 15 s of silence, and given up 20 s later; where the system takes such wishes.
    # TCP_KEEPALIVE is what macOS calls TCP_KEEPIDLE.
    wishes = {"TCP_KEEPIDLE": 15, "TCP_KEEPALIVE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4}
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in wishes.items():
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


# A server may load its model for minutes and say nothing. Whether it is still there is asked by
# the system, which breaks the connection when nobody answers.
_ASKING_IF_THERE = _asking_if_there()
