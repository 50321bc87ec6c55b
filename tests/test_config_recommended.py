"""The table of known models: names that are valid, windows that fit, infilling that works."""

import re

import pytest

from config.build import build
from config.model_ref import ModelRef
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY, KNOWN_MODELS
from config.recommended_model import RecommendedModel
from config.rendered import Model
from providers.infill_prompts import family_of, render
from providers.messages import InfillRequest, Sampling

each = pytest.mark.parametrize("known", KNOWN_MODELS, ids=[known.ref for known in KNOWN_MODELS])

# What the format says of its five: capabilities, stop sequences, end of text.
_STOPS = ("<|endoftext|>", "<file_sep>")
_OF_THE_FORMAT = {
    "bigcode::v1::starcoder2-7b": ("Starcoder2 7B", ("autocomplete",), _STOPS),
    "bigcode::v1::starcoder2-15b": ("Starcoder2 15B", ("autocomplete",), _STOPS),
    "mistral::v1::mistral-7b-instruct": ("Mistral 7B Instruct", ("chat", "autocomplete"), None),
    "mistral::v1::mixtral-8x7b-instruct": ("Mixtral 8x7B Instruct", ("chat", "autocomplete"), None),
    "mistral::v1::mixtral-8x22b-instruct": ("Mixtral 8x22B", ("chat", "autocomplete"), None),
}


def built(known: RecommendedModel) -> Model:
    server = {"type": "openaicompatible", "endpoints": [{"url": "http://localhost:8000/v1"}]}
    provider = ModelRef.parse(known.ref).provider_id
    configuration, _ = build(
        {
            "providerOverrides": [{"id": provider, "serverSideConfig": server}],
            "modelOverridesRecommendedSettings": [known.ref],
        }
    )
    assert configuration is not None
    return configuration.models[0]


def test_the_five_of_the_format_come_first_with_its_values() -> None:
    for known, (ref, expected) in zip(KNOWN_MODELS, _OF_THE_FORMAT.items(), strict=False):
        assert known.ref == ref
        stops = known.knobs.stop_sequences
        assert (known.display_name, known.capabilities, stops) == expected
        assert (known.max_input_tokens, known.max_output_tokens) == (8192, 4096)
        assert (known.category, known.status) == ("balanced", "stable")
        assert known.knobs.end_of_text == ("<|endoftext|>" if stops else None)


def test_no_name_stands_for_two_models() -> None:
    assert len(BY_REF) == len(BY_SELF_HOSTED_KEY) == len(KNOWN_MODELS)
    assert len({known.display_name for known in KNOWN_MODELS}) == len(KNOWN_MODELS)


@each
def test_names_are_valid(known: RecommendedModel) -> None:
    ref = ModelRef.parse(known.ref)

    assert ref.api_version_id == "v1"
    assert known.ref == known.ref.lower()
    assert known.self_hosted_key == f"{ref.model_id}@v1"
    assert re.fullmatch(r"([\w.-]+/[\w.-]+)?", known.card)
    assert known.category in ("speed", "balanced", "accuracy")


@each
def test_the_window_fits_into_the_models_context(known: RecommendedModel) -> None:
    assert 0 < known.max_output_tokens <= known.max_input_tokens
    assert known.max_input_tokens + known.max_output_tokens <= known.context_tokens


@each
def test_infilling_is_what_the_program_detects(known: RecommendedModel) -> None:
    family = family_of(built(known))

    assert family.name == known.infill
    if known.ref not in _OF_THE_FORMAT:
        assert ("autocomplete" in known.capabilities) <= family.uses_suffix


@each
def test_ends_are_no_part_of_an_infill_prompt(known: RecommendedModel) -> None:
    # Some servers look for stop texts in the prompt as well.
    prompt = render(family_of(built(known)), InfillRequest("a", "b", Sampling(1)))

    for stop in known.knobs.stop_sequences or ():
        assert stop not in prompt
    assert known.knobs.end_of_text in (*(known.knobs.stop_sequences or ()), None)


def test_there_is_a_model_for_every_feature_and_of_every_category() -> None:
    for capability in ("autocomplete", "chat"):
        categories = {known.category for known in KNOWN_MODELS if capability in known.capabilities}
        assert categories == {"speed", "balanced", "accuracy"}
