"""What the twenty configurations that people write are built into."""

import json

import pytest

from config.assist import hover_at
from config.json_places import Syntax
from config.jsonc import parse
from tests.configurations import Written, written
from tests.test_config_schema import conforms_to_schema

_ALL = {one.name: one for one in written()}
_BASE = [
    "anthropic::2023-06-01::claude-3.5-sonnet",
    "anthropic::2023-06-01::claude-3-haiku",
    "fireworks::v1::deepseek-coder-v2-lite-base",
    "openai::2024-02-01::gpt-4-turbo",
    "openai::unknown::o9-preview",
]
_AZURE = "azure-openai::unknown::"
_BEDROCK = [
    "aws-bedrock::2025-02-19::claude-3-7-sonnet",
    "aws-bedrock::2024-10-22::claude-3-5-haiku",
]
_CLAUDE = "anthropic::2024-10-22::claude-3-"

# Name: models in order; the places in them of the chat, quick chat and completion model; problems.
Expected = tuple[list[str], tuple[int | None, int | None, int | None], list[str]]
_EXPECTED: dict[str, Expected] = {
    "01-tgi-two-servers": (
        ["mistral::v1::mixtral-8x7b-instruct", "bigcode::v1::starcoder2-7b"],
        (0, 0, 1),
        [],
    ),
    "02-openai-compatible-mixed": (
        ["fireworks::v1::llama-v3p1-70b-instruct", "huggingface-codellama::v1::CodeLlama-7b-hf"],
        (0, 0, 1),
        [],
    ),
    "03-chat-route-and-headers": (["proxy::v1::qwen2.5-coder-32b-instruct"], (0, 0, 0), []),
    "04-vllm": (["vllm::v1::qwen-coder-32b"], (0, 0, 0), []),
    "05-ollama": (["ollama::v1::qwen2.5-coder-7b", "ollama::v1::llama3.1-8b"], (1, 1, 0), []),
    "06-lm-studio": (
        ["lmstudio::v1::qwen2.5-coder-14b", "lmstudio::v1::openai/gpt-oss-20b"],
        (1, 1, 0),
        [],
    ),
    "07-nim": (
        ["nim::v1::meta/llama-3.1-8b-instruct"],
        (0, 0, None),
        ["no-default-code-completion"],
    ),
    "08-lisa": (["lisa::v1::mistral-7b-instruct", "lisa::v1::starcoder2-15b"], (0, 0, 1), []),
    "09-llama-cpp-pair": (["chat::v1::any", "fim::v1::qwen2.5-coder-1.5b"], (0, 0, 1), []),
    "10-azure": (
        [
            f"{_AZURE}gpt-4o",
            f"{_AZURE}gpt-4.1-nano",
            f"{_AZURE}o3-mini",
            f"{_AZURE}gpt-35-turbo-instruct-test",
        ],
        (0, 1, 1),
        [],
    ),
    "11-bedrock": (_BEDROCK, (0, 1, 1), []),
    "12-fireworks": (
        ["fireworks::v1::mixtral-8x7b-instruct", "fireworks::v1::starcoder-16b"],
        (0, 0, 1),
        [],
    ),
    "13-google-gemini": (["google::v1::gemini-2.0-flash"], (0, 0, 0), []),
    "14-vertex-anthropic": (
        ["google::20250219::claude-3-7-sonnet", "google::20250219::claude-3-5-haiku"],
        (0, 1, 1),
        ["default-unknown"],
    ),
    "15-openai": (
        ["openai::2024-02-01::gpt-4o", "openai::unknown::gpt-4.1-nano", "openai::unknown::o3"],
        (0, 1, 1),
        [],
    ),
    "16-anthropic": (
        [
            f"{_CLAUDE}7-sonnet-latest",
            f"{_CLAUDE}7-sonnet-extended-thinking",
            f"{_CLAUDE}5-haiku-latest",
        ],
        (0, 2, 2),
        [],
    ),
    "17-gateway": (_BASE, (0, 1, 2), ["gateway-missing"]),
    "18-gateway-with-filters": ([*_BASE[:3], "google::v1::gemini-2.0-flash"], (0, 1, 2), []),
    "19-gateway-one-provider-taken-over": (_BASE, (0, 1, 2), ["gateway-missing"]),
    "20-gateway-and-own-namespace": (
        [*_BASE, "anthropic-byok::2023-06-01::claude-3-7-sonnet"],
        (5, 1, 2),
        [],
    ),
}

each = pytest.mark.parametrize("one", _ALL.values(), ids=_ALL)


def test_there_are_twenty() -> None:
    assert list(_ALL) == list(_EXPECTED)
    assert [name[:2] for name in _ALL] == [f"{number:02}" for number in range(1, 21)]


@each
def test_configuration_is_built_into_what_its_writer_expects(one: Written) -> None:
    models, places, codes = _EXPECTED[one.name]

    configuration, problems = one.build()

    assert configuration is not None, problems
    assert [str(model.model_ref) for model in configuration.models] == models
    defaults = configuration.default_models
    chosen = (defaults.chat, defaults.fast_chat, defaults.code_completion)
    expected = tuple(None if place is None else models[place] for place in places)
    assert tuple(None if ref is None else str(ref) for ref in chosen) == expected
    assert [problem.code for problem in problems] == codes
    for problem in problems:
        assert problem.line is not None


@each
def test_only_a_missing_feature_keeps_it_from_being_strict(one: Written) -> None:
    configuration, problems = one.build(strict=True)

    missing = [p.code for p in problems if p.code.startswith("no-default")]
    assert (configuration is None) == bool(missing)


@each
def test_it_conforms_to_the_schema(one: Written) -> None:
    assert conforms_to_schema(parse(one.text).value)


@each
def test_every_key_explains_itself(one: Written) -> None:
    parsed = parse(one.text)
    unexplained = []
    for member in _members(parsed.syntax):
        hover = hover_at(one.text, member.key[0]) if member.key is not None else None
        if hover is None:
            unexplained.append(member.name)
        else:
            assert json.loads(one.text[hover.start : hover.end]) == member.name

    assert not unexplained


def _members(syntax: Syntax) -> list[Syntax]:
    found = []
    for member in syntax.members:
        found += [member] if member.key is not None else []
        found += _members(member)
    return found
