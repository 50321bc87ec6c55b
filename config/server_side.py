"""Turns a provider's written `serverSideConfig` into what the program uses, checking addresses."""

from collections.abc import Mapping
from typing import Literal

from pydantic import SecretStr

from config.addresses import address_fault, has_secret, is_plain_and_public
from config.document_servers import (
    AccessTokenQueryNode,
    AnthropicNode,
    AwsBedrockNode,
    AzureOpenAINode,
    EndpointNode,
    FireworksNode,
    GoogleNode,
    OpenAICompatibleNode,
    OpenAINode,
    SourcegraphServerNode,
)
from config.headers import header_fault
from config.problems import Problem, error, warning
from config.rendered import (
    AccessTokenQuery,
    AwsBedrockProvider,
    AzureOpenAIProvider,
    BasicAuth,
    Endpoint,
    FimRoute,
    GatewayProvider,
    GenericProvider,
    GoogleWorkloadIdentity,
    OpenAICompatibleProvider,
    ProviderServerSide,
)
from config.shapes import Node, child

ServiceName = Literal["anthropic", "fireworks", "google", "openai"]

_SERVICE_NAMES: dict[type[Node], ServiceName] = {
    AnthropicNode: "anthropic",
    FireworksNode: "fireworks",
    GoogleNode: "google",
    OpenAINode: "openai",
}


_FIM_ROUTES: dict[str, FimRoute] = {
    "infill": "infill",
    "suffix": "suffix",
    "tokens": "tokens",
    "chat": "chat",
}


def server_side(node: Node) -> tuple[ProviderServerSide | None, list[Problem]]:
    """Give the usable form of one provider's server side; None where a problem forbids it."""
    problems: list[Problem] = []
    match node:
        case OpenAICompatibleNode():
            return _openai_compatible(node, problems), problems
        case AwsBedrockNode():
            return _bedrock(node, problems), problems
        case AzureOpenAINode():
            return _azure(node, problems), problems
        case SourcegraphServerNode():
            _check_vendor(node, node.endpoint, node.access_token, problems)
            return GatewayProvider(
                endpoint=node.endpoint or "", access_token=node.access_token
            ), problems
        case AnthropicNode() | FireworksNode() | GoogleNode() | OpenAINode():
            return _generic(node, problems), problems
    return None, problems


def check_address(
    node: Node, name: str, address: str, problems: list[Problem], code: str = "endpoint-url"
) -> None:
    """Report an address that no request can be sent to."""
    fault = address_fault(address)
    if fault is not None:
        example = "for example http://localhost:8000/v1"
        problems.append(error(code, node.at(name), f"The address {fault}; write a URL, {example}."))


def check_insecure(
    node: Node, address: str, name: str, sends_secret: bool, problems: list[Problem]
) -> None:
    """Warn of a token that would travel unencrypted beyond the own network."""
    if sends_secret and is_plain_and_public(address):
        message = "This would be sent unencrypted over http:// to a public host; use https://."
        problems.append(warning("insecure-token", node.at(name), message))


def _check_headers(node: EndpointNode | AccessTokenQueryNode, problems: list[Problem]) -> None:
    """Report the headers that no request can be sent with, without quoting their values."""
    for name, value in (node.headers or {}).items():
        if (fault := header_fault(name, value.get_secret_value())) is not None:
            message = f"This cannot be sent: {fault}."
            problems.append(error("bad-header", child(node.at("headers"), name), message))


def _check_token(node: Node, token: SecretStr | None, problems: list[Problem]) -> None:
    """Report a token that no header can hold, or that brings along what is put before it."""
    text = token.get_secret_value().strip() if token else ""
    if text and header_fault("Authorization", text) is not None:
        message = "This cannot be sent: a token has visible ASCII characters only, on one line."
        problems.append(error("bad-header", node.at("accessToken"), message))
    elif text.casefold().startswith("bearer "):
        message = 'Write the token without "Bearer"; what belongs before it is put there.'
        problems.append(warning("token-scheme", node.at("accessToken"), message))


def _check_vendor(
    node: Node, endpoint: str | None, token: SecretStr | None, problems: list[Problem]
) -> None:
    _check_token(node, token, problems)
    if endpoint is None:
        return
    check_address(node, "endpoint", endpoint, problems)
    check_insecure(node, endpoint, "accessToken", has_secret(token), problems)


