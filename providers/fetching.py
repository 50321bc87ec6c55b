"""Fetches one JSON document, the token going to no other host than the one configured."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from providers.addresses import Headers
from providers.endpoint_urls import shown_url
from providers.error_bodies import (
    BODY_LIMIT_BYTES,
    complaint_from_body,
    first_line,
    kind_of,
    retry_after_s,
)
from providers.errors import (
    HTTPX_ERRORS,
    configuration_error,
    from_httpx,
    incomplete,
    refused,
    timed_out,
)
from providers.http_client import (
    BodyTooLongError,
    HttpClient,
    open_http_client,
    read_body,
    read_head,
)
from providers.secrecy import Place
from providers.trust import BadEnvironmentError
from providers.wire_json import read_json

_REDIRECT_LIMIT = 5

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a server recognises a document it has sent before; blank where it offers none."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """Return what makes a request conditional on the document having changed."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        # A mark may come from a file that was tampered with.
        return {name: mark for name, mark in given.items() if re.fullmatch(r"[\x20-\x7e]+", mark)}


NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A decoded document and its marks."""

    value: Any = field(repr=False)
    marks: Marks = NO_MARKS


async def fetch_json(
    place: Place, url: str, headers: Headers, *, limit_bytes: int, timeout_s: float
) -> Any:
    """Return the decoded document at `url`; every failure is a `ProviderError`."""
    fetched = await fetch_document(
        place, url, headers, limit_bytes=limit_bytes, timeout_s=timeout_s
    )
    return fetched.value if fetched else None


async def fetch_document(
    place: Place,
    url: str,
    headers: Headers,
    *,
    limit_bytes: int,
    timeout_s: float,
    known: Marks = NO_MARKS,
) -> Fetched | None:
    """Return the document at `url`, or None if it is still the one whose marks are `known`.

    Every failure is a `ProviderError`; `timeout_s` is for the whole answer.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    plain = {"Accept": "application/json", **known.headers()}
    plain |= {name: value.get_secret_value() for name, value in headers}
    try:
        async with open_http_client(url) as client:
            response = await _follow(place, client, url, plain, deadline)
            if response.status_code == httpx.codes.NOT_MODIFIED and known.headers():
                await response.aclose()
                return None
            async with asyncio.timeout_at(deadline):
                return await _document(place, response, limit_bytes)
    except TimeoutError as error:
        raise timed_out(place, timeout_s) from error
    except BadEnvironmentError as error:
        raise configuration_error(place, str(error)) from error
    except HTTPX_ERRORS as error:
        raise from_httpx(place, error) from error


async def _follow(
    place: Place, client: HttpClient, url: str, headers: dict[str, str], deadline: float
) -> httpx.Response:
    for _ in range(_REDIRECT_LIMIT + 1):
        response = await client.send("GET", url, headers, None, deadline)
        if not response.has_redirect_location:
            return response
        location = response.headers["location"]
        await response.aclose()
        target = _joined(place, url, location, response.status_code)
        if _origin(target) != _origin(url):
            # Said, not followed: the token is for the configured address only.
            cause = f"status {response.status_code}: it redirects to {shown_url(target)}"
            raise configuration_error(place, f"{cause}, use that URL if you trust it")
        url = target
    raise configuration_error(place, "it redirects without end")


def _joined(place: Place, url: str, location: str, status: int) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        cause = f"status {status}: it redirects to what is no URL"
        raise configuration_error(place, cause) from error


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


async def _document(place: Place, response: httpx.Response, limit_bytes: int) -> Fetched:
    status = response.status_code
    try:
        if not response.is_success:
            head = await read_head(response, BODY_LIMIT_BYTES)
            complaint = complaint_from_body(head.decode("utf-8", "replace"), status)
            wait_s = retry_after_s(response.headers.get("retry-after"))
            raise refused(place, kind_of(complaint), complaint.message, status, wait_s)
        body = await read_body(response, limit_bytes)
    except BodyTooLongError as error:
        cause = f"the document is larger than {limit_bytes // 1024} KiB"
        raise refused(place, "server", cause, status) from error
    finally:
        await response.aclose()
    marks = Marks(response.headers.get("etag", ""), response.headers.get("last-modified", ""))
    return Fetched(_decoded(place, body, status), marks)


def _decoded(place: Place, body: bytes, status: int) -> Any:
    # The content type says nothing: a Sourcegraph instance calls its JSON text/plain.
    text = body.decode("utf-8-sig", "replace")
    try:
        return read_json(text)
    except ValueError as error:
        if text.lstrip()[:1] in {"{", "["}:
            raise incomplete(place, "the document is not whole JSON", status) from error
        cause = f"it sent no JSON document: {first_line(text)}"
        raise refused(place, "server", cause, status) from error
