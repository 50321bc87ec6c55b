"""Our own table of models that people host themselves, with settings that fit them.

Looked up in November 2026: the context of the lines marked so, and which of them fill in. The rest
is general knowledge of the named model cards, as are the markers of ends, but for those that
infill prompts need too. Of a context that grows by scaling, what needs no scaling counts.
"""

from collections.abc import Iterator
from typing import NamedTuple

from config.recommended_model import (
    CHAT_ML,
    CODE_GEMMA,
    CODE_LLAMA,
    DEEPSEEK,
    GEMMA_CHAT,
    GPT_OSS,
    GRANITE_4,
    GRANITE_CODE,
    LLAMA_3,
    MISTRAL,
    QWEN_BASE,
    SEED_CODER,
    STARCODER2,
    RecommendedModel,
)
from config.rendered import Knobs

# Trained to fill in; trained to answer; both.
_FILLS = ("autocomplete",)
_CHATS = ("chat", "edit")
_BOTH = ("autocomplete", "chat", "edit")

# Input and output tokens. A completion is worth waiting for only while its prompt is short, and
# 32 Ki tokens in all leave room for the weights on the cards that people have.
_SHORT = (8192, 1024)
_LONG = (24_576, 8192)
_IN_8K = (6144, 2048)
_K = 1024


class _Line(NamedTuple):
    """Models of one vendor that differ in size only: the name of each card and its category."""

    vendor: str
    organization: str
    capabilities: tuple[str, ...]
    infill: str
    knobs: Knobs
    context: int
    window: tuple[int, int]
    is_checked: bool
    sizes: dict[str, str]


_QWEN_SIZES = {"1.5B": "speed", "7B": "balanced", "14B": "balanced", "32B": "accuracy"}
_QWEN_FILLS = {f"Qwen2.5-Coder-{size}": category for size, category in _QWEN_SIZES.items()}
_QWEN_CHATS = {f"{name}-Instruct": category for name, category in _QWEN_FILLS.items()}
_QWEN_3 = {"Qwen3-Coder-30B-A3B-Instruct": "balanced"}
_DEEPSEEK_1 = {"deepseek-coder-6.7b-base": "balanced"}
_DEEPSEEK_2 = {"DeepSeek-Coder-V2-Lite-Base": "balanced"}
_DEEPSEEK_2_CHATS = {"DeepSeek-Coder-V2-Lite-Instruct": "balanced"}
_CODESTRAL = {"Codestral-22B-v0.1": "balanced"}
# Served by its vendor and by licensees: there are no public weights, and no card.
_CODESTRAL_25 = {"Codestral-2501": "balanced", "Codestral-2508": "balanced"}
_SMALL_3 = {"Mistral-Small-24B-Instruct-2501": "balanced"}
_SMALL_32 = {"Mistral-Small-3.2-24B-Instruct-2506": "balanced"}
_GRANITE_2K = {"granite-3b-code-base-2k": "speed"}
_GRANITE_4K = {"granite-8b-code-base-4k": "balanced"}
_GRANITE_CHATS = {
    "granite-3b-code-instruct-128k": "speed",
    "granite-8b-code-instruct-128k": "balanced",
}
_GRANITE_4 = {
    "granite-4.0-micro": "speed",
    "granite-4.0-h-tiny": "speed",
    "granite-4.0-h-small": "balanced",
}
_GEMMA_FILLS = {"codegemma-2b": "speed", "codegemma-7b": "balanced"}
_LLAMA_FILLS = {"CodeLlama-7b-hf": "speed", "CodeLlama-13b-hf": "balanced"}
_LLAMA_BOTH = {"CodeLlama-7b-Instruct-hf": "speed", "CodeLlama-13b-Instruct-hf": "balanced"}
_LLAMA_3 = {"Llama-3.1-8B-Instruct": "speed", "Llama-3.3-70B-Instruct": "accuracy"}
_SMOL = {"SmolLM2-135M-Instruct": "speed", "SmolLM2-1.7B-Instruct": "speed"}

