"""Fetches the model configuration that a gateway hands out."""

from urllib.parse import urlunsplit

from pydantic import SecretStr

from providers.addresses import bearer, check_headers
from providers.endpoint_urls import BadUrlError, is_document_url, shown_url, split_url
from providers.errors import configuration_error
from providers.fetching import fetch_json
from providers.secrecy import Place

_DOCUMENT_PATH = "/.api/modelconfig/supported-models.json"

_LIMIT_BYTES = 16 * 1024 * 1024

_TIMEOUT_S = 20.0


async def fetch_base(endpoint: str, token: SecretStr | None) -> object:
    """Return the decoded rendered document of a gateway; `ProviderError` says what went wrong."""
    place = Place("sourcegraph", shown_url(endpoint), secrets=(token,) if token else ())
    try:
        parts = split_url(endpoint)
    except BadUrlError as error:
        raise configuration_error(place, str(error)) from error
    # A document is fetched as it stands; Sourcegraph has an authorization scheme of its own.
    path, scheme = parts.path, "Bearer"
    if not is_document_url(endpoint):
        path, scheme = parts.path.rstrip("/") + _DOCUMENT_PATH, "token"
    headers = bearer(token, scheme)
    check_headers(place, headers)
    url = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
    return await fetch_json(place, url, headers, limit_bytes=_LIMIT_BYTES, timeout_s=_TIMEOUT_S)
