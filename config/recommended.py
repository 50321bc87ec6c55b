"""Known self-hosted models with the settings recommended for them."""

from dataclasses import dataclass

from config.rendered import Knobs


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """One known model: the names it is asked for by, and its settings."""

    ref: str
    self_hosted_key: str
    display_name: str
    model_name: str
    capabilities: tuple[str, ...]
    knobs: Knobs
    max_input_tokens: int = 8192
    max_output_tokens: int = 4096
    category: str = "balanced"
    status: str = "stable"


_STARCODER2 = Knobs(stop_sequences=("<|endoftext|>", "<file_sep>"), end_of_text="<|endoftext|>")
_INSTRUCT = ("chat", "autocomplete")

# The five entries of the format, kept for compatibility. The format's own code turned the last
# reference into `mistral::v1::mixtral-8x22b`; here it is the one that is written.
_OF_THE_FORMAT = (
    RecommendedModel(
        "bigcode::v1::starcoder2-7b",
        "starcoder2-7b@v1",
        "Starcoder2 7B",
        "starcoder2-7b",
        ("autocomplete",),
        _STARCODER2,
    ),
    RecommendedModel(
        "bigcode::v1::starcoder2-15b",
        "starcoder2-15b@v1",
        "Starcoder2 15B",
        "starcoder2-15b",
        ("autocomplete",),
        _STARCODER2,
    ),
    RecommendedModel(
        "mistral::v1::mistral-7b-instruct",
        "mistral-7b-instruct@v1",
        "Mistral 7B Instruct",
        "mistral-7b-instruct",
        _INSTRUCT,
        Knobs(),
    ),
    RecommendedModel(
        "mistral::v1::mixtral-8x7b-instruct",
        "mixtral-8x7b-instruct@v1",
        "Mixtral 8x7B Instruct",
        "mixtral-8x7b-instruct",
        _INSTRUCT,
        Knobs(),
    ),
    RecommendedModel(
        "mistral::v1::mixtral-8x22b-instruct",
        "mixtral-8x22b-instruct@v1",
        "Mixtral 8x22B",
        "mixtral-8x22b-instruct",
        _INSTRUCT,
        Knobs(),
    ),
)

KNOWN_MODELS: tuple[RecommendedModel, ...] = _OF_THE_FORMAT
BY_REF = {model.ref: model for model in KNOWN_MODELS}
BY_SELF_HOSTED_KEY = {model.self_hosted_key: model for model in KNOWN_MODELS}
