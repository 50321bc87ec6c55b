"""What is recommended for one known model, and what all models of its family have in common."""

from dataclasses import dataclass

from config.rendered import Knobs


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """One known model: the names it is asked for by, its settings, and where they come from.

    `infill` names the family of its fill-in-the-middle tokens; `none` continues text only.
    `context_tokens` is what the model was trained for, of which the window takes a share that
    common servers have room for. `card` is the repository whose model card states these facts,
    blank where there is none; `is_checked` tells whether they were looked up for this table.
    """

    ref: str
    display_name: str
    capabilities: tuple[str, ...]
    infill: str
    knobs: Knobs
    context_tokens: int
    card: str
    is_checked: bool
    max_input_tokens: int = 8192
    max_output_tokens: int = 4096
    category: str = "balanced"
    status: str = "stable"

    @property
    def model_name(self) -> str:
        """The last part of the reference, which is also the name to send unless it is changed."""
        return self.ref.rpartition("::")[2]

    @property
    def self_hosted_key(self) -> str:
        """The name in `selfHostedModels`; the part after `@` is the version of the settings."""
        return f"{self.model_name}@v1"


def ending(*markers: str) -> Knobs:
    """Make the settings of a model that writes these markers at an end; the first is usual."""
    return Knobs(stop_sequences=markers, end_of_text=markers[0])


STARCODER2 = ending("<|endoftext|>", "<file_sep>")
QWEN_BASE = ending("<|endoftext|>", "<|file_sep|>", "<|fim_pad|>")
CHAT_ML = ending("<|im_end|>", "<|endoftext|>")
DEEPSEEK = ending("<｜end▁of▁sentence｜>")  # noqa: RUF001 - the token is so
MISTRAL = ending("</s>")
GRANITE_CODE = ending("<|endoftext|>")
GRANITE_4 = ending("<|end_of_text|>", "<|fim_pad|>")
CODE_GEMMA = ending("<|file_separator|>", "<eos>")
GEMMA_CHAT = ending("<end_of_turn>", "<eos>")
CODE_LLAMA = ending("<EOT>", "</s>")
LLAMA_3 = ending("<|eot_id|>", "<|end_of_text|>")
GPT_OSS = ending("<|return|>", "<|end|>")
SEED_CODER = ending("<[end▁of▁sentence]>")
