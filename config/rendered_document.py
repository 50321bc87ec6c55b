"""Reads a rendered document, which a gateway sends, as the base of a configuration."""

from functools import partial

from pydantic import SecretStr

from config.document import DefaultModelsNode
from config.document_models import (
    ModelOverrideNode,
    OpenAICompatibleModelNode,
    ProvisionedThroughputNode,
)
from config.document_servers import (
    AnthropicNode,
    AwsBedrockNode,
    AzureOpenAINode,
    FireworksNode,
    GoogleNode,
    OpenAICompatibleNode,
    OpenAINode,
)
from config.layers import new_model, with_layer
from config.model_ref import ModelRef, ModelRefError
from config.problems import Problem, error, shown, warning
from config.reading import Reader
from config.rendered import (
    ContextWindow,
    DefaultModels,
    GatewayProvider,
    Model,
    ModelConfiguration,
    Provider,
    ProviderServerSide,
)
from config.server_side import server_side
from config.shapes import ListOf, Node, RecordOf, Text, key, node

_server_key = partial(key, seen_by="server")
_client_key = partial(key, seen_by="clients")

_SERVICES = {
    "anthropic": AnthropicNode,
    "fireworks": FireworksNode,
    "google": GoogleNode,
    "openai": OpenAINode,
}


@node
class GenericServerNode(Node):
    """The internal spelling of a vendor's server side."""

    service_name: str | None = _server_key(
        "serviceName", Text(tuple(_SERVICES)), "The vendor.", required=True
    )
    endpoint: str | None = _server_key("endpoint", Text(), "The address of the API.", required=True)
    access_token: SecretStr | None = _server_key("accessToken", Text(secret=True), "The token.")


@node
class GatewayServerNode(Node):
    """The internal spelling of a gateway's server side."""

    endpoint: str | None = _server_key("endpoint", Text(), "The gateway's address.")
    access_token: SecretStr | None = _server_key("accessToken", Text(secret=True), "The token.")


@node
class RenderedServerNode(Node):
    """A provider's server side in the internal spelling; normally redacted."""

    # In the order in which the format's own server looks for them.
    bedrock: AwsBedrockNode | None = _server_key("awsBedrock", RecordOf(AwsBedrockNode), "Bedrock.")
    azure: AzureOpenAINode | None = _server_key("azureOpenAi", RecordOf(AzureOpenAINode), "Azure.")
    openai_compatible: OpenAICompatibleNode | None = _server_key(
        "openAICompatible", RecordOf(OpenAICompatibleNode), "An OpenAI-compatible server."
    )
    generic: GenericServerNode | None = _server_key(
        "genericProvider", RecordOf(GenericServerNode), "A vendor."
    )
    gateway: GatewayServerNode | None = _server_key(
        "sourcegraphProvider", RecordOf(GatewayServerNode), "A gateway."
    )


@node
class RenderedProviderNode(Node):
    """A provider of a rendered document."""

    id: str | None = _client_key("id", Text(), "The namespace of its models.", required=True)
    display_name: str = _client_key("displayName", Text(), "Its label.", default="")
    server: RenderedServerNode | None = _server_key(
        "serverSideConfig", RecordOf(RenderedServerNode), "How to reach it."
    )


@node
class RenderedModelServerNode(Node):
    """A model's server side in the internal spelling; normally redacted."""

    openai_compatible: OpenAICompatibleModelNode | None = _server_key(
        "openAICompatible", RecordOf(OpenAICompatibleModelNode), "The served name."
    )
    provisioned: ProvisionedThroughputNode | None = _server_key(
        "awsBedrockProvisionedThroughput", RecordOf(ProvisionedThroughputNode), "The throughput."
    )


@node
class RenderedModelNode(ModelOverrideNode):
    """A model of a rendered document."""

    server_side: RenderedModelServerNode | None = _server_key(
        "serverSideConfig", RecordOf(RenderedModelServerNode), "How the server knows the model."
    )