def _openai_compatible(
    node: OpenAICompatibleNode, problems: list[Problem]
) -> OpenAICompatibleProvider:
    if not node.endpoints and not node.is_faulty("endpoints"):
        message = 'At least one endpoint is needed; write [{"url": "http://localhost:8000/v1"}].'
        problems.append(error("endpoints-empty", node.at("endpoints"), message))
    return OpenAICompatibleProvider(
        endpoints=tuple(_endpoint(endpoint, problems) for endpoint in node.endpoints),
        enable_verbose_logs=node.enable_verbose_logs,
        use_legacy_completions=node.use_legacy_completions,
        fim_route=_FIM_ROUTES.get(node.fim_route or ""),
    )


def _endpoint(node: EndpointNode, problems: list[Problem]) -> Endpoint:
    _check_headers(node, problems)
    _check_token(node, node.access_token if node.headers is None else None, problems)
    if node.url is not None:
        check_address(node, "url", node.url, problems)
        secret_at = "headers" if node.headers else "accessToken"
        sends_secret = has_secret(node.access_token, node.headers)
        check_insecure(node, node.url, secret_at, sends_secret, problems)
    return Endpoint(
        url=(node.url or "").strip(),
        access_token=node.access_token,
        headers=_plain(node.headers),
        access_token_query=_query(node.access_token_query, problems),
    )


def _bedrock(node: AwsBedrockNode, problems: list[Problem]) -> AwsBedrockProvider:
    # A bare region name is an endpoint too, so only what looks like a URL is checked as one.
    if node.endpoint is not None and "/" in node.endpoint:
        _check_vendor(node, node.endpoint, node.access_token, problems)
    for name, given in (("endpoint", node.endpoint), ("region", node.region)):
        if given is not None and not given.strip():
            message = f'"{name}" is blank; write a region such as "us-west-2".'
            problems.append(error("missing-field", node.at(name), message))
    return AwsBedrockProvider(
        endpoint=node.endpoint or "",
        region=node.region or "",
        access_token=node.access_token,
        access_token_query=_query(node.access_token_query, problems),
        auth_method=node.auth_method,
        url_builder=node.url_builder,
    )


def _azure(node: AzureOpenAINode, problems: list[Problem]) -> AzureOpenAIProvider:
    _check_vendor(node, node.endpoint, node.access_token, problems)
    return AzureOpenAIProvider(
        endpoint=node.endpoint or "",
        access_token=node.access_token,
        user=node.user,
        use_deprecated_completions_api=node.use_deprecated_completions_api,
        access_token_query=_query(node.access_token_query, problems),
        api_version=node.api_version,
    )


def _generic(
    node: AnthropicNode | FireworksNode | GoogleNode | OpenAINode, problems: list[Problem]
) -> GenericProvider:
    _check_vendor(node, node.endpoint, node.access_token, problems)
    query = node.access_token_query if isinstance(node, AnthropicNode) else None
    identity = node.workload_identity if isinstance(node, GoogleNode) else None
    return GenericProvider(
        service_name=_SERVICE_NAMES[type(node)],
        endpoint=node.endpoint or "",
        access_token=node.access_token,
        access_token_query=_query(query, problems),
        google_workload_identity=identity
        and GoogleWorkloadIdentity(
            credentials_file=identity.credentials_file, credentials_json=identity.credentials_json
        ),
    )


def _query(node: AccessTokenQueryNode | None, problems: list[Problem]) -> AccessTokenQuery | None:
    if node is None or node.url is None:
        return None
    check_address(node, "url", node.url, problems)
    _check_headers(node, problems)
    auth = node.basic_auth
    return AccessTokenQuery(
        url=node.url,
        method=node.method,
        headers=_plain(node.headers),
        basic_auth=auth and BasicAuth(username=auth.username or "", password=auth.password),
        form_data=_plain(node.form_data),
        query_params=_plain(node.query_params),
    )


def _plain(values: Mapping[str, SecretStr] | None) -> dict[str, SecretStr] | None:
    return None if values is None else dict(values)
