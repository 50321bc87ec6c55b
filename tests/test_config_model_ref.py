"""Model references: what is one, and which rule a text breaks that is none."""

import pytest

from config.model_ref import ModelRef, ModelRefError, is_valid_id, sanitized_id


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a::b::c", ("a", "b", "c")),
        ("P.x::2024-10-22::meta/Llama-3.1", ("P.x", "2024-10-22", "meta/Llama-3.1")),
        ("a::b::x@y[1]%20", ("a", "b", "x@y[1]%20")),
    ],
)
def test_reference_has_three_parts(text: str, parts: tuple[str, str, str]) -> None:
    ref = ModelRef.parse(text)

    assert (ref.provider_id, ref.api_version_id, ref.model_id) == parts
    assert str(ref) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ref-blank"),
        (" ", "ref-parts"),
        ("a::b", "ref-parts"),
        ("a::b::c::d", "ref-parts"),
        ("a:b:c", "ref-parts"),
        ("provider/model", "ref-parts"),
        ("::b::c", "ref-provider"),
        ("a b::c::d", "ref-provider"),
        ("ä::b::c", "ref-provider"),
        ("a::::c", "ref-api-version"),
        ("a:::b::c", "ref-api-version"),
        ('a::"::c', "ref-api-version"),
        ("a::b::", "ref-model-id"),
        ("a::b::c\n", "ref-model-id"),
        ("a::b::qwen:7b", "ref-model-id"),
        ("a::b::c\\d", "ref-model-id"),
        ("a::b::\uff11", "ref-model-id"),
        ("a::b::c`", "ref-model-id"),
        ("a::b::c\0", "ref-model-id"),
    ],
)
def test_broken_reference_names_the_rule_it_breaks(text: str, code: str) -> None:
    with pytest.raises(ModelRefError) as caught:
        ModelRef.parse(text)

    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_parts_are_checked_from_left_to_right() -> None:
    with pytest.raises(ModelRefError) as caught:
        ModelRef.parse(" :: :: ")

    assert caught.value.code == "ref-provider"


def test_colon_in_the_model_is_answered_with_what_to_write() -> None:
    with pytest.raises(ModelRefError, match=r"qwen-7b.*modelName or apiModel"):
        ModelRef.parse("ollama::v1::qwen:7b")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("openai/gpt-4o", "openai::v1::gpt-4o"),
        ("openai/v1/gpt-4o", "openai::v1::gpt-4o"),
        ("box/vendor/model", "box::v1::vendor/model"),
    ],
)
def test_slashes_are_answered_with_what_to_write(text: str, meant: str) -> None:
    with pytest.raises(ModelRefError, match=f'write "{meant}"') as caught:
        ModelRef.parse(text)
    assert caught.value.replacement == meant


@pytest.mark.parametrize(
    ("text", "sanitized"),
    [("qwen:7b", "qwen_7b"), ("Meta/Llama", "Meta/Llama"), ("a\U0001f600", "a____"), ("", "_")],
)
def test_any_text_can_be_made_a_valid_part(text: str, sanitized: str) -> None:
    assert sanitized_id(text) == sanitized
    assert is_valid_id(sanitized)