@node
class RenderedDocument(Node):
    """What a gateway sends: providers, models and defaults."""

    schema_version: str = _client_key("schemaVersion", Text(), "Always 1.0.", default="1.0")
    revision: str = _client_key("revision", Text(), "An opaque name of this state.", default="-")
    providers: tuple[RenderedProviderNode, ...] = _client_key(
        "providers", ListOf(RecordOf(RenderedProviderNode)), "The providers."
    )
    models: tuple[RenderedModelNode, ...] = _client_key(
        "models", ListOf(RecordOf(RenderedModelNode)), "The models."
    )
    default_models: DefaultModelsNode | None = _client_key(
        "defaultModels", RecordOf(DefaultModelsNode), "The model of each feature."
    )


def read_rendered(value: object) -> tuple[ModelConfiguration, list[Problem]]:
    """Read a rendered document; null is the empty one. Problems point into `value`."""
    reader = Reader(tolerant=True)
    document = reader.read(RenderedDocument, value) if value is not None else None
    if document is None:
        return ModelConfiguration(), reader.problems
    problems = reader.problems
    models = (_model(written, problems) for written in document.models)
    configuration = ModelConfiguration(
        schema_version=document.schema_version,
        revision=document.revision,
        providers=tuple(_provider(p, problems) for p in document.providers if p.id is not None),
        models=tuple(model for model in models if model is not None),
        default_models=_defaults(document.default_models, problems),
    )
    return configuration, problems


def _provider(written: RenderedProviderNode, problems: list[Problem]) -> Provider:
    server = _server(written.server, problems) if written.server else None
    return Provider(id=written.id or "", display_name=written.display_name, server_side=server)


def _server(written: RenderedServerNode, problems: list[Problem]) -> ProviderServerSide | None:
    if written.gateway is not None and written.gateway.endpoint:
        gateway = written.gateway
        return GatewayProvider(endpoint=gateway.endpoint or "", access_token=gateway.access_token)
    generic = written.generic and _vendor(written.generic, problems)
    chosen = written.bedrock or written.azure or written.openai_compatible or generic
    if chosen is None:
        return None
    server, found = server_side(chosen)
    problems += found
    return server


def _vendor(written: GenericServerNode, problems: list[Problem]) -> Node | None:
    service = _SERVICES.get(written.service_name or "")
    if service is not None:
        vendor: Node = service(
            pointer=written.pointer,
            written=written.written,
            endpoint=written.endpoint,
            access_token=written.access_token,
        )
        return vendor
    if written.service_name is not None:
        code = "provider-type" if written.service_name else "missing-field"
        message = f"The service {shown(written.service_name)} is unknown; write one of: "
        message += ", ".join(_SERVICES) + "."
        problems.append(error(code, written.at("serviceName"), message))
    return None


def _model(written: RenderedModelNode, problems: list[Problem]) -> Model | None:
    ref = _ref(written, "modelRef", written.model_ref, problems)
    if ref is None:
        return None
    # Nothing is made up for a base model: without a window it fails the final check.
    empty = new_model(ref).model_copy(
        update={"context_window": ContextWindow(max_input_tokens=0, max_output_tokens=0)}
    )
    model = with_layer(empty, written).model_copy(update={"tier": written.tier or ""})
    server = written.server_side
    if server is None:
        return model
    update: dict[str, object] = {}
    if server.openai_compatible is not None:
        update["api_model"] = server.openai_compatible.api_model
    if server.provisioned is not None:
        update["arn"] = server.provisioned.arn
    return model.model_copy(update=update)


def _defaults(written: DefaultModelsNode | None, problems: list[Problem]) -> DefaultModels:
    if written is None:
        return DefaultModels()
    return DefaultModels(
        chat=_default(written, "chat", written.chat, problems),
        fast_chat=_default(written, "fastChat", written.fast_chat, problems),
        code_completion=_default(written, "codeCompletion", written.code_completion, problems),
        fallback_chat=_default(written, "fallbackChat", written.fallback_chat, problems),
    )


def _default(
    written: DefaultModelsNode, name: str, text: str | None, problems: list[Problem]
) -> ModelRef | None:
    faults: list[Problem] = []
    ref = _ref(written, name, text or None, faults)
    # What names no model is replaced, however it fails to.
    problems += [warning("default-unknown", fault.pointer, fault.message) for fault in faults]
    return ref


def _ref(written: Node, name: str, text: str | None, problems: list[Problem]) -> ModelRef | None:
    if text is None:
        return None
    try:
        return ModelRef.parse(text)
    except ModelRefError as fault:
        problems.append(error(fault.code, written.at(name), str(fault)))
        return None
