"""Hover and completion in the configuration file, finished or being typed; `|` is the cursor."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.assist import Proposal, completions_at, hover_at
from config.document import SiteDocument
from config.document_servers import PROVIDER_SERVER
from config.jsonc import parse
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY
from config.shapes import keys_of

_DOCUMENT = """{
  "modelConfiguration": {
    "providerOverrides": [
      {"id": "box", "serverSideConfig": {
        "type": "openaicompatible", // the server
        "endpoints": [{"url": "http://h/v1", "accessToken": "s3cret"}]}},
      {"id": "rack"}
    ],
    "modelOverrides": [
      {"modelRef": "box::v1::filler", "capabilities": ["autocomplete"]},
      {"modelRef": "box::v1::talker", "capabilities": ["chat"], "category": "speed"},
    ],
    "modelOverridesRecommendedSettings": ["bigcode::v1::starcoder2-7b"],
    "selfHostedModels": [{"provider": "rack", "model": "qwen2.5-coder-7b@v1",
      "apiVersion": "v2"}],
    "defaultModels": {"chat": "box::v1::talker"}
  }
}
"""


def cursor(marked: str) -> tuple[str, int]:
    assert marked.count("|") == 1
    return marked.replace("|", ""), marked.index("|")


def proposed(marked: str) -> dict[str, Proposal]:
    return {proposal.label: proposal for proposal in completions_at(*cursor(marked))}


def accepted(marked: str, label: str) -> str:
    """The text after the proposal was taken."""
    text, _ = cursor(marked)
    proposal = proposed(marked)[label]
    return text[: proposal.start] + proposal.insert_text + text[proposal.end :]


@pytest.mark.parametrize(
    ("on", "word", "parts"),
    [
        ('"provide', '"providerOverrides"', ["Own providers", "list of object"]),
        ('"modelConf', '"modelConfiguration"', ["The configuration"]),
        ('"openaicompat', '"openaicompatible"', ["Any server that speaks"]),
        ('"url', '"url"', ["required", "base address", "Never leaves this program"]),
        ('"http://', '"http://h/v1"', ["base address"]),
        ('"categ', '"category"', ["`balanced`", "Shown to editors"]),
        ('"spee', '"speed"', ["`balanced`"]),
        ('"autocomp', '"autocomplete"', ["What the model can do"]),
        ('"qwen2', '"qwen2.5-coder-7b@v1"', ["8192 tokens in", "Qwen/Qwen2.5-Coder-7B"]),
        ('"bigcode', '"bigcode::v1::starcoder2-7b"', ["Starcoder2 7B"]),
        ('"type', '"type"', ["Known values", "`anthropic`", "required"]),
    ],
)
def test_hover_describes_the_key_or_value(on: str, word: str, parts: list[str]) -> None:
    at = _DOCUMENT.index(on)
    for offset in (at, at + 1, at + len(word) - 1):
        hover = hover_at(_DOCUMENT, offset)

        assert hover is not None
        assert _DOCUMENT[hover.start : hover.end] == word
        for part in parts:
            assert part in hover.markdown


@pytest.mark.parametrize("on", ["{", ": [", "// the", " // the", "}}", ",\n", "\n  }\n"])
def test_hover_is_silent_elsewhere(on: str) -> None:
    assert hover_at(_DOCUMENT, _DOCUMENT.index(on)) is None


def test_hover_tells_defaults_and_knows_other_spellings() -> None:
    text = '{"modelOverrides": [{"string": "x"}], "selfHostedModels": [{"apiVersion": "v2"}]}'

    name = hover_at(text, text.index("string"))
    version = hover_at(text, text.index("apiVersion"))

    assert name is not None
    assert "**modelName**" in name.markdown
    assert version is not None
    assert 'Default: `"v1"`' in version.markdown


def test_hover_never_shows_a_value_of_the_file() -> None:
    for offset in range(len(_DOCUMENT)):
        hover = hover_at(_DOCUMENT, offset)
        assert hover is None or "s3cret" not in hover.markdown


@pytest.mark.parametrize("offset", [-1, 10**6])
def test_offsets_outside_of_the_text_are_answered(offset: int) -> None:
    assert hover_at(_DOCUMENT, offset) is None
    completions_at(_DOCUMENT, offset)


@pytest.mark.parametrize(
    ("marked", "some", "none"),
    [
        ("{|}", {"modelConfiguration", "modelOverrides", "sourcegraph"}, {"id"}),
        ("{|", {"modelConfiguration", "modelOverrides"}, set()),
        ('{"|', {"modelConfiguration", "modelOverrides"}, set()),
        ('{"modelO|"}', {"modelOverrides"}, set()),
        ('"modelO|', {"modelOverrides", "modelConfiguration"}, set()),
        ("mod|", {"modelOverrides"}, set()),
        ('"modelOverrides": [],\n|', {"defaultModels"}, {"modelOverrides", "modelConfiguration"}),
        ('{"defaultModels": {}, |}', {"modelOverrides"}, {"defaultModels", "modelConfiguration"}),
        ('{"modelConfiguration": {}, |}', set(), {"modelOverrides"}),
        ('{"modelConfiguration": {|}}', {"modelOverrides"}, {"modelConfiguration"}),
        ('{"modelConfiguration": {|', {"modelOverrides"}, {"modelConfiguration"}),
        ('{"other": {|}}', set(), {"modelOverrides"}),
        ('{"defaultModels": {"chat": "", |', {"fastChat", "codeCompletion"}, {"chat"}),
        ('{"defaultModels": {"unlimitedChat": "",|}}', {"chat"}, {"fallbackChat"}),
        ('{"modelOverrides": [{|', {"modelRef", "capabilities"}, {"provider"}),
        ('{"modelOverrides": [{}, {"modelRef": "a::b::c", "|]}', {"capabilities"}, {"modelRef"}),
        ('{"modelOverrides": [{"category|": "speed"}]}', {"category", "status"}, set()),
        (
            '{"providerOverrides": [{"serverSideConfig": {"type": "google", |}}]}',
            {"endpoint", "googleWorkloadIdentityConfig"},
            {"type", "endpoints"},
        ),
        (
            '{"providerOverrides": [{"serverSideConfig": {|, "type": "openaicompatible"}}]}',
            {"endpoints"},
            {"type", "endpoint"},
        ),
        ('{"providerOverrides": [{"serverSideConfig": {|', {"type"}, {"endpoints"}),
        (
            '{"selfHostedModels": [{"override": {"serverSideConfig": {|',
            {"type", "apiModel"},
            {"arn"},
        ),
        ('{"providerOverrides": [{"serverSideConfig": {"type": "nope", |}}]}', set(), {"url"}),
    ],
)
def test_keys_not_yet_there_are_proposed(marked: str, some: set[str], none: set[str]) -> None:
    found = set(proposed(marked))

    assert some <= found
    assert not none & found


def test_keys_are_all_declared_ones_with_what_is_required_first() -> None:
    found = completions_at(*cursor('{"modelOverrides": [{"modelRef": ""}], |}'))
    assert {proposal.label for proposal in found} == set(keys_of(SiteDocument)) - {"modelOverrides"}

    (first, *_) = completions_at(*cursor('{"modelOverrides": [{|}]}'))
    assert (first.label, first.detail) == ("modelRef", "model reference, required")
    assert "identity" in first.documentation


@pytest.mark.parametrize(
    ("marked", "label", "after"),
    [
        ("{|}", "sourcegraph", '{"sourcegraph": }'),
        ('{"sou|"}', "sourcegraph", '{"sourcegraph": }'),
        ('{"sou|": null}', "sourcegraph", '{"sourcegraph": null}'),
        ('{"sou|rce": null}', "sourcegraph", '{"sourcegraph": null}'),
        (
            '{|"sourcegraph": null}',
            "modelOverrides",
            '{"modelOverrides": "sourcegraph": null}',
        ),
        ("{sou|}", "sourcegraph", '{"sourcegraph": }'),
        ("{'sou|'}", "sourcegraph", '{"sourcegraph": }'),
        ('{"sou|\n}', "sourcegraph", '{"sourcegraph": \n}'),
        (
            '{\n"sou|\n"modelOverrides": []}',
            "sourcegraph",
            '{\n"sourcegraph": \n"modelOverrides": []}',
        ),
        ('{"modelOverrides": [{"status": |}]}', "beta", '{"modelOverrides": [{"status": "beta"}]}'),
        (
            '{"modelOverrides": [{"status": "|"}]}',
            "beta",
            '{"modelOverrides": [{"status": "beta"}]}',
        ),
        ('{"modelOverrides": [{"status": "be|', "beta", '{"modelOverrides": [{"status": "beta"'),
        ('{"modelOverrides": [{"status": "be|,', "beta", '{"modelOverrides": [{"status": "beta",'),
        (
            '{"modelOverrides": [{"status": be|}]}',
            "beta",
            '{"modelOverrides": [{"status": "beta"}]}',
        ),
        (
            '{"modelOverrides": [{"status":|\n"category": "speed"}]}',
            "beta",
            '{"modelOverrides": [{"status":"beta"\n"category": "speed"}]}',
        ),
    ],
)
def test_taking_a_proposal_fits_what_is_typed(marked: str, label: str, after: str) -> None:
    assert accepted(marked, label) == after


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ('"modelOverrides": [{"category": |', ["balanced", "speed", "accuracy", "other"]),
        ('"modelOverrides": [{"capabilities": ["chat", |]}]', None),
        ('"providerOverrides": [{"serverSideConfig": {"type": "|', list(PROVIDER_SERVER.cases)),
        ('"modelOverridesRecommendedSettings": [|', list(BY_REF)),
        ('"selfHostedModels": [{"model": |', list(BY_SELF_HOSTED_KEY)),
        (
            '"providerOverrides": [{"serverSideConfig": {"type": "huggingface-tgi",'
            ' "useLegacyCompletions": |',
            ["true", "false"],
        ),
        ('"selfHostedModels": [{"apiVersion": |', ["v1"]),
        ('"systemPreInstruction": |', []),
        ('"providerOverrides": |', ['[{"id": ""}]']),
        ('"defaultModels": |', ["{}"]),
    ],
)
@pytest.mark.parametrize("opening", ["{", '{"modelConfiguration": {', ""])
def test_values_are_proposed(opening: str, inner: str, expected: list[str] | None) -> None:
    found = list(proposed(opening + inner))

    if expected is None:
        assert "autocomplete" in found
        assert "chat" not in found
    else:
        assert found == expected


def test_a_server_is_proposed_with_what_it_requires() -> None:
    found = proposed('{"providerOverrides": [{"serverSideConfig": |}]}')

    assert '{"type": "openaicompatible", "endpoints": [{"url": ""}]}' in found
    assert len(found) == len(PROVIDER_SERVER.cases)
    for proposal in found.values():
        json.loads(proposal.insert_text)
        assert proposal.documentation


@pytest.mark.parametrize(
    ("key", "first"), [("codeCompletion", "box::v1::filler"), ("chat", "box::v1::talker")]
)
def test_models_of_the_document_are_proposed_those_that_fit_first(key: str, first: str) -> None:
    line = '"defaultModels": {"chat": "box::v1::talker"}'
    marked = _DOCUMENT.replace(line, f'"defaultModels": {{"{key}": |}}')

    found = list(proposed(marked))

    assert found[0] == first
    assert set(found) == {
        "box::v1::filler",
        "box::v1::talker",
        "bigcode::v1::starcoder2-7b",
        "rack::v2::qwen2.5-coder-7b",
    }


def test_providers_of_the_document_are_proposed() -> None:
    hosted = _DOCUMENT.replace('"provider": "rack"', '"provider": "|"')
    model = _DOCUMENT.replace('"modelRef": "box::v1::talker"', '"modelRef": |')

    assert list(proposed(hosted)) == ["box", "rack"]
    assert list(proposed(model)) == ["box::v1::", "rack::v1::"]


def test_an_item_of_a_list_may_be_exchanged_for_itself() -> None:
    found = proposed('{"modelOverrides": [{"capabilities": ["chat", "auto|"]}]}')

    assert "autocomplete" in found
    assert "chat" not in found


@pytest.mark.parametrize(
    "marked",
    [
        '{// |\n"a": 1}',
        '{"a": 1 /* | */}',
        '{"a": 1 /* |',
        '{"defaultModels": {}|}',
        "{} // |",
        "{}\n|",
        '|{"a": 1}',
        '{"a"|: 1}'.replace('"|', '" |'),
        '{"systemPreInstruction": |"x"}'.replace("|", "| "),
        '{"headers": {|}}',
    ],
)
def test_nothing_is_proposed_where_nothing_fits(marked: str) -> None:
    assert completions_at(*cursor(marked)) == ()


def test_an_empty_file_is_offered_a_beginning() -> None:
    (proposal,) = completions_at("\n", 1)

    assert parse(proposal.insert_text).problems == ()


@settings(max_examples=400)
@given(
    st.text(alphabet='{}[]:,"/*\\ 1a\n', max_size=40)
    | st.integers(0, len(_DOCUMENT)).map(lambda end: _DOCUMENT[:end])
    | st.tuples(st.integers(0, len(_DOCUMENT)), st.integers(0, 40)).map(
        lambda cut: _DOCUMENT[: cut[0]] + _DOCUMENT[cut[0] + cut[1] :]
    ),
    st.floats(0, 1),
)
def test_every_text_is_answered_with_ranges_at_the_cursor(text: str, share: float) -> None:
    offset = round(share * len(text))

    hover = hover_at(text, offset)
    proposals = completions_at(text, offset)

    assert hover is None or 0 <= hover.start <= offset < hover.end <= len(text)
    for proposal in proposals:
        assert 0 <= proposal.start <= offset <= proposal.end <= len(text)
        assert "\n" not in text[proposal.start : proposal.end]
    labels = [proposal.label for proposal in proposals]
    assert len(set(labels)) == len(labels)
