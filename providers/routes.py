"""Where the requests for a model go: URLs, headers and the model's name there."""

import re
from dataclasses import dataclass

from pydantic import SecretStr

from config.rendered import (
    Endpoint,
    GatewayProvider,
    Model,
    OpenAICompatibleProvider,
    Provider,
)
from providers.endpoint_urls import (
    BadUrlError,
    BaseUrl,
    endpoint_base,
    gateway_base,
    is_document_url,
    shown_url,
)
from providers.errors import configuration_error
from providers.secrecy import Place

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

    @property
    def shown_url(self) -> str:
        """The URL without its query."""
        return str(self.base)

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """Every value that must not be said aloud."""
        return tuple(value for _, value in self.headers)


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one model at one endpoint."""

    address: Address
    model_ref: str
    model_name: SecretStr
    """The name sent as `model`; it may be the secret `apiModel`."""
    is_model_name_secret: bool = False

    @property
    def provider_id(self) -> str:
        """The provider the model belongs to."""
        return self.address.provider_id

    @property
    def completions_url(self) -> str:
        """Where a prompt is continued."""
        return self.address.base.operation("/completions")

    @property
    def chat_url(self) -> str:
        """Where a conversation is continued."""
        return self.address.base.operation("/chat/completions")

    @property
    def place(self) -> Place:
        """This route as errors and logs may name it."""
        hidden = (self.model_name,) if self.is_model_name_secret else ()
        return Place(
            self.provider_id,
            self.address.shown_url,
            self.model_ref,
            self.address.secrets + hidden,
        )


def addresses_of(provider: Provider) -> tuple[Address, ...]:
    """Return the provider's endpoints; `ConfigurationError` when it has none that work."""
    side = provider.server_side
    if isinstance(side, OpenAICompatibleProvider):
        if not side.endpoints:
            raise configuration_error(Place(provider.id, ""), "it has no endpoint")
        return tuple(_compatible(provider.id, side, endpoint) for endpoint in side.endpoints)
    if isinstance(side, GatewayProvider):
        return (_gateway(provider.id, side),)
    place = Place(provider.id, "")
    if side is None:
        raise configuration_error(place, "it has no serverSideConfig that says where it is")
    raise configuration_error(place, f"{type(side).__name__} is not supported yet")


def routes_for(provider: Provider, model: Model) -> tuple[Route, ...]:
    """Return the ways to a model, one per endpoint; `ConfigurationError` when there is none."""
    return tuple(route_to(address, model) for address in addresses_of(provider))


def route_to(address: Address, model: Model) -> Route:
    """Return the way to a model at one endpoint."""
    ref = str(model.model_ref)
    if address.names_models_by_ref:
        return Route(address, ref, SecretStr(ref))
    is_secret = bool(model.api_model and model.api_model.get_secret_value())
    return Route(address, ref, SecretStr(model.name_for_api), is_secret)


def endpoint_address(provider_id: str, endpoint: Endpoint) -> Address:
    """Return one OpenAI-compatible endpoint as an address."""
    try:
        base = endpoint_base(endpoint.url)
    except BadUrlError as error:
        place = Place(provider_id, shown_url(endpoint.url))
        raise configuration_error(place, str(error)) from error
    if endpoint.headers is None:
        headers = bearer(endpoint.access_token)
    else:
        headers = tuple(endpoint.headers.items())
    check_headers(Place(provider_id, str(base)), headers)
    return Address(provider_id, base, headers)


def bearer(token: SecretStr | None, scheme: str = "Bearer") -> Headers:
    """Return the Authorization header for a token, and none without one."""
    value = token.get_secret_value().strip() if token else ""
    return (("Authorization", SecretStr(f"{scheme} {value}")),) if value else ()


def _compatible(provider_id: str, side: OpenAICompatibleProvider, endpoint: Endpoint) -> Address:
    plain = endpoint_address(provider_id, endpoint)
    return Address(
        provider_id,
        plain.base,
        plain.headers,
        is_verbose=side.enable_verbose_logs,
        has_completions=side.use_legacy_completions,
    )


def _gateway(provider_id: str, side: GatewayProvider) -> Address:
    try:
        base = gateway_base(side.endpoint)
    except BadUrlError as error:
        place = Place(provider_id, shown_url(side.endpoint))
        raise configuration_error(place, str(error)) from error
    headers = bearer(side.access_token)
    check_headers(Place(provider_id, str(base)), headers)
    is_document = is_document_url(side.endpoint)
    # A Sourcegraph instance has /.api/llm/chat/completions only (5.9 and later).
    return Address(
        provider_id,
        base,
        headers,
        has_completions=is_document,
        names_models_by_ref=not is_document,
    )


def check_headers(place: Place, headers: Headers) -> None:
    """Raise `ConfigurationError` for header values that cannot be sent, without quoting them."""
    # Checked here because httpx and h11 quote what they reject, and this is where tokens are.
    for name, value in headers:
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
            raise configuration_error(place, "a header has a name that HTTP does not allow")
        if not re.fullmatch(r"[\x20-\x7e\t]*", value.get_secret_value()):
            text = f"the value of header {name} has characters that HTTP does not allow"
            raise configuration_error(place, text)
