"""The configuration as the program reads it, and as a gateway sends it.

Field names are those of the format's rendered document (JSON: camelCase). Everything is frozen.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, SecretStr
from pydantic.alias_generators import to_camel

from config.model_ref import ModelRef


class Rendered(BaseModel):
    """Root of the rendered types: frozen, camelCase in JSON, unknown keys tolerated."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )


def _parse_ref(value: object) -> object:
    return ModelRef.parse(value) if isinstance(value, str) else value


Ref = Annotated[ModelRef, BeforeValidator(_parse_ref), PlainSerializer(str, return_type=str)]


class BasicAuth(Rendered):
    """A user name and a password."""

    username: str = ""
    password: SecretStr | None = None


class AccessTokenQuery(Rendered):
    """A request that answers with an access token."""

    url: str
    method: str = "GET"
    headers: dict[str, SecretStr] | None = None
    basic_auth: BasicAuth | None = None
    form_data: dict[str, SecretStr] | None = None
    query_params: dict[str, SecretStr] | None = None


class Endpoint(Rendered):
    """One address of an OpenAI-compatible server; `headers`, when given, replaces the token."""

    url: str
    access_token: SecretStr | None = None
    headers: dict[str, SecretStr] | None = None
    access_token_query: AccessTokenQuery | None = None


FimRoute = Literal["infill", "suffix", "tokens", "chat"]
"""How the text of a gap is asked for (`providers/server_kinds.py`)."""


class OpenAICompatibleProvider(Rendered):
    """TGI or any OpenAI-compatible server, at one or several addresses."""

    endpoints: tuple[Endpoint, ...]
    enable_verbose_logs: bool = False
    use_legacy_completions: bool = True
    fim_route: FimRoute | None = None


class AzureOpenAIProvider(Rendered):
    """Azure OpenAI."""

    endpoint: str
    access_token: SecretStr | None = None
    user: str = ""
    use_deprecated_completions_api: bool = False
    access_token_query: AccessTokenQuery | None = None
    api_version: str | None = None


class AwsBedrockProvider(Rendered):
    """Amazon Bedrock."""

    endpoint: str
    region: str
    access_token: SecretStr | None = None
    access_token_query: AccessTokenQuery | None = None
    auth_method: str = "AWS"
    url_builder: str = "AWS"


class GoogleWorkloadIdentity(Rendered):
    """Google credentials without a token: a file, or its content in base64."""

    credentials_file: str | None = None
    credentials_json: SecretStr | None = None


class GenericProvider(Rendered):
    """A vendor reached at one endpoint with one token."""

    service_name: Literal["anthropic", "fireworks", "google", "openai"]
    endpoint: str
    access_token: SecretStr | None = None
    access_token_query: AccessTokenQuery | None = None
    google_workload_identity: GoogleWorkloadIdentity | None = None


class GatewayProvider(Rendered):
    """A provider reached through the gateway whose address is `endpoint`, as the user wrote it.

    It is a Sourcegraph instance or the URL of a rendered document; blank when no address is given.
    """

    endpoint: str
    access_token: SecretStr | None = None


ProviderServerSide = (
    OpenAICompatibleProvider
    | AzureOpenAIProvider
    | AwsBedrockProvider
    | GenericProvider
    | GatewayProvider
)


class Provider(Rendered):
    """A namespace of models and how to reach them; `server_side` never leaves this process."""

    id: str
    display_name: str = ""
    server_side: ProviderServerSide | None = None


class ContextWindow(Rendered):
    """Limits in tokens."""

    max_input_tokens: int
    max_output_tokens: int
    max_user_input_tokens: int | None = None

    def left_for_prompt(self, max_tokens: int) -> int:
        """Tokens for a prompt whose answer may take `max_tokens`; never below half the window.

        Many write the server's whole window as that of the prompt: the answer has to fit in, too.
        """
        return max(self.max_input_tokens - max_tokens, self.max_input_tokens // 2)


class Knobs(Rendered):
    """`clientSideConfig.openAICompatible`: prompt and sampling knobs of a model; times in ms."""

    stop_sequences: tuple[str, ...] | None = None
    end_of_text: str | None = None
    context_size_hint_total_characters: int | None = None
    context_size_hint_prefix_characters: int | None = None
    context_size_hint_suffix_characters: int | None = None
    chat_pre_instruction: str | None = None
    edit_post_instruction: str | None = None
    autocomplete_singleline_timeout: int | None = None
    autocomplete_multiline_timeout: int | None = None
    chat_top_k: float | None = None
    chat_top_p: float | None = None
    chat_temperature: float | None = None
    chat_max_tokens: int | None = None
    auto_complete_top_k: float | None = None
    auto_complete_top_p: float | None = None
    auto_complete_temperature: float | None = None
    auto_complete_singleline_max_tokens: int | None = None
    auto_complete_multiline_max_tokens: int | None = None
    edit_top_k: float | None = None
    edit_top_p: float | None = None
    edit_temperature: float | None = None
    edit_max_tokens: int | None = None


class ModelCost(Rendered):
    """What a model costs per unit of tokens; kept, not acted on."""

    unit: str = ""
    input_token_credits: float | None = None
    output_token_credits: float | None = None
    input_token_pennies: float | None = None
    output_token_pennies: float | None = None


class Model(Rendered):
    """One model. `api_model` is server side and may be secret; `name_for_api` is what is sent."""

    model_ref: Ref
    display_name: str = ""
    model_name: str = ""
    capabilities: tuple[str, ...] = ()
    category: str = ""
    status: str = ""
    tier: str = ""
    context_window: ContextWindow
    reasoning_effort: str | None = None
    knobs: Knobs | None = None
    model_cost: ModelCost | None = None
    api_model: SecretStr | None = None
    fim_family: str | None = None
    """One of `FIM_FAMILIES`; None leaves it to the model's names."""
    system_role: bool | None = None
    """Whether it takes messages of the role `system`; None leaves it to names and answers."""
    arn: SecretStr | None = None
    latency_optimization: str | None = None

    @property
    def name_for_api(self) -> str:
        """The model name to send: `apiModel`, else `modelName`, else the reference's last part."""
        secret = self.api_model.get_secret_value() if self.api_model else ""
        return secret or self.model_name or self.model_ref.model_id


class DefaultModels(Rendered):
    """The model of each feature; None switches the feature off."""

    chat: Ref | None = None
    fast_chat: Ref | None = None
    code_completion: Ref | None = None
    fallback_chat: Ref | None = None


class ModelConfiguration(Rendered):
    """One whole configuration."""

    schema_version: str = "1.0"
    revision: str = "-"
    providers: tuple[Provider, ...] = ()
    models: tuple[Model, ...] = ()
    default_models: DefaultModels = DefaultModels()
    system_pre_instruction: str | None = None
