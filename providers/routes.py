"""Where the requests for a model go: URLs, headers and the model's name there."""

from dataclasses import dataclass

from pydantic import SecretStr

from config.rendered import FimRoute, Model, Provider
from providers.addresses import Address, addresses_of
from providers.dialects import only_chats
from providers.secrecy import Place
from providers.server_kinds import UNKNOWN, ServerKind
from providers.system_role import stated_system_role


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one model at one endpoint."""

    address: Address
    model_ref: str
    model_name: SecretStr
    """The name sent as `model`; it may be the secret `apiModel`."""
    is_model_name_secret: bool = False
    has_completions: bool = True
    """False: code completion goes through `/chat/completions`."""
    fim_route: FimRoute = "tokens"
    """How the text of a gap is asked for."""
    system_role: bool | None = None
    """Whether messages of the role `system` are taken; None: yes, until they are refused."""
    server: ServerKind = UNKNOWN

    @property
    def provider_id(self) -> str:
        """The provider the model belongs to."""
        return self.address.provider_id

    def url_of(self, operation: str) -> str:
        """Return the URL of `completions`, `infill` or `chat`."""
        urls = {"completions": self.completions_url, "infill": self.infill_url}
        return urls.get(operation, self.chat_url)

    @property
    def completions_url(self) -> str:
        """Where a prompt is continued."""
        return self.address.base.operation("/completions")

    @property
    def chat_url(self) -> str:
        """Where a conversation is continued."""
        return self.address.base.operation("/chat/completions")

    @property
    def infill_url(self) -> str:
        """Where llama.cpp fills gaps: beside `/v1`, not in it."""
        return self.address.base.at_root("/infill")

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


def routes_for(provider: Provider, model: Model) -> tuple[Route, ...]:
    """Return the ways to a model, one per endpoint; `ConfigurationError` when there is none."""
    return tuple(route_to(address, model) for address in addresses_of(provider))


def route_to(address: Address, model: Model) -> Route:
    """Return the way to a model at one endpoint."""
    name, is_secret = _name_at(address, model)
    has_completions = address.has_completions and not only_chats(address.dialect, model)
    return Route(
        address,
        str(model.model_ref),
        SecretStr(name),
        is_secret,
        has_completions,
        system_role=stated_system_role(model),
    )


def _name_at(address: Address, model: Model) -> tuple[str, bool]:
    if address.names_models_by_ref:
        return str(model.model_ref), False
    arn = model.arn.get_secret_value() if model.arn else ""
    if address.dialect.uses_arn and arn:
        return arn, True
    return model.name_for_api, bool(model.api_model and model.api_model.get_secret_value())
