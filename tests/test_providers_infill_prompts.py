"""The exact prompt and stops of every model family."""

from dataclasses import replace

import pytest

from config.fim_families import FIM_FAMILIES
from providers.infill_families import (
    AIXCODER,
    CODEGEEX4,
    CODEGEMMA,
    CODELLAMA,
    CODEQWEN_15,
    CODESTRAL,
    DEEPSEEK_CODER,
    FAMILIES,
    GRANITE_3,
    GRANITE_4,
    GRANITE_CODE,
    MELLUM,
    MERCURY_CODER,
    NONE,
    QWEN_CODER,
    REFACT,
    SANTACODER,
    SEED_CODER,
    STABLE_CODE,
    STARCODER,
    STARCODER2,
    Family,
)
from providers.infill_prompts import commented, family_of, render
from providers.messages import ContextSnippet, InfillRequest, Sampling
from tests.prompt_heads import shared_head
from tests.provider_models import model_named

GAP = InfillRequest("P", "S", Sampling(8), path="src/b.py", language_id="python", repository="shop")
FILES = (ContextSnippet("src/a.py", "x = 1\n"), ContextSnippet("c.py", "def f():\n    pass"))
AROUND = replace(GAP, context=FILES)
COMMENTS = "# Path: src/a.py\n# x = 1\n\n# Path: c.py\n# def f():\n#     pass\n\n"

STARCODER_FORM = "<fim_prefix>P<fim_suffix>S<fim_middle>"
PIPED_FORM = "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"
CODE_F = "def f():\n    pass"
# Letters that look like others are written as escapes: a mistake in them is invisible.
BEGIN, HOLE, END = (f"<\uff5cfim\u2581{name}\uff5c>" for name in ("begin", "hole", "end"))


def golden(form: str) -> tuple[str, str]:
    """The prompts of a family without a form for other files, without and with them."""
    return form, form.replace("P", COMMENTS + "P", 1)


PROMPTS: dict[Family, tuple[str, str]] = {
    STARCODER: golden(STARCODER_FORM),
    STARCODER2: (
        STARCODER_FORM,
        f"<repo_name>shop<file_sep>src/a.py\nx = 1<file_sep>c.py\n{CODE_F}"
        "<file_sep><fim_prefix>src/b.py\nP<fim_suffix>S<fim_middle>",
    ),
    SANTACODER: golden("<fim-prefix>P<fim-suffix>S<fim-middle>"),
    STABLE_CODE: golden(STARCODER_FORM),
    REFACT: golden(STARCODER_FORM),
    CODELLAMA: (
        "<PRE> P <SUF>S <MID>",
        f"<PRE> {COMMENTS}P <SUF>S <MID>",
    ),
    DEEPSEEK_CODER: (
        f"{BEGIN}P{HOLE}S{END}",
        f"{BEGIN}#src/a.py\nx = 1\n#c.py\n{CODE_F}\n#src/b.py\nP{HOLE}S{END}",
    ),
    QWEN_CODER: (
        PIPED_FORM,
        f"<|repo_name|>shop\n<|file_sep|>src/a.py\nx = 1\n<|file_sep|>c.py\n{CODE_F}\n"
        f"<|file_sep|>src/b.py\n{PIPED_FORM}",
    ),
    CODEQWEN_15: (
        STARCODER_FORM,
        f"<repo_name>shop\n<file_sep>src/a.py\nx = 1\n<file_sep>c.py\n{CODE_F}\n"
        f"<file_sep>src/b.py\n{STARCODER_FORM}",
    ),
    CODEGEMMA: (
        PIPED_FORM,
        f"src/a.py\nx = 1<|file_separator|>c.py\n{CODE_F}<|file_separator|>src/b.py\n{PIPED_FORM}",
    ),
    CODESTRAL: (
        "[SUFFIX]S[PREFIX]P",
        f"[SUFFIX]S[PREFIX]+++++ src/a.py\nx = 1\n\n+++++ c.py\n{CODE_F}\n\n+++++ src/b.py\nP",
    ),
    GRANITE_CODE: golden(STARCODER_FORM),
    GRANITE_3: golden(STARCODER_FORM),
    GRANITE_4: (PIPED_FORM, f"<|fim_prefix|>{COMMENTS}P<|fim_suffix|>S<|fim_middle|>"),
    SEED_CODER: (
        "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
        f"<[fim-suffix]>S<[fim-prefix]>{COMMENTS}P<[fim-middle]>",
    ),
    CODEGEEX4: (
        "<|user|>\n###PATH:src/b.py\n###LANGUAGE:Python\n###MODE:BLOCK\n"
        "<|code_suffix|>S<|code_prefix|>P<|code_middle|><|assistant|>\n",
        f"<|user|>\n###REFERENCE:\n###PATH:src/a.py\nx = 1\n###REFERENCE:\n###PATH:c.py\n{CODE_F}\n"
        "###PATH:src/b.py\n###LANGUAGE:Python\n###MODE:BLOCK\n"
        "<|code_suffix|>S<|code_prefix|>P<|code_middle|><|assistant|>\n",
    ),
    MERCURY_CODER: (
        f"<|file_sep|>src/b.py\n{PIPED_FORM}",
        f"<|file_sep|>src/a.py\nx = 1\n<|file_sep|>c.py\n{CODE_F}\n"
        f"<|file_sep|>src/b.py\n{PIPED_FORM}",
    ),
    MELLUM: (
        "<filename>src/b.py\n<fim_suffix>S<fim_prefix>P<fim_middle>",
        f"<filename>src/a.py\nx = 1\n<filename>c.py\n{CODE_F}\n"
        "<filename>src/b.py\n<fim_suffix>S<fim_prefix>P<fim_middle>",
    ),
    AIXCODER: (
        "\u2581<AIX-SPAN-PRE>\u2581<AIX-SPAN-POST>S\u2581<AIX-SPAN-MIDDLE>P",
        f"\u2581<AIX-SPAN-PRE>\u2581<AIX-SPAN-POST>S\u2581<AIX-SPAN-MIDDLE>{COMMENTS}P",
    ),
    NONE: ("P", f"{COMMENTS}P"),
}

