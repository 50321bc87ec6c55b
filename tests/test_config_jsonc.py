"""Reading JSON as people write it: values, places, and every fault with its place."""

import json
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.jsonc import parse
from tests.effort import grows_linearly

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, // why\n "b": [1, 2,],}', {"a": 1, "b": [1, 2]}),
        ('/* head */ {"a": /* in */ "x//y"} // tail', {"a": "x//y"}),
        ("\ufeff{\r\n}", {}),
        ('{"a": "\\u00e9\\n"}', {"a": "é\n"}),
        ('// copied\n"modelConfiguration": {"a": null},', {"modelConfiguration": {"a": None}}),
        ('"a": 1, "b": {}', {"a": 1, "b": {}}),
        ('{"a": 1},', {"a": 1}),
        ("[1, -0.5e3, true, false, null]", [1, -500.0, True, False, None]),
        ('{"a":\u00a01}', {"a": 1}),
        ("/***/{}", {}),
    ],
)
def test_comments_trailing_commas_and_missing_braces_are_read(text: str, value: object) -> None:
    parsed = parse(text)

    assert parsed.value == value
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        ("// only this\n", 2, 1, "empty"),
        ('{"a" 1}', 1, 6, "colon"),
        ('{"a": 1 "b": 2}', 1, 9, "comma"),
        ('{"a": 1\r\n"b": 2}', 2, 1, "comma"),
        ('{\r"a": }', 2, 6, "value is missing"),
        ("[1,, 2]", 1, 4, "value is missing"),
        ("{a: 1}", 1, 2, "double quotes"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ('{"a": True}', 1, 7, "true in lower case"),
        ('{"a": nope}', 1, 7, "no JSON value"),
        ('{"a": 01}', 1, 7, "no JSON value"),
        ('{"a": NaN}', 1, 7, "no JSON value"),
        ('{"a": "x\n}', 1, 7, "not closed"),
        ('{"a": "\t"}', 1, 7, "control character"),
        ('{"a": "C:\\dir"}', 1, 7, "escape"),
        ('{"a": {"b": 1}', 1, 15, "ends before"),
        ("{} /* x", 1, 4, "comment"),
        ("{} {}", 1, 4, "after the end"),
        ('{"a": [1}', 1, 9, "] is missing"),
        ('[{"a": 1]', 1, 9, "} is missing"),
    ],
)
def test_fault_is_reported_at_its_place(text: str, line: int, column: int, words: str) -> None:
    problem = parse(text).problems[0]

    assert (problem.code, problem.severity) == ("syntax", "error")
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.message


def test_all_faults_are_reported_and_the_rest_is_read() -> None:
    parsed = parse('{\n "a": tru,\n "b" 2,\n "c": 3\n "d": [4}')

    assert [problem.line for problem in parsed.problems] == [2, 3, 5, 5]
    assert parsed.value == {"a": None, "b": 2, "c": 3, "d": [4]}


@pytest.mark.parametrize(
    ("text", "value", "messages"),
    [
        ('{"a":\n"b": 2}', {"a": None, "b": 2}, ["A value is missing before this key."]),
        ('{"a": x: 2}', {"a": None, "x": 2}, ["A value is missing before this key."]),
        ('{"a\n"b": 2}', {"a": None, "b": 2}, ["This string is not closed", "A colon is missing"]),
        (
            '{"a"\n"b": [{"c": \n"d": 1}]}',
            {"a": None, "b": [{"c": None, "d": 1}]},
            ["A colon", "A"],
        ),
        ('["a": 1]', ["a", None, 1], ["A comma is missing", "A comma is missing"]),
    ],
)
def test_member_without_a_value_does_not_swallow_the_next(
    text: str, value: object, messages: list[str]
) -> None:
    parsed = parse(text)

    assert parsed.value == value
    assert len(parsed.problems) == len(messages)
    for problem, message in zip(parsed.problems, messages, strict=True):
        assert problem.message.startswith(message)


def test_key_given_twice_is_a_warning_and_the_last_counts() -> None:
    parsed = parse('{"a": 1,\n "a": 2}')

    assert parsed.value == {"a": 2}
    (problem,) = parsed.problems
    assert (problem.code, problem.severity) == ("duplicate-key", "warning")
    assert (problem.pointer, problem.line, problem.column) == ("/a", 2, 2)


def test_every_value_and_key_has_a_place() -> None:
    parsed = parse('{\n  "a/b": [10,\n    {"c~": 1}]\n}')

    assert parsed.place("") == (1, 1)
    assert parsed.place("/a~1b") == (2, 10)
    assert parsed.place("/a~1b", of_key=True) == (2, 3)
    assert parsed.place("/a~1b/1/c~0") == (3, 12)
    assert parsed.place("/a~1b/7/x") == (2, 10)


def test_deep_nesting_is_a_problem_and_not_a_crash() -> None:
    parsed = parse('{"a": ' + "[" * 100_000)

    assert "levels deep" in parsed.problems[0].message


@pytest.mark.parametrize(
    "piece", ['"', "/*", "[", '{"a":', "1,", "\\", '"\\', "'", "}", "/*/", "* /", "\n", '{"a" 1,']
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    assert grows_linearly(lambda count: partial(parse, piece * count), 10_000)


def test_number_of_problems_is_bounded() -> None:
    assert len(parse("," * 1000).problems) <= 50


@settings(max_examples=150)
@given(_JSON, st.sampled_from([None, 2]))
def test_plain_json_is_read_as_the_standard_library_reads_it(
    value: object, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    parsed = parse(text)

    assert parsed.problems == ()
    assert parsed.value == json.loads(text)
    assert type(parsed.value) is type(json.loads(text))


def test_fault_in_a_value_that_another_replaced_points_to_what_there_is() -> None:
    parsed = parse('{"a": [nope], "a": 1}')

    assert [(p.pointer, p.code) for p in parsed.problems] == [
        ("/a", "syntax"),
        ("/a", "duplicate-key"),
    ]


@settings(max_examples=300)
@example("0:[:]0")
@given(st.text() | st.text(alphabet='{}[]:,"/*\\ 1a\n', max_size=60))
def test_no_text_makes_reading_fail(text: str) -> None:
    parsed = parse(text)

    for problem in parsed.problems:
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        assert problem.column is not None
        _at(parsed.value, problem.pointer)


def _at(value: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[name]
        else:
            assert isinstance(value, list)
            value = value[int(name)]
    return value
