"""The endpoints of a provider, whatever its type: URL, headers and what is known of the server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import unquote

from pydantic import SecretStr

from config.headers import header_fault
from config.rendered import (
    AccessTokenQuery,
    AwsBedrockProvider,
    AzureOpenAIProvider,
    Endpoint,
    FimRoute,
    GatewayProvider,
    GenericProvider,
    OpenAICompatibleProvider,
    Provider,
)
from providers.dialects import COMPATIBLE, Dialect
from providers.endpoint_urls import (
    BadUrlError,
    BaseUrl,
    endpoint_base,
    gateway_base,
    is_document_url,
    shown_url,
)
from providers.errors import ConfigurationError, configuration_error
from providers.secrecy import Place, secrets_in
from providers.vendors import (
    BEDROCK,
    GOOGLE,
    VENDORS,
    Vendor,
    azure_base,
    azure_vendor,
    bedrock_base,
    is_own_host,
    is_vertex,
    vendor_base,
    vertex_base,
)

# Shorter values of a query are words, such as `true`.
_SHORTEST_KEY = 8

Headers = tuple[tuple[str, SecretStr], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """One endpoint of a provider, whatever the model; equal addresses share connections."""

    provider_id: str
    base: BaseUrl
    headers: Headers = ()
    is_verbose: bool = False
    has_completions: bool = True
    """False: code completion, too, goes through `/chat/completions`."""
    names_models_by_ref: bool = False
    """A Sourcegraph instance expects the whole model reference as the name."""
    dialect: Dialect = COMPATIBLE
    fim_route: FimRoute | None = None
    """How gaps are filled there, where somebody has said so."""
    hidden: tuple[SecretStr, ...] = field(default=(), repr=False)
    """The secrets of the whole provider, also those that are not sent here."""

    @property
    def shown_url(self) -> str:
        """The URL without its query."""
        return str(self.base)

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """Every value that must not be said aloud."""
        return (*(value for _, value in self.headers), *self.hidden, *keys_in(self.base.query))


@dataclass(frozen=True, slots=True)
class BrokenEndpoint:
    """An endpoint that cannot be used as it is configured, and why."""

    provider_id: str
    shown_url: str
    error: ConfigurationError


def find_addresses(provider: Provider) -> tuple[Address | BrokenEndpoint, ...]:
    """Return the provider's endpoints in their order, those that cannot be used among them."""
    side = provider.server_side
    if isinstance(side, OpenAICompatibleProvider) and side.endpoints:
        return tuple(
            _checked(provider, endpoint.url, partial(_compatible, provider.id, side, endpoint))
            for endpoint in side.endpoints
        )
    written = getattr(side, "endpoint", "")
    return (_checked(provider, written, partial(_only_address, provider)),)


def addresses_of(provider: Provider) -> tuple[Address, ...]:
    """Return the provider's endpoints that work; `ConfigurationError` when it has none."""
    found = find_addresses(provider)
    working = tuple(one for one in found if isinstance(one, Address))
    if not working:
        raise next(one.error for one in found if isinstance(one, BrokenEndpoint))
    return working


def endpoint_address(provider_id: str, endpoint: Endpoint) -> Address:
    """Return one OpenAI-compatible endpoint as an address."""
    place = Place(provider_id, shown_url(endpoint.url))
    base = _base(place, lambda: endpoint_base(endpoint.url))
    if endpoint.headers is None:
        _check_no_query(place, endpoint.access_token, endpoint.access_token_query)
        headers = bearer(endpoint.access_token)
    else:
        headers = tuple((name, _stripped(value)) for name, value in endpoint.headers.items())
    check_headers(place, headers)
    return Address(provider_id, base, headers, hidden=secrets_in(endpoint))


def bearer(token: SecretStr | None, scheme: str = "Bearer") -> Headers:
    """Return the Authorization header for a token, and none without one."""
    value = token.get_secret_value().strip() if token else ""
    return (("Authorization", SecretStr(f"{scheme} {value}")),) if value else ()


def _stripped(value: SecretStr) -> SecretStr:
    return SecretStr(value.get_secret_value().strip())


def check_headers(place: Place, headers: Headers) -> None:
    """Raise `ConfigurationError` for header values that cannot be sent, without quoting them."""
    # Checked here because httpx and h11 quote what they reject, and this is where tokens are.
    for name, value in headers:
        if (fault := header_fault(name, value.get_secret_value())) is not None:
            raise configuration_error(place, fault)


def keys_in(query: str) -> Iterator[SecretStr]:
    """Yield what may be a key in the query of a URL."""
    # Servers quote the URL they were asked at, as it was sent or decoded.
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if len(value) >= _SHORTEST_KEY and name != "api-version":
            yield SecretStr(value)
            yield SecretStr(unquote(value))


def _checked(
    provider: Provider, url: str, address: Callable[[], Address]
) -> Address | BrokenEndpoint:
    try:
        return replace(address(), hidden=secrets_in(provider))
    except ConfigurationError as error:
        return BrokenEndpoint(provider.id, shown_url(url), error)


