"""Where a problem is underlined, and what its fix makes of the text."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.fixes import fix_of, underline_of
from config.jsonc import parse
from config.loading import open_document
from config.problems import Problem

_SERVER = '"serverSideConfig": {"type": "openaicompatible", "endpoints": [{"url": "http://h"}]}'
_PROVIDER = f'"providerOverrides": [{{"id": "box", {_SERVER}}}]'


def problems_of(text: str) -> list[Problem]:
    return list(open_document(text, environ={}, read_file=str).build()[1])


def one(text: str, code: str) -> Problem:
    return next(problem for problem in problems_of(text) if problem.code == code)


@pytest.mark.parametrize(
    ("inner", "code", "wrong", "right"),
    [
        ('"modelOverride": []', "unknown-key", '"modelOverride"', '"modelOverrides"'),
        (
            f'{_PROVIDER}, "modelOverrides": [{{"modelRef": "box::v1::m", "category": "sped"}}]',
            "unknown-enum",
            '"sped"',
            '"speed"',
        ),
        (
            '"providerOverrides": [{"id": "x", "serverSideConfig": {"type": "open-ai"}}]',
            "provider-type",
            '"open-ai"',
            '"openai"',
        ),
        (
            f'{_PROVIDER}, "modelOverrides": [{{"modelRef": "bax::v1::m"}}]',
            "unknown-provider",
            '"bax::v1::m"',
            '"box::v1::m"',
        ),
        (
            f'{_PROVIDER}, "modelOverrides": [{{"modelRef": "box/m"}}]',
            "ref-parts",
            '"box/m"',
            '"box::v1::m"',
        ),
        (
            '"modelOverridesRecommendedSettings": ["bigcode::v1::starcoder2-7"]',
            "recommended-unknown",
            '"bigcode::v1::starcoder2-7"',
            '"bigcode::v1::starcoder2-7b"',
        ),
        (
            '"selfHostedModels": [{"provider": "p", "model": "starcoder2-7b"}]',
            "selfhosted-unknown",
            '"starcoder2-7b"',
            '"starcoder2-7b@v1"',
        ),
        (
            f'{_PROVIDER}, "modelOverrides": [{{"modelRef": "box::v1::model"}}],'
            ' "defaultModels": {"chat": "box::v1::modle"}',
            "default-unknown",
            '"box::v1::modle"',
            '"box::v1::model"',
        ),
    ],
)
@pytest.mark.parametrize("wrap", [False, True], ids=["bare", "wrapped"])
def test_fix_writes_what_was_meant(
    inner: str, code: str, wrong: str, right: str, wrap: bool
) -> None:
    text = f'{{"modelConfiguration": {{{inner}}}}} // end' if wrap else f"{{ {inner} }}"
    problem = one(text, code)
    parsed = parse(text)

    fix = fix_of(problem, parsed)

    assert fix is not None
    assert text[fix.start : fix.end] == wrong
    assert fix.new_text == right
    assert right in fix.title
    assert underline_of(problem, parsed) == (fix.start, fix.end)
    mended = text[: fix.start] + fix.new_text + text[fix.end :]
    assert code not in {p.code for p in problems_of(mended) if p.pointer == problem.pointer}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"zzzzzzzz": 1}', "unknown-key"),
        ('{"providerOverrides": [{"id": "x", "serverSideConfig": {}}]}', "provider-type"),
        ('{"selfHostedModels": [{"provider": "x"}]}', "selfhosted-unknown"),
        # Another provider would make this a model that nothing is known of.
        (
            f"{{{_PROVIDER.replace('box', 'mistrel')},"
            ' "modelOverridesRecommendedSettings": ["mistral::v1::mistral-7b-instruct"]}',
            "unknown-provider",
        ),
    ],
)
def test_nothing_is_offered_where_nothing_is_known(text: str, code: str) -> None:
    assert fix_of(one(text, code), parse(text)) is None


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ('{"systemPreInstruction": 1}', "wrong-type", "1"),
        ('{"modelOverrides": [{\n}]}', "missing-field", "{"),
        ('{"modelOverrides": [{ }]}', "missing-field", "{ }"),
        ('{"nope" : [1,\n2]}', "unknown-key", '"nope"'),
        ('{"sourcegraph": null, "sourcegraph": null}', "duplicate-key", '"sourcegraph"'),
        ('{"systemPreInstruction": tru }', "syntax", "tru"),
        ('{"sourcegraph" null}', "syntax", "null"),
        ('{"sourcegraph": {}', "syntax", ""),
    ],
)
def test_underline_is_the_key_the_value_or_the_token(text: str, code: str, marked: str) -> None:
    start, end = underline_of(one(text, code), parse(text))

    assert text[start:end] == marked


def test_of_a_key_given_thrice_each_later_one_is_underlined() -> None:
    text = '{"sourcegraph": null, "sourcegraph": null, "sourcegraph": null}'
    found = [underline_of(p, parse(text)) for p in problems_of(text) if p.code == "duplicate-key"]

    assert found == [(22, 35), (43, 56)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@settings(max_examples=200)
@given(_JSON, st.sampled_from([None, 2]), st.sampled_from(["", " // note\n", "\n\n"]))
def test_range_is_exactly_the_text_of_a_key_or_value(
    value: Any, indent: int | None, end: str
) -> None:
    text = json.dumps(value, indent=indent) + end
    parsed = parse(text)

    for pointer, name, inner in _places(value, "", None):
        start, stop = parsed.range_of(pointer)
        assert json.loads(text[start:stop]) == inner
        if name is not None:
            start, stop = parsed.range_of(pointer, of_key=True)
            assert json.loads(text[start:stop]) == name


def _places(value: Any, pointer: str, name: str | None) -> list[tuple[str, str | None, Any]]:
    found = [(pointer, name, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            escaped = key.replace("~", "~0").replace("/", "~1")
            found += _places(inner, f"{pointer}/{escaped}", key)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += _places(inner, f"{pointer}/{index}", None)
    return found
