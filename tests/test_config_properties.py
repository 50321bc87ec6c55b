"""What holds for every document: building never fails, never changes its input, always the same."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from config.build import build
from config.loading import open_document
from config.redaction import canonical_bytes, redacted

_CASES = json.loads((Path(__file__).parent / "data" / "modelconfig.json").read_text("utf-8"))
_WORDS = sorted(
    {
        "sourcegraph",
        "endpoint",
        "modelFilters",
        "allow",
        "providerOverrides",
        "id",
        "serverSideConfig",
        "type",
        "openaicompatible",
        "endpoints",
        "url",
        "headers",
        "modelOverrides",
        "modelRef",
        "contextWindow",
        "maxInputTokens",
        "clientSideConfig",
        "capabilities",
        "selfHostedModels",
        "override",
        "defaultModels",
        "chat",
        "defaultModelConfig",
        "a::b::c",
        "http://h/v1",
        "",
    }
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**310)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(_WORDS)
)
_KEYS = st.sampled_from(_WORDS) | st.text(max_size=5)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=15,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Any, Any]:
    """A configuration of the format in which a few values were exchanged or removed."""
    case = copy.deepcopy(draw(st.sampled_from(_CASES)))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = case
        key: Any = draw(st.sampled_from(["site_config", "base_config"]))
        while isinstance(place[key], dict | list) and place[key] and draw(st.integers(0, 9)) > 1:
            place = place[key]
            key = draw(
                st.sampled_from(sorted(place))
                if isinstance(place, dict)
                else st.integers(0, len(place) - 1)
            )
        if isinstance(place, dict) and place is not case and draw(st.booleans()):
            del place[key]
            if draw(st.booleans()):
                place[draw(_KEYS)] = draw(_JSON)
        else:
            place[key] = draw(_JSON)
    return case["site_config"], case["base_config"]


@settings(max_examples=250)
@given(st.tuples(_JSON, _JSON) | mutated() | mutated(), st.booleans())
def test_building_any_value_gives_problems_at_existing_places(
    values: tuple[Any, Any], strict: bool
) -> None:
    document, base = values
    before = repr(values)

    configuration, problems = build(document, base, strict=strict)

    assert repr(values) == before
    assert (configuration is None) == any(p.severity == "error" for p in problems)
    assert len(set(problems)) == len(problems)
    for problem in problems:
        assert exists(document, problem.pointer), problem
        assert problem.message[-1] in ".?"
    again, problems_again = build(copy.deepcopy(document), copy.deepcopy(base), strict=strict)
    assert problems == problems_again
    if configuration is not None and again is not None:
        assert configuration.model_dump_json() == again.model_dump_json()
        assert canonical_bytes(redacted(configuration)) == canonical_bytes(redacted(again))


@settings(max_examples=100)
@given(mutated(), st.sampled_from([None, 2]), st.booleans())
def test_a_document_says_the_same_however_it_is_written_down(
    values: tuple[Any, Any], indent: int | None, wrap: bool
) -> None:
    document, base = values
    # Not no document at all, nor one in a wrapper, nor what JSON cannot say.
    assume(document is not None)
    assume(not isinstance(document, dict) or "modelConfiguration" not in document)
    text = json.dumps({"modelConfiguration": document} if wrap else document, indent=indent)
    assume("Infinity" not in text and "NaN" not in text)

    configuration, problems = build(document, base)
    reread, found = open_document(text, environ={}, read_file=str).build(base)

    # Only references to secrets are new, when a file is opened.
    expected = sorted((problem.code, problem.message) for problem in problems)
    assert sorted((p.code, p.message) for p in found if p.code != "secret-missing") == expected
    if configuration is not None and reread is not None:
        assert configuration.model_dump_json() == reread.model_dump_json()
    assert (configuration is None) == (reread is None) or "${" in text


@settings(max_examples=60)
@given(mutated())
def test_every_problem_of_a_file_has_a_line(values: tuple[Any, Any]) -> None:
    text = json.dumps({"modelConfiguration": values[0]}, indent=1)
    file = json.loads(text)

    opened = open_document(text, environ={}, read_file=str)

    for problem in opened.build(values[1])[1]:
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + 1
        assert exists(file, problem.pointer)


def exists(value: Any, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return pointer == "" or pointer.startswith("/")