# The first four are sent, all are enforced here.
FIRST_STOPS = {
    STARCODER: "<|endoftext|> <filename> <reponame> <gh_stars>",
    STARCODER2: "<|endoftext|> <file_sep> <repo_name> <fim_prefix>",
    SANTACODER: "<|endoftext|> <fim-prefix> <fim-suffix> <fim-middle>",
    STABLE_CODE: "<|endoftext|> <|im_end|> <fim_prefix> <fim_suffix>",
    REFACT: "<|endoftext|> <filename> <fim_prefix> <fim_suffix>",
    CODELLAMA: " <EOT> <EOT> <PRE> <SUF>",
    DEEPSEEK_CODER: f"<\uff5cend\u2581of\u2581sentence\uff5c> <|eos_token|> {BEGIN} {HOLE}",
    QWEN_CODER: "<|endoftext|> <|file_sep|> <|repo_name|> <|fim_pad|>",
    CODEQWEN_15: "<|endoftext|> <file_sep> <repo_name> <|im_end|>",
    CODEGEMMA: "<|file_separator|> <end_of_turn> <eos> <|fim_prefix|>",
    CODESTRAL: "[PREFIX] [SUFFIX] [MIDDLE] \n+++++ ",
    GRANITE_CODE: "<|endoftext|> <filename> <reponame> <fim_prefix>",
    GRANITE_3: "<|end_of_text|> <|start_of_role|> <filename> <reponame>",
    GRANITE_4: "<|end_of_text|> <|fim_pad|> <|fim_prefix|> <|fim_suffix|>",
    SEED_CODER: (
        "<[end\u2581of\u2581sentence]> <[PAD\u2581TOKEN]> <[SEP\u2581TOKEN]> <[fim-prefix]>"
    ),
    CODEGEEX4: "<|endoftext|> <|user|> <|observation|> <|assistant|>",
    MERCURY_CODER: "<|endoftext|> <|file_sep|> <|fim_prefix|> <|fim_suffix|>",
    MELLUM: "<|endoftext|> <filename> <reponame> <fim_prefix>",
    AIXCODER: "</s> \u2581<AIX-SPAN-PRE> \u2581<AIX-SPAN-POST> \u2581<AIX-SPAN-MIDDLE>",
    NONE: "<|endoftext|> <|im_start|> <|im_end|> <|end_of_text|>",
}

each = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


@each
def test_golden_prompts(family: Family) -> None:
    alone, with_files = PROMPTS[family]
    assert render(family, GAP) == alone
    assert render(family, AROUND) == with_files


