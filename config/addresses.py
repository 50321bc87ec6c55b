"""Rules about the addresses of servers: what is one, and where a token may go unencrypted."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

_PRIVATE_SUFFIXES = (
    ".localhost",
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".home.arpa",
    ".corp",
    ".private",
    ".svc",
    ".test",
)
_HOST = re.compile(r"[^\s/\\?#@<>\"`{}|^]+")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)


def address_fault(text: str) -> str | None:
    """Say what is wrong with the address of a server, or None; the address itself is not quoted."""
    url = _split(text)
    if url is None or any(char.isspace() or not char.isprintable() for char in text.strip()):
        return "is not a valid URL"
    if url.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if not url.hostname or not _HOST.fullmatch(url.hostname):
        return "has no host name after http:// or https://"
    if url.username is not None or url.password is not None:
        return "must not hold a user name or password; use accessToken or headers"
    if "#" in text:
        return "must not have a part after #"
    return None


def is_plain_and_public(text: str) -> bool:
    """Tell whether what is sent there travels unencrypted to a host that may be far away."""
    url = _split(text)
    return url is not None and url.scheme == "http" and not _is_private(url.hostname or "")


def has_secret(token: SecretStr | None, headers: Mapping[str, SecretStr] | None = None) -> bool:
    """Tell whether a token, or a header that looks like one, is given."""
    if headers:
        return any(_SECRET_HEADER.search(name) and headers[name] for name in headers)
    return token is not None and bool(token.get_secret_value())


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text.strip())
        _ = url.port  # raises for a port that is no number
    except ValueError:
        return None
    return url


def _is_private(host: str) -> bool:
    host = host.rstrip(".").lower()
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        # A name without a dot, such as `gpu-1`, is resolved inside the own network only.
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return address.is_private or address.is_loopback or address.is_link_local
