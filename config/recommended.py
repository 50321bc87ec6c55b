"""Known self-hosted models with the settings recommended for them."""

from config.recommended_model import STARCODER2, RecommendedModel
from config.recommended_table import OUR_MODELS
from config.rendered import Knobs

_INSTRUCT = ("chat", "autocomplete")

# The five entries of the format, with its values. Its own code turned the last reference into
# `mistral::v1::mixtral-8x22b`; here it is the one that is written.
_OF_THE_FORMAT = (
    RecommendedModel(
        "bigcode::v1::starcoder2-7b",
        "Starcoder2 7B",
        ("autocomplete",),
        "starcoder2",
        STARCODER2,
        16_384,
        "bigcode/starcoder2-7b",
        is_checked=True,
    ),
    RecommendedModel(
        "bigcode::v1::starcoder2-15b",
        "Starcoder2 15B",
        ("autocomplete",),
        "starcoder2",
        STARCODER2,
        16_384,
        "bigcode/starcoder2-15b",
        is_checked=True,
    ),
    RecommendedModel(
        "mistral::v1::mistral-7b-instruct",
        "Mistral 7B Instruct",
        _INSTRUCT,
        "none",
        Knobs(),
        32_768,
        "mistralai/Mistral-7B-Instruct-v0.3",
        is_checked=False,
    ),
    RecommendedModel(
        "mistral::v1::mixtral-8x7b-instruct",
        "Mixtral 8x7B Instruct",
        _INSTRUCT,
        "none",
        Knobs(),
        32_768,
        "mistralai/Mixtral-8x7B-Instruct-v0.1",
        is_checked=False,
    ),
    RecommendedModel(
        "mistral::v1::mixtral-8x22b-instruct",
        "Mixtral 8x22B",
        _INSTRUCT,
        "none",
        Knobs(),
        65_536,
        "mistralai/Mixtral-8x22B-Instruct-v0.1",
        is_checked=False,
    ),
)

KNOWN_MODELS: tuple[RecommendedModel, ...] = _OF_THE_FORMAT + OUR_MODELS
BY_REF = {model.ref: model for model in KNOWN_MODELS}
BY_SELF_HOSTED_KEY = {model.self_hosted_key: model for model in KNOWN_MODELS}
