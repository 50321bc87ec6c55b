"""Fill-in-the-middle prompts, one row per model family."""

import re
from dataclasses import dataclass

from config.rendered import Model

_CHAT_ENDS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|end_of_text|>", "<|eot_id|>")


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of one family are asked for the text of a gap."""

    name: str
    template: str
    """The prompt, with `{prefix}` and `{suffix}` once each; `none` has no suffix."""
    stops: tuple[str, ...]
    """Where the answer ends: special tokens that may leak into the text."""

    @property
    def uses_suffix(self) -> bool:
        """Whether the model sees the text after the cursor."""
        return "{suffix}" in self.template


STARCODER = Family(
    "starcoder",
    "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>",
    # Without <file_sep> StarCoder2 runs on into the next file of its training set.
    (
        "<|endoftext|>",
        "<file_sep>",
        "<fim_prefix>",
        "<fim_suffix>",
        "<fim_middle>",
        "<fim_pad>",
        "<repo_name>",
        "<|end|>",
    ),
)
CODELLAMA = Family(
    "codellama",
    "<PRE> {prefix} <SUF>{suffix} <MID>",
    (" <EOT>", "<EOT>", "<PRE>", "<SUF>", "<MID>"),
)
DEEPSEEK_CODER = Family(
    "deepseek-coder",
    "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",  # noqa: RUF001 - the tokens are so
    (
        "<｜end▁of▁sentence｜>",  # noqa: RUF001
        "<|eos_token|>",
        "<｜fim▁begin｜>",  # noqa: RUF001
        "<｜fim▁hole｜>",  # noqa: RUF001
        "<｜fim▁end｜>",  # noqa: RUF001
        "<|EOT|>",
    ),
)
_FIM = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
_FIM_STOPS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
QWEN_CODER = Family(
    "qwen-coder",
    _FIM,
    (
        "<|endoftext|>",
        "<|file_sep|>",
        "<|repo_name|>",
        "<|fim_pad|>",
        "<|im_start|>",
        "<|im_end|>",
        *_FIM_STOPS,
    ),
)
CODEGEMMA = Family(
    "codegemma",
    _FIM,
    ("<|file_separator|>", "<end_of_turn>", "<eos>", *_FIM_STOPS),
)
CODESTRAL = Family(
    "codestral",
    "[SUFFIX]{suffix}[PREFIX]{prefix}",
    ("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "\n+++++ "),
)
GRANITE_4 = Family(
    "granite-4",
    _FIM,
    ("<|end_of_text|>", "<|fim_pad|>", *_FIM_STOPS),
)
SEED_CODER = Family(
    "seed-coder",
    # Suffix first: the order in which the model was trained.
    "<[fim-suffix]>{suffix}<[fim-prefix]>{prefix}<[fim-middle]>",
    (
        "<[end▁of▁sentence]>",
        "<[PAD▁TOKEN]>",
        "<[SEP▁TOKEN]>",
        "<[fim-prefix]>",
        "<[fim-suffix]>",
        "<[fim-middle]>",
    ),
)
NONE = Family("none", "{prefix}", _CHAT_ENDS)

# First match wins. CodeQwen 1.5 was trained with StarCoder's tokens; Code Llama's Python and 34B
# variants were not trained to fill in; Granite before version 4 fills in as a code model only.
_NAMES: tuple[tuple[str, Family], ...] = (
    (r"(code-?llama|llama-?code).*(python|34b|70b)", NONE),
    (r"code-?llama|llama-?code", CODELLAMA),
    (r"codeqwen-?1[.-]?5|code-qwen-?1[.-]?5", STARCODER),
    (r"qwen.*coder|code-?qwen", QWEN_CODER),
    (r"deepseek.*coder|deepseek-?v[23]", DEEPSEEK_CODER),
    (r"seed-?coder", SEED_CODER),
    (r"codestral.*mamba|mamba.*codestral", NONE),
    (r"codestral", CODESTRAL),
    (r"code-?gemma", CODEGEMMA),
    (r"granite-?4", GRANITE_4),
    (r"granite.*code", STARCODER),
    (r"star-?coder|starchat|stable-?code", STARCODER),
)


def family_of(model: Model) -> Family:
    """Return the family a model's names tell of, the name sent to the server first."""
    names = (model.name_for_api, model.model_name, model.model_ref.model_id)
    for name in names:
        spelled = re.sub(r"[\s_]+", "-", name.lower())
        for pattern, family in _NAMES:
            if re.search(pattern, spelled):
                return family
    return NONE


def render(family: Family, prefix: str, suffix: str) -> str:
    """Return the prompt that asks for the text between `prefix` and `suffix`; never empty."""
    before, _, rest = family.template.partition("{")
    values = {"prefix": prefix, "suffix": suffix}
    parts = [before]
    # Not str.format: the texts are code and hold braces.
    for piece in rest.split("{") if rest else []:
        name, _, after = piece.partition("}")
        parts += [values[name], after]
    return "".join(parts) or "\n"
