"""Which model serves a request."""

import pytest

from config.model_ref import ModelRef
from config.rendered import ContextWindow, DefaultModels, Model, ModelConfiguration
from config.resolve import FeatureName, Resolved, Unresolved, resolve_model

_WINDOW = ContextWindow(max_input_tokens=1, max_output_tokens=1)
_REFS = ("a::v1::m", "b::v1::m", "b::v1::meta/llama", "c::v1::b/m", "a::v2::only")
_CONFIGURATION = ModelConfiguration(
    models=tuple(Model(model_ref=ModelRef.parse(ref), context_window=_WINDOW) for ref in _REFS),
    default_models=DefaultModels(
        chat=ModelRef.parse("a::v1::m"), fast_chat=ModelRef.parse("a::v2::only")
    ),
)


@pytest.mark.parametrize(
    ("feature", "requested", "ref", "has_note"),
    [
        ("chat", None, "a::v1::m", False),
        ("chat", "", "a::v1::m", False),
        ("chat", "b::v1::m", "b::v1::m", False),
        ("chat", "b/meta/llama", "b::v1::meta/llama", False),
        ("chat", "meta/llama", "b::v1::meta/llama", False),
        ("chat", "only", "a::v2::only", False),
        ("chat", "m", "a::v1::m", True),
        ("chat", "b/m", "b::v1::m", True),
        ("fastChat", "b::v1::m", "a::v2::only", False),
        ("codeCompletion", "only", "a::v2::only", False),
    ],
)
def test_request_is_served_by(
    feature: FeatureName, requested: str | None, ref: str, has_note: bool
) -> None:
    resolved = resolve_model(_CONFIGURATION, feature, requested)

    assert isinstance(resolved, Resolved)
    assert str(resolved.model.model_ref) == ref
    assert bool(resolved.note) is has_note


@pytest.mark.parametrize(
    ("feature", "requested", "words"),
    [
        ("chat", "nobody", ["nobody", "a::v1::m"]),
        ("codeCompletion", "nobody", ["nobody", "not set"]),
        ("codeCompletion", None, ["No model is configured for code completion"]),
    ],
)
def test_request_for_nothing_is_answered_with_a_sentence(
    feature: FeatureName, requested: str | None, words: list[str]
) -> None:
    unresolved = resolve_model(_CONFIGURATION, feature, requested)

    assert isinstance(unresolved, Unresolved)
    assert all(word in unresolved.message for word in words)
    assert unresolved.message.endswith(".")
