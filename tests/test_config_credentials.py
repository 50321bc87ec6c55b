"""Secrets named in a document: where they are looked up, and what is said when they are missing."""

import copy
from collections.abc import Mapping

import pytest

from config.credentials import resolve_secrets
from config.problems import Problem

_FILES = {"~/token": "from-file\n", "empty": "\n", "long": "one\ntwo\n"}


def read_file(path: str) -> str:
    if path == "binary":
        raise ValueError("planted-content")
    if path not in _FILES:
        raise PermissionError(13, "Permission denied", path)
    return _FILES[path]


def resolved(
    document: object, environ: Mapping[str, str] | None = None
) -> tuple[object, tuple[Problem, ...]]:
    return resolve_secrets(document, environ or {"TOKEN": "from-env"}, read_file)


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("${env:TOKEN}", "from-env"),
        ("${file:~/token}", "from-file"),
        ("Bearer ${env:TOKEN}", "Bearer from-env"),
        ("plain", "plain"),
        ("$HOME and $ and {}", "$HOME and $ and {}"),
        ("", ""),
    ],
)
@pytest.mark.parametrize(
    "document",
    [
        {"sourcegraph": {"accessToken": "?"}},
        {"providerOverrides": [{"serverSideConfig": {"endpoints": [{"accessToken": "?"}]}}]},
        {"providerOverrides": [{"serverSideConfig": {"endpoints": [{"headers": {"K": "?"}}]}}]},
        {
            "providerOverrides": [
                {"serverSideConfig": {"accessTokenQuery": {"formData": {"a": "?"}}}}
            ]
        },
        {"googleWorkloadIdentityConfig": {"credentialsJSON": "?"}},
    ],
)
def test_secret_is_put_where_it_is_named(document: object, written: str, secret: str) -> None:
    value, problems = resolved(_with(document, written))

    assert value == _with(document, secret)
    assert problems == ()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("${env:NOBODY}", "environment variable NOBODY"),
        ("${env:}", "${env:NAME}"),
        ("${TOKEN}", "${env:NAME}"),
        ("${vault:x}", "${env:NAME}"),
        ("${file:gone}", "Permission denied"),
        ("${file:binary}", "file binary"),
        ("${file:empty}", "empty"),
        ("${file:long}", "one line"),
        ("${env:TOKEN}${env:NOBODY}", "NOBODY"),
    ],
)
def test_secret_that_cannot_be_found_is_blank_and_a_problem(written: str, words: str) -> None:
    value, problems = resolved({"sourcegraph": {"accessToken": written}})

    assert value == {"sourcegraph": {"accessToken": ""}}
    (problem,) = problems
    assert (problem.code, problem.severity) == ("secret-missing", "error")
    assert problem.pointer == "/sourcegraph/accessToken"
    assert words in problem.message
    assert not {"from-env", "planted-content", "two"} & set(problem.message.split())


def test_other_values_are_left_alone() -> None:
    document = {"modelName": "${env:TOKEN}", "headers": ["${env:TOKEN}"], "accessToken": 7}

    assert resolved(document) == (document, ())


def test_document_itself_is_not_changed() -> None:
    document = {"a": [{"accessToken": "${env:TOKEN}"}]}
    before = copy.deepcopy(document)

    resolved(document)

    assert document == before


def test_deep_values_are_survived() -> None:
    document: object = "x"
    for _ in range(5000):
        document = [document]

    assert resolved(document)[1] == ()


def _with(document: object, text: str) -> object:
    if isinstance(document, dict):
        return {key: _with(value, text) for key, value in document.items()}
    if isinstance(document, list):
        return [_with(value, text) for value in document]
    return text if document == "?" else document
