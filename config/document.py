"""The site document: the object under `modelConfiguration`, as people write it."""

from pydantic import SecretStr

from config.document_knobs import KnobsNode
from config.document_models import (
    SELF_HOSTED_SERVER,
    STATUSES,
    ContextWindowNode,
    ModelCostNode,
    ModelLayerNode,
    ModelOverrideNode,
)
from config.document_servers import PROVIDER_SERVER
from config.problems import Problem
from config.reading import Reader
from config.shapes import ListOf, Node, RecordOf, Text, key, node

# The file may hold the document under this key, beside keys of other programs.
WRAPPER = "modelConfiguration"
_MODEL = Text(form="model")
_MODEL_REF = "`provider::apiVersion::model`"


@node
class ModelFiltersNode(Node):
    """Which models of the base are used."""

    status_filter: tuple[str, ...] = key(
        "statusFilter", ListOf(Text(STATUSES)), "Keep only models of these statuses."
    )
    allow: tuple[str, ...] = key(
        "allow",
        ListOf(Text(form="rule")),
        "Keep only models matching a rule such as `anthropic::*`.",
    )
    deny: tuple[str, ...] = key(
        "deny", ListOf(Text(form="rule")), "Drop models matching a rule such as `*turbo*`."
    )


@node
class SourcegraphNode(Node):
    """The gateway whose models are the base."""

    endpoint: str | None = key(
        "endpoint",
        Text(),
        "The address of a Sourcegraph instance, or of a rendered document ending in `.json`.",
        seen_by="server",
    )
    access_token: SecretStr | None = key(
        "accessToken",
        Text(secret=True),
        "The gateway's access token; may be `${env:NAME}` or `${file:PATH}`.",
        seen_by="server",
    )
    model_filters: ModelFiltersNode | None = key(
        "modelFilters", RecordOf(ModelFiltersNode), "Which of the gateway's models are used."
    )


@node
class ReservedNode(Node):
    """An object without known keys yet."""


@node
class ProviderOverrideNode(Node):
    """A new provider, or changes to one of the base."""

    id: str | None = key(
        "id",
        Text(form="provider-id"),
        "The first part of its models' references.",
        required=True,
        seen_by="clients",
    )
    display_name: str | None = key(
        "displayName", Text(), "The name that people see.", seen_by="clients"
    )
    client_side: ReservedNode | None = key(
        "clientSideConfig", RecordOf(ReservedNode), "Reserved.", seen_by="clients"
    )
    server_side: Node | None = key(
        "serverSideConfig", PROVIDER_SERVER, "How to reach the provider.", seen_by="server"
    )
    default_model_config: ModelLayerNode | None = key(
        "defaultModelConfig", RecordOf(ModelLayerNode), "What holds for all models of the provider."
    )


@node
class SelfHostedOverrideNode(Node):
    """What differs from a known model's recommended settings."""

    display_name: str | None = key(
        "displayName", Text(), "The name that people see.", seen_by="clients"
    )
    context_window: ContextWindowNode | None = key(
        "contextWindow", RecordOf(ContextWindowNode), "The limits in tokens.", seen_by="clients"
    )
    model_cost: ModelCostNode | None = key(
        "modelCost", RecordOf(ModelCostNode), "What the model costs.", seen_by="clients"
    )
    # Unlike a model override, this has no `openaicompatible` level.
    knobs: KnobsNode | None = key(
        "clientSideConfig", RecordOf(KnobsNode), "Prompt and sampling settings.", seen_by="clients"
    )
    server_side: Node | None = key(
        "serverSideConfig",
        SELF_HOSTED_SERVER,
        "How the server knows the model.",
        seen_by="server",
    )


@node
class SelfHostedModelNode(Node):
    """A known model under one of the own providers."""

    provider: str | None = key(
        "provider", Text(form="provider"), "The id of the provider.", required=True
    )
    api_version: str = key("apiVersion", Text(), "The middle part of the reference.", default="v1")
    model: str | None = key(
        "model",
        Text(form="known-model"),
        "The name of a known model, such as `qwen2.5-coder-7b@v1`.",
    )
    override: SelfHostedOverrideNode | None = key(
        "override", RecordOf(SelfHostedOverrideNode), "What differs from the recommended settings."
    )


@node
class DefaultModelsNode(Node):
    """The model of each feature."""

    chat: str | None = key("chat", _MODEL, f"The chat model, {_MODEL_REF}.", seen_by="clients")
    fast_chat: str | None = key(
        "fastChat", _MODEL, f"The model for quick chats, {_MODEL_REF}.", seen_by="clients"
    )
    code_completion: str | None = key(
        "codeCompletion", _MODEL, f"The completion model, {_MODEL_REF}.", seen_by="clients"
    )
    fallback_chat: str | None = key(
        "fallbackChat",
        _MODEL,
        f"The chat model when another has reached its limit, {_MODEL_REF}.",
        seen_by="clients",
        also=("unlimitedChat",),  # the name in rendered documents
    )


@node
class SiteDocument(Node):
    """Which models there are, and how to reach them."""

    sourcegraph: SourcegraphNode | None = key(
        "sourcegraph",
        RecordOf(SourcegraphNode),
        "The gateway whose models are used; null or absent for none.",
    )
    provider_overrides: tuple[ProviderOverrideNode, ...] = key(
        "providerOverrides",
        ListOf(RecordOf(ProviderOverrideNode)),
        "Own providers, and changes to the gateway's.",
    )
    model_overrides: tuple[ModelOverrideNode, ...] = key(
        "modelOverrides",
        ListOf(RecordOf(ModelOverrideNode)),
        "Own models, and changes to the gateway's.",
    )
    recommended: tuple[str, ...] = key(
        "modelOverridesRecommendedSettings",
        ListOf(Text(form="known-ref")),
        "Known models with recommended settings, such as `qwen::v1::qwen2.5-coder-7b`.",
    )
    self_hosted_models: tuple[SelfHostedModelNode, ...] = key(
        "selfHostedModels",
        ListOf(RecordOf(SelfHostedModelNode)),
        "Known models under own providers.",
    )
    default_models: DefaultModelsNode | None = key(
        "defaultModels",
        RecordOf(DefaultModelsNode),
        "The model of each feature.",
        seen_by="clients",
    )
    system_pre_instruction: str | None = key(
        "systemPreInstruction",
        Text(),
        "A system message of at most 280 characters, put before every chat.",
    )


def read_site_document(value: object) -> tuple[SiteDocument | None, list[Problem]]:
    """Read a site document; what is sound is kept, and everything else is a problem."""
    reader = Reader()
    return reader.read(SiteDocument, value), reader.problems
