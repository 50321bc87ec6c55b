"""What one layer of settings changes in a model: only what it says."""

from config.document import SelfHostedOverrideNode
from config.document_knobs import KnobsNode
from config.document_models import (
    BedrockModelNode,
    ContextWindowNode,
    ModelCostNode,
    ModelLayerNode,
    ModelOverrideNode,
    OpenAICompatibleModelNode,
    ProvisionedThroughputNode,
)
from config.fim_families import FIM_FAMILIES
from config.model_ref import ModelRef
from config.recommended_model import RecommendedModel
from config.rendered import ContextWindow, Knobs, Model, ModelCost
from config.shapes import Node, keys_of

# Given to a new model before any layer.
_WINDOW = ContextWindow(max_input_tokens=4000, max_output_tokens=4000)
# The format forces this on whatever a site says about a model.
_TIER = "enterprise"


def new_model(ref: ModelRef) -> Model:
    """Make a model that nothing is known of but its reference."""
    return Model(model_ref=ref, context_window=_WINDOW, tier=_TIER)


def with_layer(model: Model, layer: ModelLayerNode) -> Model:
    """Apply a provider's defaults or a model's override; what is empty changes nothing."""
    changes: dict[str, object] = {"tier": _TIER}
    if layer.capabilities:
        changes["capabilities"] = layer.capabilities
    if layer.category:
        changes["category"] = layer.category
    if layer.status:
        changes["status"] = layer.status
    if layer.context_window is not None:
        changes["context_window"] = with_window(model.context_window, layer.context_window)
    if layer.model_cost is not None:
        changes["model_cost"] = cost(layer.model_cost)
    # Client and server side are replaced as a whole, also by an empty object.
    if layer.client_side is not None:
        changes["knobs"] = knobs(layer.client_side.knobs)
    if layer.server_side is not None:
        changes |= _model_server(layer.server_side)
    if isinstance(layer, ModelOverrideNode):
        changes |= _names(layer)
    return model.model_copy(update=changes)


def with_recommended(model: Model, known: RecommendedModel) -> Model:
    """Apply the recommended settings of a known model."""
    window = ContextWindow(
        max_input_tokens=known.max_input_tokens, max_output_tokens=known.max_output_tokens
    )
    return model.model_copy(
        update={
            "display_name": known.display_name,
            "model_name": known.model_name,
            "capabilities": known.capabilities,
            "category": known.category,
            "status": known.status,
            "tier": _TIER,
            "context_window": window,
            "knobs": known.knobs,
            "api_model": None,
            "fim_family": None,
            "system_role": None,
            "arn": None,
            "latency_optimization": None,
        }
    )


def with_window(window: ContextWindow, layer: ContextWindowNode) -> ContextWindow:
    """Apply a layer's limits, each on its own; 0 means not said."""
    return ContextWindow(
        max_input_tokens=layer.max_input_tokens or window.max_input_tokens,
        max_output_tokens=layer.max_output_tokens or window.max_output_tokens,
        max_user_input_tokens=layer.max_user_input_tokens or window.max_user_input_tokens,
    )


def with_self_hosted(model: Model, layer: SelfHostedOverrideNode) -> Model:
    """Apply what a self-hosted entry says beside the recommended settings."""
    changes: dict[str, object] = {}
    if layer.display_name:
        changes["display_name"] = layer.display_name
    if layer.context_window is not None:
        changes["context_window"] = with_window(model.context_window, layer.context_window)
    if layer.model_cost is not None:
        changes["model_cost"] = cost(layer.model_cost)
    if layer.knobs is not None:
        changes["knobs"] = knobs(layer.knobs)
    if layer.server_side is not None:
        changes |= _model_server(layer.server_side)
    return model.model_copy(update=changes)


def knobs(node: KnobsNode | None) -> Knobs | None:
    """Give the usable form of written prompt and sampling settings."""
    if node is None:
        return None
    # Both classes use the same attribute names; an empty list of stop texts is none.
    given = {attribute: getattr(node, attribute) for attribute, _ in keys_of(KnobsNode).values()}
    return Knobs(**{name: value for name, value in given.items() if value not in (None, ())})


def cost(node: ModelCostNode) -> ModelCost:
    """Give the usable form of a written cost."""
    return ModelCost(
        unit=node.unit or "",
        input_token_credits=node.input_token_credits,
        output_token_credits=node.output_token_credits,
        input_token_pennies=node.input_token_pennies,
        output_token_pennies=node.output_token_pennies,
    )


def _model_server(node: Node) -> dict[str, object]:
    changes: dict[str, object] = {
        "api_model": None,
        "fim_family": None,
        "system_role": None,
        "arn": None,
        "latency_optimization": None,
    }
    match node:
        case OpenAICompatibleModelNode():
            changes["api_model"] = node.api_model
            changes["fim_family"] = node.fim_family if node.fim_family in FIM_FAMILIES else None
            changes["system_role"] = node.system_role
        case ProvisionedThroughputNode():
            changes["arn"] = node.arn
        case BedrockModelNode():
            changes["arn"] = node.arn
            changes["latency_optimization"] = node.latency_optimization
    return changes


def _names(layer: ModelOverrideNode) -> dict[str, object]:
    given = {
        "display_name": layer.display_name,
        "model_name": layer.model_name,
        "reasoning_effort": layer.reasoning_effort,
    }
    return {name: value for name, value in given.items() if value}
