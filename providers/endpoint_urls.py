"""The one rule by which an endpoint's URL becomes the URL of each operation."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

logger = logging.getLogger(__name__)

# People paste the URL of an operation where the base is meant. Longest first.
_OPERATIONS = ("/chat/completions", "/completions", "/models", "/infill")


class BadUrlError(ValueError):
    """The URL cannot be an endpoint; the text says why and holds no part of the URL."""


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """The part of an endpoint's URL that all its operations share."""

    scheme: str
    host_and_port: str
    path: str
    query: str = ""

    def operation(self, path: str) -> str:
        """Return the URL of one operation, such as `/chat/completions`; the query is kept."""
        return urlunsplit((self.scheme, self.host_and_port, self.path + path, self.query, ""))

    def at_root(self, path: str) -> str:
        """Return a URL beside `/v1`, where servers have what is not OpenAI's."""
        root = self.path.removesuffix("/v1")
        return urlunsplit((self.scheme, self.host_and_port, root + path, self.query, ""))

    def __str__(self) -> str:
        """Return the URL as it may be shown: without its query, which can hold a key."""
        return _without_query(self.scheme, self.host_and_port, self.path)


@lru_cache(maxsize=64)
def _without_query(scheme: str, host_and_port: str, path: str) -> str:
    # Each request says several times where it goes.
    return urlunsplit((scheme, host_and_port, path, "", ""))


def endpoint_base(url: str) -> BaseUrl:
    """Return the base of an OpenAI-compatible endpoint; `BadUrlError` says what is wrong."""
    parts = split_url(url)
    path = bare_path(parts.path)
    base = BaseUrl(parts.scheme, parts.netloc, path or "/v1", parts.query)
    if not path:
        _note_added_path(str(base))
    return base


def gateway_base(url: str) -> BaseUrl:
    """Return where a gateway answers: `/v1` beside its .json document, else `/.api/llm`."""
    parts = split_url(url)
    path = parts.path.rstrip("/")
    if is_document_url(url):
        path = path.rpartition("/")[0] + "/v1"
    else:
        path += "/.api/llm"
    return BaseUrl(parts.scheme, parts.netloc, path, parts.query)


def bare_path(path: str) -> str:
    """Return a path without the operation at its end and without slashes there."""
    path = path.rstrip("/")
    for operation in _OPERATIONS:
        if path.endswith(operation):
            return path.removesuffix(operation).rstrip("/")
    return path


def is_document_url(url: str) -> bool:
    """Tell whether a gateway's URL names its .json document, not a Sourcegraph instance."""
    return urlsplit(url.strip()).path.rstrip("/").endswith(".json")


def split_url(url: str) -> SplitResult:
    """Split an http(s) URL on its raw path (`%2F` stays); `BadUrlError` says what is wrong."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadUrlError("the URL cannot be read") from error
    if parts.scheme not in {"http", "https"}:
        raise BadUrlError("the URL must begin with http:// or https://")
    if not host:
        raise BadUrlError("the URL names no host")
    if "@" in parts.netloc:
        raise BadUrlError("the URL must not hold a user name or password; use accessToken")
    if "#" in text:
        raise BadUrlError("the URL must not hold a fragment (#)")
    if any(char.isspace() or not char.isprintable() for char in text):
        raise BadUrlError("the URL must not hold spaces")
    return parts


def shown_url(url: str) -> str:
    """Return any URL without user-info, query and fragment, for errors and logs."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "a URL that cannot be read"
    # Without `//`, as in `user:password@host`, everything is taken for the path.
    path = parts.path if parts.netloc else parts.path.rpartition("@")[2]
    scheme = parts.scheme if path == parts.path else ""
    return urlunsplit((scheme, parts.netloc.rpartition("@")[2], path, "", ""))


@lru_cache(maxsize=64)
def _note_added_path(shown: str) -> None:
    # Cached so that it is said once per endpoint.
    logger.info("endpoint URL has no path, using %s", shown)
