"""The parts of the site document that describe models, as people write them."""

from functools import partial

from pydantic import SecretStr

from config.document_knobs import ClientSideNode
from config.fim_families import FIM_FAMILIES
from config.shapes import Flag, ListOf, Node, Number, RecordOf, Tagged, Text, key, node

CAPABILITIES = ("autocomplete", "chat", "vision", "reasoning", "edit", "tools", "fallback")
CATEGORIES = ("balanced", "speed", "accuracy", "other")
STATUSES = ("experimental", "beta", "stable", "deprecated")

_key = partial(key, seen_by="clients")


@node
class OpenAICompatibleModelNode(Node):
    """Server-side settings of a model of an OpenAI-compatible server."""

    api_model: SecretStr | None = key(
        "apiModel",
        Text(secret=True),
        "The model name to send to the server; `modelName` is sent when this is blank.",
        seen_by="server",
    )
    fim_family: str | None = key(
        "fimFamily",
        Text(FIM_FAMILIES),
        "Whose fill-in-the-middle tokens the model knows; Foretype's own key. Left out, the "
        "model's names tell it; `none`: it only continues text.",
        seen_by="server",
    )
    system_role: bool | None = key(
        "systemRole",
        Flag(),
        "Whether the model takes messages of the role `system`; Foretype's own key. `false` puts "
        "the instructions at the beginning of the first user's message. Left out, it is true "
        "until the model's name or an answer of the server tells otherwise.",
        seen_by="server",
    )


@node
class ProvisionedThroughputNode(Node):
    """A Bedrock model with provisioned throughput."""

    arn: SecretStr | None = key(
        "arn",
        Text(secret=True),
        "The ARN of the provisioned throughput.",
        required=True,
        seen_by="server",
    )


@node
class BedrockModelNode(Node):
    """Server-side settings of a Bedrock model."""

    latency_optimization: str | None = key(
        "latencyOptimization",
        Text(("standard", "optimized")),
        "Whether Bedrock answers faster at a higher price.",
        seen_by="server",
    )
    arn: SecretStr | None = key(
        "arn", Text(secret=True), "The ARN of an inference profile.", seen_by="server"
    )


_MODEL_SERVERS: dict[str, type[Node]] = {
    "openaicompatible": OpenAICompatibleModelNode,
    "awsBedrockProvisionedThroughput": ProvisionedThroughputNode,
    "awsBedrock": BedrockModelNode,
}
MODEL_SERVER = Tagged(_MODEL_SERVERS, code="model-server-type")
# The format's own example of a self-hosted override leaves the type out.
SELF_HOSTED_SERVER = Tagged(_MODEL_SERVERS, code="model-server-type", fallback="openaicompatible")


@node
class ContextWindowNode(Node):
    """How much a model reads and writes, in tokens; 0 means not said."""

    max_input_tokens: int | None = _key(
        "maxInputTokens",
        Number(minimum=None),
        "The longest prompt, in tokens; 4000 where nothing says it.",
    )
    max_output_tokens: int | None = _key(
        "maxOutputTokens",
        Number(minimum=None),
        "The longest answer, in tokens; 4000 where nothing says it.",
    )
    max_user_input_tokens: int | None = _key(
        "maxUserInputTokens", Number(), "The share of the prompt for what the user adds, in tokens."
    )


@node
class ModelCostNode(Node):
    """What a model costs; kept, not acted on."""

    unit: str | None = _key("unit", Text(("mtok", "btok")), "Per how many tokens the cost counts.")
    input_token_credits: float | None = _key(
        "inputTokenCredits", Number(whole=False), "Credits per unit of prompt."
    )
    output_token_credits: float | None = _key(
        "outputTokenCredits", Number(whole=False), "Credits per unit of answer."
    )
    input_token_pennies: float | None = _key(
        "inputTokenPennies", Number(whole=False), "Older form of `inputTokenCredits`."
    )
    output_token_pennies: float | None = _key(
        "outputTokenPennies", Number(whole=False), "Older form of `outputTokenCredits`."
    )


@node
class ModelLayerNode(Node):
    """What a provider's defaults and a model's override have in common."""

    capabilities: tuple[str, ...] = _key(
        "capabilities", ListOf(Text(CAPABILITIES)), "What the model can do."
    )
    category: str | None = _key(
        "category", Text(CATEGORIES), "What the model is best at; steers the choice of defaults."
    )
    status: str | None = _key("status", Text(STATUSES), "How ripe the model is.")
    context_window: ContextWindowNode | None = _key(
        "contextWindow", RecordOf(ContextWindowNode), "The limits of the model, in tokens."
    )
    model_cost: ModelCostNode | None = _key(
        "modelCost", RecordOf(ModelCostNode), "What the model costs."
    )
    client_side: ClientSideNode | None = _key(
        "clientSideConfig", RecordOf(ClientSideNode), "Prompt and sampling settings."
    )
    server_side: Node | None = key(
        "serverSideConfig", MODEL_SERVER, "How the server knows the model.", seen_by="server"
    )


@node
class ModelOverrideNode(ModelLayerNode):
    """A new model, or changes to one of the base."""

    model_ref: str | None = _key(
        "modelRef",
        Text(form="model-ref"),
        "The model's identity: `provider::apiVersion::model`.",
        required=True,
    )
    display_name: str | None = _key("displayName", Text(), "The name that people see.")
    model_name: str | None = _key(
        "modelName",
        Text(),
        "The model name to send to the server, unless `apiModel` is set.",
        also=("string",),  # the key of July 2024
    )
    tier: str | None = _key(
        "tier", Text(("free", "pro", "enterprise")), "Has no effect; every model is `enterprise`."
    )
    reasoning_effort: str | None = _key(
        "reasoningEffort", Text(("low", "medium", "high")), "How long a reasoning model thinks."
    )
