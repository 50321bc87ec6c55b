"""The editor's settings: read with defaults, complained of once, never a reason to stop."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.options import EXCLUDED_FILES, Options, read_options

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["inlineCompletion", "languages", "chat", "*", "x", "debounceMs"]),
            inner,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("value", [None, {}, {"inlineCompletion": {}, "modelConfiguration": None}])
def test_nothing_said_gives_the_defaults(value: object) -> None:
    options, problems = read_options(value)

    assert problems == ()
    assert options == Options()
    assert options.inline_completion.enabled
    assert options.inline_completion.debounce_ms is None
    assert options.inline_completion.candidates == 1
    assert options.inline_completion.excluded_files == EXCLUDED_FILES
    assert not options.inline_completion.completion_fallback
    assert options.model_configuration is None


def test_everything_can_be_said() -> None:
    options, problems = read_options(
        {
            "configFile": "~/c.jsonc",
            "gateway": "https://g",
            "endpoint": "http://e",
            "model": "m",
            "modelConfiguration": {"sourcegraph": None},
            "inlineCompletion": {
                "enabled": False,
                "debounceMs": 0,
                "candidates": 3,
                "languages": {"*": False, "python": True},
                "excludedFiles": ["*.secret"],
                "completionFallback": True,
            },
            "chat": {"preInstruction": "Be brief."},
            "edit": {"postInstruction": "No prose."},
        }
    )

    assert problems == ()
    assert (options.config_file, options.gateway) == ("~/c.jsonc", "https://g")
    assert (options.endpoint, options.model) == ("http://e", "m")
    assert options.model_configuration == {"sourcegraph": None}
    assert options.inline_completion.debounce_ms == 0
    assert options.inline_completion.candidates == 3
    assert options.inline_completion.excluded_files == ("*.secret",)
    assert options.inline_completion.completion_fallback
    assert options.chat.pre_instruction == "Be brief."
    assert options.edit.post_instruction == "No prose."


@pytest.mark.parametrize(
    ("value", "code", "pointer", "words"),
    [
        ([], "wrong-type", "", "an object"),
        ({"gatewy": ""}, "unknown-key", "/gatewy", 'did you mean "gateway"'),
        ({"gateway": 7}, "wrong-type", "/gateway", "a string"),
        ({"inlineCompletion": []}, "wrong-type", "/inlineCompletion", "an object"),
        (
            {"inlineCompletion": {"debounceMs": -5}},
            "wrong-type",
            "/inlineCompletion/debounceMs",
            "0 or more",
        ),
        (
            {"inlineCompletion": {"candidates": 0}},
            "wrong-type",
            "/inlineCompletion/candidates",
            "1 or more",
        ),
        (
            {"inlineCompletion": {"enabled": "yes"}},
            "wrong-type",
            "/inlineCompletion/enabled",
            "true or false",
        ),
        (
            {"inlineCompletion": {"languages": {"python": 1}}},
            "wrong-type",
            "/inlineCompletion/languages/python",
            "true or false",
        ),
        (
            {"inlineCompletion": {"excludedFiles": ["a", 1]}},
            "wrong-type",
            "/inlineCompletion/excludedFiles/1",
            "a string",
        ),
    ],
)
def test_mistake_is_a_warning_and_the_default_stands(
    value: object, code: str, pointer: str, words: str
) -> None:
    options, problems = read_options(value)

    (problem,) = problems
    assert (problem.code, problem.severity, problem.pointer) == (code, "warning", pointer)
    assert words in problem.message
    assert options.gateway == ""
    assert options.inline_completion.enabled
    assert options.inline_completion.debounce_ms is None
    assert options.inline_completion.candidates == 1
    assert options.inline_completion.excluded_files == EXCLUDED_FILES


@pytest.mark.parametrize(
    ("glob", "words"),
    [
        ("*.{pem", 'a "{" has no "}"'),
        ("x[1.txt", 'a "[" has no "]"'),
        ("@(a|b)", "write {a,b}"),
        ("${userHome}/x", "variables"),
        ("../x", "without"),
        (" ", "blank"),
    ],
)
def test_glob_that_cannot_be_understood_is_told_and_kept(glob: str, words: str) -> None:
    options, problems = read_options({"inlineCompletion": {"excludedFiles": ["**/a", glob]}})

    (problem,) = problems
    assert (problem.code, problem.severity) == ("unclear-glob", "warning")
    assert problem.pointer == "/inlineCompletion/excludedFiles/1"
    assert words in problem.message
    assert options.inline_completion.excluded_files == ("**/a", glob)


def test_globs_of_the_defaults_are_understood() -> None:
    _, problems = read_options({"inlineCompletion": {"excludedFiles": list(EXCLUDED_FILES)}})

    assert problems == ()


@pytest.mark.parametrize(
    ("languages", "language_id", "enabled"),
    [
        ({"*": True}, "python", True),
        ({"*": True, "python": False}, "python", False),
        ({"*": False, "python": True}, "python", True),
        ({"*": False}, "python", False),
        ({"go": False}, "python", True),
        ({}, "python", True),
    ],
)
def test_language_is_enabled_by_its_own_entry_else_by_the_asterisk(
    languages: dict[str, bool], language_id: str, enabled: bool
) -> None:
    options, _ = read_options({"inlineCompletion": {"languages": languages}})

    assert options.inline_completion.is_enabled(language_id) is enabled


def test_switching_everything_off_wins_over_languages() -> None:
    options, _ = read_options({"inlineCompletion": {"enabled": False, "languages": {"go": True}}})

    assert not options.inline_completion.is_enabled("go")


def test_inline_document_is_not_shown_in_messages() -> None:
    options, _ = read_options({"modelConfiguration": {"accessToken": "planted-token"}})

    assert "planted-token" not in repr(options)


@settings(max_examples=100)
@given(_JSON)
def test_no_value_makes_reading_fail(value: object) -> None:
    options, problems = read_options(value)

    assert isinstance(options, Options)
    assert all(problem.severity == "warning" for problem in problems)
