"""The `serverSideConfig` of a provider, as people write it: one class per type."""

from collections.abc import Mapping
from functools import partial

from pydantic import SecretStr

from config.shapes import Flag, ListOf, Node, RecordOf, Tagged, Text, TextMap, key, node

_key = partial(key, seen_by="server")

_BEARER = (
    "The access token, sent as `Authorization: Bearer ...`; may be `${env:NAME}` or `${file:PATH}`."
)
_SECRET = Text(secret=True)


@node
class BasicAuthNode(Node):
    """User name and password of a token request."""

    username: str | None = _key("username", Text(), "The user name.")
    password: SecretStr | None = _key("password", _SECRET, "The password.")


@node
class AccessTokenQueryNode(Node):
    """A request whose answer is the access token."""

    url: str | None = _key("url", Text(), "Where to ask for a token.", required=True)
    method: str = _key("method", Text(), "The HTTP method.", default="GET")
    headers: Mapping[str, SecretStr] | None = _key(
        "headers", TextMap(secret=True), "Headers of the token request."
    )
    basic_auth: BasicAuthNode | None = _key(
        "basicAuth", RecordOf(BasicAuthNode), "User name and password to send."
    )
    form_data: Mapping[str, SecretStr] | None = _key(
        "formData", TextMap(secret=True), "Form fields to post."
    )
    query_params: Mapping[str, SecretStr] | None = _key(
        "queryParams", TextMap(secret=True), "Query parameters to add."
    )


_QUERY = RecordOf(AccessTokenQueryNode)
_QUERY_DOC = "A request that answers with the token; ignored when `accessToken` is set."


@node
class EndpointNode(Node):
    """One address of an OpenAI-compatible server."""

    url: str | None = _key(
        "url",
        Text(),
        "The base address of the server, for example `http://localhost:8000/v1`.",
        required=True,
    )
    access_token: SecretStr | None = _key("accessToken", _SECRET, _BEARER)
    access_token_query: AccessTokenQueryNode | None = _key("accessTokenQuery", _QUERY, _QUERY_DOC)
    headers: Mapping[str, SecretStr] | None = _key(
        "headers",
        TextMap(secret=True),
        "Headers to send instead of the token; values may be `${env:NAME}` or `${file:PATH}`.",
    )


@node
class OpenAICompatibleNode(Node):
    """Any server that speaks the OpenAI API."""

    endpoints: tuple[EndpointNode, ...] = _key(
        "endpoints",
        ListOf(RecordOf(EndpointNode)),
        "The addresses that serve this provider's models.",
        required=True,
    )
    enable_verbose_logs: bool = _key(
        "enableVerboseLogs",
        Flag(),
        "Whether prompts and answers may be written to the log.",
        default=False,
    )
    use_legacy_completions: bool = _key(
        "useLegacyCompletions",
        Flag(),
        "Whether code completion uses `/completions`; false sends it to `/chat/completions`.",
        default=True,
    )
    fim_route: str | None = _key(
        "fimRoute",
        Text(("infill", "suffix", "tokens", "chat")),
        "How code completion asks for the text between two others; Foretype's own key. Left out, "
        "it is learned from the server's answers. `infill`: llama.cpp's `/infill`; `suffix`: "
        "`suffix` beside the prompt; `tokens`: special tokens in the prompt; `chat`: a "
        "conversation.",
    )


@node
class VendorNode(Node):
    """A vendor reached at one endpoint with a token that must be given."""

    endpoint: str | None = _key("endpoint", Text(), "The address of the API.", required=True)
    access_token: SecretStr | None = _key("accessToken", _SECRET, _BEARER, required=True)


@node
class AnthropicNode(Node):
    """Anthropic."""

    endpoint: str | None = _key("endpoint", Text(), "The address of the API.", required=True)
    access_token: SecretStr | None = _key("accessToken", _SECRET, _BEARER)
    access_token_query: AccessTokenQueryNode | None = _key("accessTokenQuery", _QUERY, _QUERY_DOC)


@node
class WorkloadIdentityNode(Node):
    """Google credentials without a token."""

    credentials_file: str | None = _key(
        "credentialsFile", Text(), "The path of a credentials file."
    )
    credentials_json: SecretStr | None = _key(
        "credentialsJSON", _SECRET, "A credentials file's content in base64."
    )


@node
class GoogleNode(Node):
    """Google Gemini or Vertex AI."""

    endpoint: str | None = _key("endpoint", Text(), "The address of the API.", required=True)
    access_token: SecretStr | None = _key("accessToken", _SECRET, _BEARER)
    workload_identity: WorkloadIdentityNode | None = _key(
        "googleWorkloadIdentityConfig",
        RecordOf(WorkloadIdentityNode),
        "Credentials to use instead of a token; with neither, the machine's own are used.",
    )


@node
class AzureOpenAINode(Node):
    """Azure OpenAI."""

    endpoint: str | None = _key("endpoint", Text(), "The address of the resource.", required=True)
    access_token: SecretStr | None = _key(
        "accessToken", _SECRET, "The API key; blank for a managed identity."
    )
    access_token_query: AccessTokenQueryNode | None = _key("accessTokenQuery", _QUERY, _QUERY_DOC)
    user: str = _key("user", Text(), "The user name to report; may be blank.", default="")
    use_deprecated_completions_api: bool = _key(
        "useDeprecatedCompletionsAPI",
        Flag(),
        "Whether code completion uses the older completions API.",
        default=False,
    )
    api_version: str | None = _key(
        "apiVersion", Text(), "The API version; leave it out unless asked to."
    )


@node
class AwsBedrockNode(Node):
    """Amazon Bedrock."""

    endpoint: str | None = _key(
        "endpoint", Text(), "A region name, or the URL of a VPC endpoint.", required=True
    )
    region: str | None = _key("region", Text(), "The AWS region.", required=True)
    access_token: SecretStr | None = _key(
        "accessToken",
        _SECRET,
        "Written `KEY:SECRET` or `KEY:SECRET:SESSION`; blank for the machine's own credentials.",
    )
    access_token_query: AccessTokenQueryNode | None = _key("accessTokenQuery", _QUERY, _QUERY_DOC)
    auth_method: str = _key(
        "authMethod", Text(("AWS", "direct")), "How requests are signed.", default="AWS"
    )
    url_builder: str = _key(
        "urlBuilder", Text(("AWS", "direct")), "How addresses are built.", default="AWS"
    )


@node
class SourcegraphServerNode(VendorNode):
    """A Sourcegraph gateway."""


@node
class OpenAINode(VendorNode):
    """OpenAI."""


@node
class FireworksNode(VendorNode):
    """Fireworks."""


PROVIDER_SERVER = Tagged(
    {
        "openaicompatible": OpenAICompatibleNode,
        "huggingface-tgi": OpenAICompatibleNode,
        "sourcegraph": SourcegraphServerNode,
        "openai": OpenAINode,
        "fireworks": FireworksNode,
        "google": GoogleNode,
        "anthropic": AnthropicNode,
        "azureOpenAI": AzureOpenAINode,
        "awsBedrock": AwsBedrockNode,
    },
    code="provider-type",
)
