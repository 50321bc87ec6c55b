"""The certificate that a server shows, who vouches for it, and why it is refused."""

import asyncio
import ssl
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from providers import limits
from providers.errors import HTTPX_ERRORS
from providers.http_client import transport_for
from providers.secrecy import Place
from providers.trust import (
    Authorities,
    BadEnvironmentError,
    authorities_in_use,
    context_trusting,
    tls_context,
)

# A server writes into its certificate what it likes.
_SAID = Place("", "")

_DAY_S = 24 * 60 * 60

# OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which `ssl` has no name for.
_WHENEVER = ssl.VerifyFlags(0x200000)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate; with `refused` blank, it is one that we trust."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """The hosts it is for."""
    valid_until: datetime
    days_left: int
    """Negative once it has expired."""
    trusted_by: str = ""
    """Where the authority comes from that vouches for it; blank when it is refused."""
    refused: str = ""
    """Why it is not trusted."""


async def certificate_at(url: str) -> Certificate | None:
    """Return the certificate of the server at a URL; None where none can be seen.

    Nothing is asked of the server: the connection ends when TLS stands. A certificate that is
    refused is looked at in further connections, which nothing is sent over, either.
    """
    if urlsplit(url).scheme != "https":
        return None
    try:
        shown = await _shake_hands(url, tls_context())
        if shown is None:
            return None
        if shown.refused:
            found = await _looked_at(url, await _shake_hands(url, _trusting_everybody()))
            return found and replace(found, refused=shown.refused)
        found = await _looked_at(url, shown)
        return found and replace(found, trusted_by=await _who_trusts(url))
    except BadEnvironmentError:
        return None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What came of a handshake."""

    encoded: bytes = b""
    fields: dict[str, Any] | None = None
    """The certificate as Python decodes it, which it only does for one that it trusts."""
    refused: str = ""


class _EnoughError(Exception):
    """TLS stands."""


class _Handshake:
    """Watches one request until TLS stands with a host, and ends it there."""

    def __init__(self, host: str) -> None:
        self.shown: _Shown | None = None
        self._host = host
        self._is_with_host = False

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Take one trace event of httpcore; a proxy may have a handshake of its own before."""
        if event.endswith("start_tls.started"):
            self._is_with_host = info["server_hostname"] == self._host
        elif event.endswith("start_tls.complete") and self._is_with_host:
            stream = info["return_value"]
            peer = stream.get_extra_info("ssl_object")
            encoded = peer.getpeercert(binary_form=True) or b""
            self.shown = _Shown(encoded, peer.getpeercert() or None)
            await stream.aclose()
            raise _EnoughError


async def _shake_hands(url: str, tls: ssl.SSLContext) -> _Shown | None:
    """Return what the server showed, or None when it was not reached."""
    handshake = _Handshake(httpx.URL(url).raw_host.decode("ascii"))
    async with httpx.AsyncClient(transport=transport_for(url, tls)) as client:
        try:
            async with asyncio.timeout(2 * limits.CONNECT_S):
                await client.get(url, extensions={"trace": handshake})
        except _EnoughError:
            return handshake.shown
        except (TimeoutError, *HTTPX_ERRORS) as error:
            return _refusal(error)
    return None


def _refusal(error: BaseException | None) -> _Shown | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _Shown(refused=getattr(error, "verify_message", "") or str(error))
        error = error.__cause__ or error.__context__
    return None


def _trusting_everybody() -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    return tls


async def _looked_at(url: str, shown: _Shown | None) -> Certificate | None:
    if shown is None or not shown.encoded:
        return None
    if shown.fields is not None:
        return _certificate(shown.fields)
    # Python decodes only what it trusts, so this one is trusted for one handshake.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _WHENEVER
    tls.load_verify_locations(cadata=shown.encoded)
    trusted = await _shake_hands(url, tls)
    return _certificate(trusted.fields) if trusted and trusted.fields else None


async def _who_trusts(url: str) -> str:
    candidates = authorities_in_use()
    for one in candidates[:-1]:
        if await _is_trusted(url, one):
            return str(one)
    return str(candidates[-1])


async def _is_trusted(url: str, authorities: Authorities) -> bool:
    shown = await _shake_hands(url, context_trusting(authorities))
    return shown is not None and not shown.refused


def _certificate(fields: dict[str, Any]) -> Certificate:
    ends = ssl.cert_time_to_seconds(fields["notAfter"])
    return Certificate(
        subject=_name(fields.get("subject", ())),
        issuer=_name(fields.get("issuer", ())),
        names=tuple(_SAID.clip(str(value)) for _, value in fields.get("subjectAltName", ())),
        valid_until=datetime.fromtimestamp(ends, UTC),
        days_left=int((ends - time.time()) // _DAY_S),
    )


def _name(parts: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    short = {
        "commonName": "CN",
        "organizationName": "O",
        "organizationalUnitName": "OU",
        "countryName": "C",
    }
    pairs = (f"{short.get(key, key)}={value}" for part in parts for key, value in part)
    return _SAID.clip(", ".join(pairs))
