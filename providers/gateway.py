"""Fetches the model configuration that a gateway hands out."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlunsplit

from pydantic import SecretStr

from providers.addresses import Headers, bearer, check_headers, keys_in
from providers.endpoint_urls import BadUrlError, is_document_url, shown_url, split_url
from providers.errors import ProviderError, configuration_error, refused
from providers.fetching import NO_MARKS, Fetched, Marks, fetch_document
from providers.secrecy import Place

_DOCUMENT_PATH = "/.api/modelconfig/supported-models.json"

_LIMIT_BYTES = 16 * 1024 * 1024

_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class GatewayDocument:
    """The rendered document as a gateway sent it, decoded, and how the gateway recognises it."""

    value: object = field(repr=False)
    marks: Marks = NO_MARKS


@dataclass(frozen=True, slots=True)
class Changed:
    """There is a document that was not known."""

    document: GatewayDocument


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The known document is still the gateway's."""

    document: GatewayDocument


@dataclass(frozen=True, slots=True)
class Failed:
    """The gateway could not be asked; `last_good` is what to go on with, if there is anything."""

    error: ProviderError
    last_good: GatewayDocument | None = None


GatewayAnswer = Changed | Unchanged | Failed


async def fetch_base(endpoint: str, token: SecretStr | None) -> object:
    """Return the decoded rendered document of a gateway; `ProviderError` says what went wrong."""
    answer = await ask_gateway(endpoint, token)
    if isinstance(answer, Failed):
        raise answer.error
    return answer.document.value


async def ask_gateway(
    endpoint: str,
    token: SecretStr | None,
    known: GatewayDocument | None = None,
    *,
    timeout_s: float = _TIMEOUT_S,
) -> GatewayAnswer:
    """Ask a gateway for its document, or whether the `known` one is still that; never raises."""
    secrets = (*((token,) if token else ()), *keys_in(endpoint.partition("?")[2]))
    place = Place("sourcegraph", shown_url(endpoint), secrets=secrets, is_gateway=True)
    try:
        url, headers = _request(place, endpoint, token)
        fetched = await fetch_document(
            place,
            url,
            headers,
            limit_bytes=_LIMIT_BYTES,
            timeout_s=timeout_s,
            known=known.marks if known else NO_MARKS,
        )
        return _compared(place, fetched, known)
    except ProviderError as error:
        return Failed(error, known)


def _request(place: Place, endpoint: str, token: SecretStr | None) -> tuple[str, Headers]:
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
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")), headers


def _compared(
    place: Place, fetched: Fetched | None, known: GatewayDocument | None
) -> Changed | Unchanged:
    if fetched is None and known is not None:
        return Unchanged(known)
    value = fetched.value if fetched else None
    if fetched is None or not isinstance(value, dict):
        raise refused(place, "server", "it sent JSON that is no configuration document")
    # A Sourcegraph instance offers no marks, so its answer is compared.
    if known is not None and known.value == value:
        return Unchanged(replace(known, marks=fetched.marks))
    return Changed(GatewayDocument(value, fetched.marks))