# fmt: off
_LINES = (
    _Line("bigcode", "bigcode", _FILLS, "starcoder2", STARCODER2, 16 * _K, _SHORT, True,
          {"starcoder2-3b": "speed"}),
    _Line("qwen", "Qwen", _FILLS, "qwen-coder", QWEN_BASE, 32 * _K, _SHORT, True, _QWEN_FILLS),
    _Line("qwen", "Qwen", _CHATS, "qwen-coder", CHAT_ML, 32 * _K, _LONG, True, _QWEN_CHATS),
    _Line("qwen", "Qwen", _BOTH, "qwen-coder", CHAT_ML, 256 * _K, _LONG, True, _QWEN_3),
    _Line("deepseek", "deepseek-ai", _FILLS, "deepseek-coder", DEEPSEEK, 16 * _K, _SHORT, False,
          _DEEPSEEK_1),
    _Line("deepseek", "deepseek-ai", _FILLS, "deepseek-coder", DEEPSEEK, 128 * _K, _SHORT, True,
          _DEEPSEEK_2),
    _Line("deepseek", "deepseek-ai", _CHATS, "deepseek-coder", DEEPSEEK, 128 * _K, _LONG, True,
          _DEEPSEEK_2_CHATS),
    _Line("mistral", "mistralai", _BOTH, "codestral", MISTRAL, 32 * _K, _LONG, True, _CODESTRAL),
    _Line("mistral", "", _BOTH, "codestral", MISTRAL, 250 * _K, _LONG, True, _CODESTRAL_25),
    _Line("mistral", "mistralai", _CHATS, "none", MISTRAL, 32 * _K, _LONG, False, _SMALL_3),
    _Line("mistral", "mistralai", _CHATS, "none", MISTRAL, 128 * _K, _LONG, True, _SMALL_32),
    _Line("ibm", "ibm-granite", _FILLS, "granite-code", GRANITE_CODE, 2 * _K, (1536, 512), True,
          _GRANITE_2K),
    _Line("ibm", "ibm-granite", _FILLS, "granite-code", GRANITE_CODE, 4 * _K, (3072, 1024), True,
          _GRANITE_4K),
    _Line("ibm", "ibm-granite", _CHATS, "granite-code", GRANITE_CODE, 128 * _K, _LONG, True,
          _GRANITE_CHATS),
    _Line("ibm", "ibm-granite", _BOTH, "granite-4", GRANITE_4, 128 * _K, _LONG, True, _GRANITE_4),
    _Line("google", "google", _FILLS, "codegemma", CODE_GEMMA, 8 * _K, _IN_8K, False,
          _GEMMA_FILLS),
    _Line("google", "google", _CHATS, "codegemma", GEMMA_CHAT, 8 * _K, _IN_8K, False,
          {"codegemma-7b-it": "speed"}),
    _Line("meta", "codellama", _FILLS, "codellama", CODE_LLAMA, 16 * _K, _SHORT, False,
          _LLAMA_FILLS),
    _Line("meta", "codellama", _BOTH, "codellama", CODE_LLAMA, 16 * _K, (12_288, 4096), False,
          _LLAMA_BOTH),
    _Line("meta", "meta-llama", _CHATS, "none", LLAMA_3, 128 * _K, _LONG, True, _LLAMA_3),
    _Line("bytedance", "ByteDance-Seed", _FILLS, "seed-coder", SEED_CODER, 32 * _K, _SHORT, False,
          {"Seed-Coder-8B-Base": "balanced"}),
    _Line("huggingface", "HuggingFaceTB", _CHATS, "none", CHAT_ML, 8 * _K, _IN_8K, True, _SMOL),
    _Line("openai", "openai", (*_CHATS, "reasoning"), "none", GPT_OSS, 128 * _K, _LONG, True,
          {"gpt-oss-20b": "balanced"}),
)
# fmt: on


def _models() -> Iterator[RecommendedModel]:
    for line in _LINES:
        for name, category in line.sizes.items():
            yield RecommendedModel(
                f"{line.vendor}::v1::{name.lower()}",
                name,
                line.capabilities,
                line.infill,
                line.knobs,
                line.context,
                f"{line.organization}/{name}" if line.organization else "",
                line.is_checked,
                max_input_tokens=line.window[0],
                max_output_tokens=line.window[1],
                category=category,
            )


OUR_MODELS = tuple(_models())