@each
def test_golden_stops(family: Family) -> None:
    assert " ".join(family.stops[:4]) == FIRST_STOPS[family]


@each
def test_every_token_of_the_prompt_ends_an_answer(family: Family) -> None:
    gap = InfillRequest("", "", Sampling(8), language_id="python")
    bare = render(family, gap)
    for known in ("###PATH:", "###LANGUAGE:Python", "###MODE:BLOCK", "untitled", *family.stops):
        bare = bare.replace(known, "")
    assert not bare.strip()


@each
def test_a_prompt_is_never_empty(family: Family) -> None:
    assert render(family, InfillRequest("", "", Sampling(8)))


@each
def test_code_that_looks_like_a_template_stays_as_it_is(family: Family) -> None:
    snippet = ContextSnippet("{prefix}.py", "{path}{0}")
    prompt = render(
        family,
        replace(GAP, prefix="f'{suffix}{x}'", suffix="{prefix}{}", context=(snippet,)),
    )
    assert "f'{suffix}{x}'" in prompt
    assert ("{prefix}{}" in prompt) is family.uses_suffix
    assert "{prefix}.py" in prompt
    assert "{path}{0}" in prompt


@each
def test_a_file_that_holds_the_familys_tokens_is_left_out(family: Family) -> None:
    poisoned = ContextSnippet("tokens.py", f"END = '{family.stops[0]}'")
    assert render(family, replace(GAP, context=(poisoned, *FILES))) == PROMPTS[family][1]


@each
def test_what_a_keystroke_changes_stands_behind_what_it_does_not(family: Family) -> None:
    before = render(family, AROUND)
    after = render(family, replace(AROUND, prefix="Px"))
    changed = shared_head(before, after)
    assert all(name in before[:changed] for name in ("a.py", "c.py"))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("starcoder", STARCODER),
        ("starcoderbase-1b", STARCODER),
        ("octocoder", STARCODER),
        ("bigcode/StarCoder2-7B", STARCODER2),
        ("starcoder2:3b", STARCODER2),
        ("star-coder-2", STARCODER2),
        ("bigcode/santacoder", SANTACODER),
        ("smallcloudai/Refact-1_6B-fim", REFACT),
        ("stable-code-3b", STABLE_CODE),
        ("stablecode-instruct", STABLE_CODE),
        ("granite-8b-code-base", GRANITE_CODE),
        ("granite-code:3b", GRANITE_CODE),
        ("ibm-granite/granite-4.0-h-tiny", GRANITE_4),
        ("granite-3.3-8b-instruct", GRANITE_3),
        ("granite3.3:8b", GRANITE_3),
        ("granite-3.1-8b-instruct", NONE),
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
        ("code-qwen-7b", QWEN_CODER),
        ("CodeQwen1.5-7B", CODEQWEN_15),
        ("qwen3-8b", NONE),
        ("codegemma-2b", CODEGEMMA),
        ("gemma-2", NONE),
        ("Codestral-22B-v0.1", CODESTRAL),
        ("mamba-codestral-7b", NONE),
        ("ByteDance-Seed/Seed-Coder-8B-Base", SEED_CODER),
        ("seed_coder_8b", SEED_CODER),
        ("THUDM/codegeex4-all-9b", CODEGEEX4),
        ("mercury-coder-small", MERCURY_CODER),
        ("JetBrains/Mellum-4b-base", MELLUM),
        ("mellum-4b-sft-python", MELLUM),
        ("aiXcoder/aixcoder-7b-base", AIXCODER),
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
    assert family_of(model_named("starcoder2", api_model="deployment-17")) is STARCODER2


def test_what_the_configuration_states_decides_before_any_name() -> None:
    model = model_named("starcoder2", api_model="codellama-7b")
    assert family_of(model.model_copy(update={"fim_family": "qwen-coder"})) is QWEN_CODER
    assert family_of(model.model_copy(update={"fim_family": "none"})) is NONE


def test_every_family_can_be_stated_and_there_are_no_others() -> None:
    assert tuple(sorted(family.name for family in FAMILIES)) == FIM_FAMILIES


def test_a_language_without_line_comments_gets_no_comments() -> None:
    assert commented(FILES, "html") == ""
    assert commented(FILES[:1], "lua") == "-- Path: src/a.py\n-- x = 1\n\n"