def _only_address(provider: Provider) -> Address:
    side = provider.server_side
    match side:
        case GatewayProvider():
            return _gateway(provider.id, side)
        case GenericProvider():
            return _generic(provider.id, side)
        case AzureOpenAIProvider():
            return _azure(provider.id, side)
        case AwsBedrockProvider():
            return _bedrock(provider.id, side)
    cause = "it has no endpoint" if side else "it has no serverSideConfig that says where it is"
    raise configuration_error(Place(provider.id, ""), cause)


def _compatible(provider_id: str, side: OpenAICompatibleProvider, endpoint: Endpoint) -> Address:
    plain = endpoint_address(provider_id, endpoint)
    return Address(
        provider_id,
        plain.base,
        plain.headers,
        is_verbose=side.enable_verbose_logs,
        has_completions=side.use_legacy_completions,
        fim_route=side.fim_route,
    )


def _gateway(provider_id: str, side: GatewayProvider) -> Address:
    place = Place(provider_id, shown_url(side.endpoint))
    if not side.endpoint.strip():
        cause = 'it is reached through a gateway, write its address as "sourcegraph.endpoint"'
        raise configuration_error(place, cause)
    base = _base(place, lambda: gateway_base(side.endpoint))
    headers = bearer(side.access_token)
    check_headers(place, headers)
    is_document = is_document_url(side.endpoint)
    # A Sourcegraph instance has /.api/llm/chat/completions only (5.9 and later).
    return Address(
        provider_id,
        base,
        headers,
        has_completions=is_document,
        names_models_by_ref=not is_document,
    )


def _generic(provider_id: str, side: GenericProvider) -> Address:
    vendor = VENDORS[side.service_name]
    place = Place(provider_id, shown_url(side.endpoint))
    _check_no_query(place, side.access_token, side.access_token_query)
    base = _base(place, lambda: vendor_base(vendor, side.endpoint))
    headers = bearer(side.access_token)
    if vendor is GOOGLE and is_vertex(side.endpoint):
        base = _base(place, lambda: vertex_base(side.endpoint))
        if not headers:
            cause = "Vertex AI takes OAuth tokens only and none can be made from application "
            cause += f"default credentials, write one as accessToken or use {vendor.key} at "
            raise configuration_error(place, f"{cause}https://{vendor.host}")
    elif not headers and (is_own_host(vendor, side.endpoint) or side.google_workload_identity):
        raise configuration_error(place, f"it has no accessToken, write {vendor.key}")
    return _of_vendor(place, vendor, base, headers)


def _azure(provider_id: str, side: AzureOpenAIProvider) -> Address:
    place = Place(provider_id, shown_url(side.endpoint))
    _check_no_query(place, side.access_token, side.access_token_query)
    base = _base(place, lambda: azure_base(side.endpoint, side.api_version))
    key = side.access_token.get_secret_value().strip() if side.access_token else ""
    vendor = azure_vendor(side.user, has_completions=side.use_deprecated_completions_api)
    if not key:
        cause = f"managed identities are not supported, write {vendor.key} as accessToken"
        raise configuration_error(place, cause)
    return _of_vendor(place, vendor, base, (("api-key", SecretStr(key)),))


def _bedrock(provider_id: str, side: AwsBedrockProvider) -> Address:
    place = Place(provider_id, shown_url(side.endpoint))
    _check_no_query(place, side.access_token, side.access_token_query)
    is_direct = side.url_builder == "direct"
    base = _base(place, lambda: bedrock_base(side.endpoint, side.region, is_direct=is_direct))
    key = side.access_token.get_secret_value().strip() if side.access_token else ""
    advice = f"create {BEDROCK.key} in the AWS console and write that as accessToken"
    if not key:
        cause = f"AWS credentials of the environment are not supported, {advice}"
        raise configuration_error(place, cause)
    if ":" in key and side.auth_method != "direct":
        cause = f"requests are not signed, so access keys (KEY:SECRET) do not work, {advice}"
        raise configuration_error(place, cause)
    return _of_vendor(place, BEDROCK, base, bearer(side.access_token))


def _of_vendor(place: Place, vendor: Vendor, base: BaseUrl, headers: Headers) -> Address:
    check_headers(place, headers)
    return Address(
        place.provider_id,
        base,
        headers,
        has_completions=vendor.has_completions,
        dialect=vendor.dialect,
    )


def _base(place: Place, find: Callable[[], BaseUrl]) -> BaseUrl:
    try:
        return find()
    except BadUrlError as error:
        raise configuration_error(place, str(error)) from error


def _check_no_query(place: Place, token: SecretStr | None, query: AccessTokenQuery | None) -> None:
    # Going on without would send code with no token, to whoever answers then.
    if query is not None and not (token and token.get_secret_value().strip()):
        cause = "accessTokenQuery is not supported, write the token itself as accessToken"
        raise configuration_error(place, cause)
