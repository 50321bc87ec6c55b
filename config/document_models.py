"""The parts of the site document that describe models, as people write them."""

from functools import partial

from pydantic import SecretStr

from config.shapes import ListOf, Node, Number, RecordOf, Tagged, Text, key, node

CAPABILITIES = ("autocomplete", "chat", "vision", "reasoning", "edit", "tools", "fallback")
CATEGORIES = ("balanced", "speed", "accuracy", "other")
STATUSES = ("experimental", "beta", "stable", "deprecated")

_key = partial(key, seen_by="clients")
_SAMPLING = Number(whole=False, unset=-1)
_TEMPERATURE = Number(whole=False)


@node
class KnobsNode(Node):
    """Prompt and sampling settings of a model."""

    stop_sequences: tuple[str, ...] = _key(
        "stopSequences", ListOf(Text()), "Texts at which the model stops."
    )
    end_of_text: str | None = _key(
        "endOfText", Text(), "The end marker to cut from answers, such as `<|endoftext|>`."
    )
    context_size_hint_total_characters: int | None = _key(
        "contextSizeHintTotalCharacters",
        Number(),
        "How many characters of code and context a completion may send.",
    )
    context_size_hint_prefix_characters: int | None = _key(
        "contextSizeHintPrefixCharacters",
        Number(),
        "How many characters before the cursor a completion may send.",
    )
    context_size_hint_suffix_characters: int | None = _key(
        "contextSizeHintSuffixCharacters",
        Number(),
        "How many characters after the cursor a completion may send.",
    )
    chat_pre_instruction: str | None = _key(
        "chatPreInstruction", Text(), "Text put before every chat; the user's own setting wins."
    )
    edit_post_instruction: str | None = _key(
        "editPostInstruction",
        Text(),
        "Text put after every edit instruction; the user's own setting wins.",
    )
    autocomplete_singleline_timeout: int | None = _key(
        "autocompleteSinglelineTimeout",
        Number(),
        "How long to wait for a one-line completion, in milliseconds.",
    )
    autocomplete_multiline_timeout: int | None = _key(
        "autocompleteMultilineTimeout",
        Number(),
        "How long to wait for a completion of several lines, in milliseconds.",
    )
    chat_top_k: float | None = _key(
        "chatTopK", _SAMPLING, "Sample from this many tokens in chat; -1 leaves it to the server."
    )
    chat_top_p: float | None = _key(
        "chatTopP",
        _SAMPLING,
        "Sample from this share of probability in chat; -1 leaves it to the server.",
    )
    chat_temperature: float | None = _key(
        "chatTemperature", _TEMPERATURE, "The temperature for chat."
    )
    chat_max_tokens: int | None = _key(
        "chatMaxTokens", Number(), "The longest answer for chat, in tokens."
    )
    auto_complete_top_k: float | None = _key(
        "autoCompleteTopK",
        _SAMPLING,
        "Sample from this many tokens in code completion; -1 leaves it to the server.",
    )
    auto_complete_top_p: float | None = _key(
        "autoCompleteTopP",
        _SAMPLING,
        "Sample from this share of probability in code completion; -1 leaves it to the server.",
    )
    auto_complete_temperature: float | None = _key(
        "autoCompleteTemperature", _TEMPERATURE, "The temperature for code completion."
    )
    auto_complete_singleline_max_tokens: int | None = _key(
        "autoCompleteSinglelineMaxTokens", Number(), "The longest one-line completion, in tokens."
    )
    auto_complete_multiline_max_tokens: int | None = _key(
        "autoCompleteMultilineMaxTokens",
        Number(),
        "The longest completion of several lines, in tokens.",
    )
    edit_top_k: float | None = _key(
        "editTopK", _SAMPLING, "Sample from this many tokens in edits; -1 leaves it to the server."
    )
    edit_top_p: float | None = _key(
        "editTopP",
        _SAMPLING,
        "Sample from this share of probability in edits; -1 leaves it to the server.",
    )
    edit_temperature: float | None = _key(
        "editTemperature", _TEMPERATURE, "The temperature for edits."
    )
    edit_max_tokens: int | None = _key(
        "editMaxTokens", Number(), "The longest answer for edits, in tokens."
    )


@node
class ClientSideNode(Node):
    """The `clientSideConfig` of a model."""

    knobs: KnobsNode | None = _key(
        "openaicompatible",
        RecordOf(KnobsNode),
        "Prompt and sampling settings for a model of an OpenAI-compatible server.",
        also=("openAICompatible",),
    )


@node
class OpenAICompatibleModelNode(Node):
    """Server-side settings of a model of an OpenAI-compatible server."""

    api_model: SecretStr | None = key(
        "apiModel",
        Text(secret=True),
        "The model name to send to the server; `modelName` is sent when this is blank.",
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
        "maxInputTokens", Number(minimum=None), "The longest prompt, in tokens."
    )
    max_output_tokens: int | None = _key(
        "maxOutputTokens", Number(minimum=None), "The longest answer, in tokens."
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
        "modelRef", Text(), "The model's identity: `provider::apiVersion::model`.", required=True
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
