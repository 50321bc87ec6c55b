"""The JSON Schema says what reading says: it accepts what is usable and rejects what cannot be."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.build import build
from config.document import read_site_document
from config.schema import json_schema
from config.shapes import keys_of
from tests.configuration_reference import nodes

_DATA = Path(__file__).parent / "data"
_CASES = json.loads((_DATA / "modelconfig.json").read_text("utf-8"))
_SCHEMA = json_schema()
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "null": type(None),
}
_ANNOTATIONS = {"$schema", "$defs", "title", "description", "markdownDescription", "default"}


def conforms_to_schema(file: object) -> bool:
    return conforms(file, _SCHEMA)


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """As much of draft 2020-12 as the schema uses; an unknown keyword fails loudly."""
    return all(
        _KEYWORDS[keyword](value, given, schema)
        for keyword, given in schema.items()
        if keyword not in _ANNOTATIONS
    )


def _ref(value: Any, given: str, _: dict[str, Any]) -> bool:
    return conforms(value, _SCHEMA["$defs"][given.removeprefix("#/$defs/")])


def _type(value: Any, given: str, _: dict[str, Any]) -> bool:
    if given in ("integer", "number"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and (given == "number" or value == value // 1)
    return isinstance(value, _TYPES[given])


def _properties(value: Any, given: dict[str, Any], _: dict[str, Any]) -> bool:
    named = given.items() if isinstance(value, dict) else ()
    return all(conforms(value[name], schema) for name, schema in named if name in value)


def _additional(value: Any, given: dict[str, Any], _: dict[str, Any]) -> bool:
    return not isinstance(value, dict) or all(conforms(x, given) for x in value.values())


def _if(value: Any, given: dict[str, Any], schema: dict[str, Any]) -> bool:
    branch = schema.get("then" if conforms(value, given) else "else", {})
    return conforms(value, branch)


def _same(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


_KEYWORDS: dict[str, Callable[[Any, Any, dict[str, Any]], bool]] = {
    "$ref": _ref,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": lambda value, given, _: not isinstance(value, dict) or set(given) <= set(value),
    "items": lambda value, given, _: (
        not isinstance(value, list) or all(conforms(item, given) for item in value)
    ),
    "enum": lambda value, given, _: any(_same(value, one) for one in given),
    "const": lambda value, given, _: _same(value, given),
    "pattern": lambda value, given, _: not isinstance(value, str) or bool(re.search(given, value)),
    "minimum": lambda value, given, _: not isinstance(value, int | float) or value >= given,
    "anyOf": lambda value, given, _: any(conforms(value, one) for one in given),
    "allOf": lambda value, given, _: all(conforms(value, one) for one in given),
    "not": lambda value, given, _: not conforms(value, given),
    "if": _if,
    "then": lambda *_: True,
    "else": lambda *_: True,
}


def test_every_part_of_the_schema_is_a_schema() -> None:
    assert _SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in _parts(_SCHEMA):
        assert set(part) <= _ANNOTATIONS | set(_KEYWORDS), part
        assert part.get("type", "null") in {*_TYPES, "integer"}
        assert all(isinstance(name, str) for name in part.get("required", []))
        re.compile(part.get("pattern", ""))
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in _SCHEMA["$defs"]


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [schema.get(name) for name in ("items", "additionalProperties", "not", "if", "then")]
    inner += [schema.get("else"), *schema.get("anyOf", []), *schema.get("allOf", [])]
    inner += [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    for part in inner:
        if part is not None:
            yield from _parts(part)


def test_every_key_is_in_the_schema_with_its_sentence() -> None:
    for node in nodes():
        properties = _SCHEMA["$defs"][node.__name__.removesuffix("Node")].get("properties", {})
        expected = set()
        for name, (_, key) in keys_of(node).items():
            expected |= {name, *key.also}
            assert properties[name]["description"].startswith(key.doc)

        assert set(properties) == expected


@pytest.mark.parametrize("wrap", [False, True], ids=["bare", "wrapped"])
@pytest.mark.parametrize("case", _CASES, ids=[case["name"] for case in _CASES])
def test_schema_agrees_with_reading(case: dict[str, Any], wrap: bool) -> None:
    _agree(case["site_config"], case["base_config"], wrap=wrap)


@settings(max_examples=200)
@given(st.data())
def test_schema_agrees_with_reading_of_broken_documents(data: st.DataObject) -> None:
    case = copy.deepcopy(data.draw(st.sampled_from(_CASES)))
    site = case["site_config"]
    place: Any = {"site": site}
    key: Any = "site"
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 5)):
        place = place[key]
        names = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(names))
    if place != {"site": site} and data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(
            st.sampled_from([None, True, 0, -1, 1.5, "", "x", "a::b::c", [], ["x"], {}, [{}]])
        )

    _agree(
        place.get("site", site) if isinstance(place, dict) else site,
        case["base_config"],
        wrap=False,
    )


def _agree(site: Any, base: Any, *, wrap: bool) -> None:
    file = {"modelConfiguration": site, "other": 1} if wrap else site
    if site is None:
        return  # stands for no document at all, which is no file
    unreadable = any(problem.severity == "error" for problem in read_site_document(site)[1])
    configuration, problems = build(site, base)

    if unreadable:
        assert not conforms(file, _SCHEMA), problems
    if configuration is not None:
        assert conforms(file, _SCHEMA)


@pytest.mark.parametrize(
    ("given", "is_fine"),
    [
        ({"override": {"serverSideConfig": {"apiModel": "m"}}}, True),
        ({"override": {"serverSideConfig": {"type": None, "apiModel": "m"}}}, True),
        ({"override": {"serverSideConfig": {"apiModel": 1}}}, False),
        ({"override": {"clientSideConfig": {"chatTopK": -1}}}, True),
        ({"override": {"clientSideConfig": {"chatTopK": -0.5}}}, False),
        ({"override": {"clientSideConfig": {"chatTemperature": -1}}}, False),
        ({"override": {"clientSideConfig": {"openaicompatible": {}}}}, True),
    ],
)
def test_schema_knows_the_exceptions(given: dict[str, Any], is_fine: bool) -> None:
    site = {"selfHostedModels": [{"provider": "a", "model": "starcoder2-7b@v1", **given}]}

    assert conforms(site, _SCHEMA) == is_fine
    assert is_fine == (not any(p.severity == "error" for p in read_site_document(site)[1]))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("modelOverrides", 0, "modelRef"), "no reference"),
        (("modelOverrides", 0, "capabilities"), "chat"),
        (("providerOverrides", 0, "serverSideConfig", "type"), "ollama"),
        (("providerOverrides", 0, "id"), "a b"),
        (("modelOverridesRecommendedSettings",), ["nobody::v1::knows"]),
    ],
)
def test_schema_marks_what_an_editor_should_mark(path: tuple[Any, ...], value: object) -> None:
    server = {"type": "openaicompatible", "endpoints": [{"url": "http://h"}]}
    site: Any = {
        "providerOverrides": [{"id": "a", "serverSideConfig": server}],
        "modelOverrides": [{"modelRef": "a::v1::m", "category": "made up", "unheard": 1}],
    }
    assert conforms(site, _SCHEMA)

    place = site
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value

    assert not conforms(site, _SCHEMA)
