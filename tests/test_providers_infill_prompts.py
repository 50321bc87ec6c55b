"""The exact prompt of every model family."""

import pytest

from providers.infill_prompts import (
    CODEGEMMA,
    CODELLAMA,
    CODESTRAL,
    DEEPSEEK_CODER,
    GRANITE_4,
    NONE,
    QWEN_CODER,
    SEED_CODER,
    STARCODER,
    Family,
    family_of,
    render,
)
from tests.provider_models import model_named


@pytest.mark.parametrize(
    ("family", "prompt"),
    [
        (STARCODER, "<fim_prefix>P<fim_suffix>S<fim_middle>"),
        (CODELLAMA, "<PRE> P <SUF>S <MID>"),
        (
            DEEPSEEK_CODER,
            "<\uff5cfim\u2581begin\uff5c>P<\uff5cfim\u2581hole\uff5c>S<\uff5cfim\u2581end\uff5c>",
        ),
        (QWEN_CODER, "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        (CODEGEMMA, "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        (CODESTRAL, "[SUFFIX]S[PREFIX]P"),
        (GRANITE_4, "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        (SEED_CODER, "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>"),
        (NONE, "P"),
    ],
    ids=lambda value: value.name if isinstance(value, Family) else "",
)
def test_golden_prompts(family: Family, prompt: str) -> None:
    assert render(family, "P", "S") == prompt


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("starcoder", STARCODER),
        ("bigcode/StarCoder2-7B", STARCODER),
        ("stable-code-3b", STARCODER),
        ("stablecode-instruct", STARCODER),
        ("granite-8b-code-base", STARCODER),
        ("ibm-granite/granite-4.0-h-tiny", GRANITE_4),
        ("granite-3.3-8b-instruct", NONE),
        ("codellama:7b-code", CODELLAMA),
        ("CodeLlama-13b-hf", CODELLAMA),
        ("llama-code-7b", CODELLAMA),
        ("CodeLlama-34b-hf", NONE),
        ("codellama-7b-python", NONE),
        ("deepseek-coder-6.7b-base", DEEPSEEK_CODER),
        ("DeepSeek-Coder-V2-Lite", DEEPSEEK_CODER),
        ("deepseek-r1-distill-llama", NONE),
        ("qwen2.5-coder:7b", QWEN_CODER),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", QWEN_CODER),
        ("codeqwen", QWEN_CODER),
        ("CodeQwen1.5-7B", STARCODER),
        ("qwen3-8b", NONE),
        ("codegemma-2b", CODEGEMMA),
        ("gemma-2", NONE),
        ("Codestral-22B-v0.1", CODESTRAL),
        ("mamba-codestral-7b", NONE),
        ("ByteDance-Seed/Seed-Coder-8B-Base", SEED_CODER),
        ("seed_coder_8b", SEED_CODER),
        ("SmolLM2-135M-Instruct", NONE),
        ("mixtral-8x7b-instruct", NONE),
        ("gpt-4o", NONE),
    ],
)
def test_the_family_is_told_by_the_name(name: str, family: Family) -> None:
    assert family_of(model_named("x", api_model=name)) is family
    assert family_of(model_named(name.replace(":", "-"))) is family


def test_the_name_sent_to_the_server_decides_first() -> None:
    assert family_of(model_named("starcoder2", api_model="codellama-7b")) is CODELLAMA
    assert family_of(model_named("starcoder2", api_model="deployment-17")) is STARCODER


@pytest.mark.parametrize("family", [STARCODER, CODELLAMA, CODESTRAL, NONE])
def test_a_prompt_is_never_empty(family: Family) -> None:
    assert render(family, "", "")


@pytest.mark.parametrize("family", [STARCODER, CODESTRAL, SEED_CODER])
def test_code_that_looks_like_a_template_stays_as_it_is(family: Family) -> None:
    prompt = render(family, "f'{suffix}{x}'", "{prefix}{}")
    assert "f'{suffix}{x}'" in prompt
    assert "{prefix}{}" in prompt


@pytest.mark.parametrize("family", [STARCODER, CODELLAMA, DEEPSEEK_CODER, QWEN_CODER, SEED_CODER])
def test_every_token_of_the_prompt_ends_an_answer(family: Family) -> None:
    bare = render(family, "\0", "\0").replace("\0", " ")
    assert all(token in family.stops for token in bare.split() if token.startswith("<"))
