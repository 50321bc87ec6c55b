"""Opening a configuration file: what is found in it, and where each problem stands."""

import pytest

from config.loading import open_document, open_value
from config.problems import Problem

_MEMBERS = """\
// Two servers of our own.
"modelConfiguration": {
  "sourcegraph": null, /* no gateway */
  "providerOverrides": [
    {
      "id": "mistral",
      "displayName": "Mistral",
      "serverSideConfig": {
        "type": "huggingface-tgi",
        "endpoints": [{"url": "https://mistral.example.com/v1"}],
      },
    },
    {
      "id": "bigcode",
      "displayName": "BigCode",
      "serverSideConfig": {
        "type": "huggingface-tgi",
        "endpoints": [{"url": "http://starcoder.example.com/v1"}],
      },
    },
  ],
  "modelOverridesRecommendedSettings": [
    "mistral::v1::mixtral-8x7b-instruct",
    "bigcode::v1::starcoder2-7b",
  ],
  "defaultModels": {
    "chat": "mistral::v1::mixtral-8x7b-instruct",
    "fastChat": "mistral::v1::mixtral-8x7b-instruct",
    "codeCompletion": "bigcode::v1::starcoder2-7b",
  },
},
"""


def no_file(path: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", path)


def problems_of(text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    opened = open_document(text, environ=environ or {}, read_file=no_file)
    return list(opened.build()[1])


@pytest.mark.parametrize(
    "text", [_MEMBERS, "{" + _MEMBERS + "}", '{"editor": 1, ' + _MEMBERS + ' "x": []}']
)
def test_pasted_configuration_is_used_with_and_without_braces(text: str) -> None:
    opened = open_document(text, environ={}, read_file=no_file)

    configuration, problems = opened.build(strict=True)

    assert configuration is not None
    assert problems == ()
    assert opened.gateway is None
    assert [str(m.model_ref) for m in configuration.models] == [
        "mistral::v1::mixtral-8x7b-instruct",
        "bigcode::v1::starcoder2-7b",
    ]
    assert str(configuration.default_models.code_completion) == "bigcode::v1::starcoder2-7b"


def test_problem_points_into_the_file_and_at_its_line() -> None:
    text = _MEMBERS.replace("https://mistral", "mistral").replace('"sourcegraph"', '"sourcegrap"')

    key, value = problems_of(text)

    assert (key.code, key.pointer) == ("unknown-key", "/modelConfiguration/sourcegrap")
    assert (key.line, key.column) == (3, 3)
    endpoint = "/modelConfiguration/providerOverrides/0/serverSideConfig/endpoints/0/url"
    assert (value.code, value.pointer) == ("endpoint-url", endpoint)
    assert (value.line, value.column) == (10, 31)


def test_missing_key_is_reported_at_the_object_that_lacks_it() -> None:
    _, problem = problems_of('{\n "providerOverrides": [\n  {"displayName": "x"}]}')

    assert (problem.code, problem.pointer) == ("missing-field", "/providerOverrides/0")
    assert (problem.line, problem.column) == (3, 3)


def test_file_may_be_the_document_itself() -> None:
    assert [problem.code for problem in problems_of('{"sourcegraph": null}')] == ["no-models"]


def test_syntax_problem_forbids_use_and_hides_what_would_follow_from_it() -> None:
    opened = open_document(_MEMBERS.replace("null,", "nul,"), environ={}, read_file=no_file)

    configuration, problems = opened.build()

    assert configuration is None
    assert [(p.code, p.line, p.column) for p in problems] == [("syntax", 3, 18)]


def test_duplicate_key_is_a_warning_beside_the_others() -> None:
    problems = problems_of('{"sourcegraph": null,\n "sourcegraph": null}')

    assert [(p.code, p.line) for p in problems] == [("no-models", 1), ("duplicate-key", 2)]


def test_missing_secret_is_an_error_at_its_place() -> None:
    text = _MEMBERS.replace('example.com/v1"}', 'example.com/v1",\n "accessToken": "${env:TGI}"}')

    problems = problems_of(text)

    assert {(p.code, p.severity) for p in problems} == {("secret-missing", "error")}
    assert [p.line for p in problems] == [11, 20]
    secure = problems_of(text, {"TGI": "planted-token"})
    assert [p.code for p in secure] == ["insecure-token"]  # the second is http and public
    assert "planted-token" not in repr(secure)


def test_gateway_takes_its_token_from_the_environment_and_says_nothing_of_it() -> None:
    text = '{"sourcegraph": {"endpoint": "http://sg.example.com"}}'
    environ = {"FORETYPE_GATEWAY_TOKEN": "planted-token"}
    base = {
        "providers": [{"id": "v"}],
        "models": [
            {
                "modelRef": "v::1::m",
                "capabilities": ["chat", "autocomplete"],
                "category": "balanced",
                "contextWindow": {"maxInputTokens": 9, "maxOutputTokens": 9},
            }
        ],
    }

    opened = open_document(text, environ=environ, read_file=no_file)
    configuration, problems = opened.build(base)

    assert opened.gateway is not None
    assert opened.gateway.token is not None
    assert opened.gateway.token.get_secret_value() == "planted-token"
    assert configuration is not None
    assert [(p.code, p.pointer) for p in problems] == [("insecure-token", "/sourcegraph")]
    assert "planted-token" not in repr((opened, configuration, problems))


def test_value_from_an_editor_is_opened_without_lines() -> None:
    value = {"modelConfiguration": {"modelOverrides": [{"modelRef": "x"}]}}

    opened = open_value(value, environ={}, read_file=no_file)

    (problem,) = opened.build()[1]
    assert (problem.code, problem.line) == ("ref-parts", None)
    assert problem.pointer == "/modelConfiguration/modelOverrides/0/modelRef"
