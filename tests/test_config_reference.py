"""The reference page and the table of rules say what the code does."""

import ast
import json
from pathlib import Path

import pytest

import config.rules
from config.build import build
from config.loading import open_document
from config.rules import RULES
from tests.configuration_reference import PAGE, nodes, page

_CASES = json.loads((Path(__file__).parent / "data" / "modelconfig.json").read_text("utf-8"))
_SOURCES = Path(config.rules.__file__).parent
_MAKERS = {"error", "warning", "Problem", "ModelRefError", "_check_part", "_unknown", "Tagged"}
_BY_CODE = {rule.code: rule for rule in RULES}


def test_the_page_is_generated_from_the_code() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "run python -m tests.configuration_reference"


def test_the_page_links_to_its_own_sections_only() -> None:
    titles = {node.__name__.removesuffix("Node") for node in nodes()}

    for title in titles:
        assert f"### {title}\n" in page()
    assert len(titles) == len(nodes())


def test_every_code_is_a_rule_and_every_rule_is_used() -> None:
    texts: set[str] = set()
    made: set[str] = set()
    for path in _SOURCES.glob("*.py"):
        if path.name == "rules.py":
            continue
        for found in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(found, ast.Constant) and isinstance(found.value, str):
                texts.add(found.value)
            if isinstance(found, ast.Call):
                made |= _code_of(found)

    assert made
    assert made <= set(_BY_CODE)
    assert set(_BY_CODE) <= texts
    assert len(_BY_CODE) == len(RULES)


def _code_of(call: ast.Call) -> set[str]:
    name = getattr(call.func, "id", "")
    arguments = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "code")]
    values = [a.value for a in arguments if isinstance(a, ast.Constant)]
    return {value for value in values if isinstance(value, str)} if name in _MAKERS else set()


@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_problems_are_as_severe_as_their_rules_say(strict: bool) -> None:
    seen = set()
    for case in _CASES:
        for problem in build(case["site_config"], case["base_config"], strict=strict)[1]:
            rule = _BY_CODE[problem.code]
            severity = rule.strict_severity if strict and rule.strict_severity else rule.severity
            assert problem.severity == severity, problem
            seen.add(problem.code)
    assert len(seen) > 20


def test_the_example_of_the_page_is_usable() -> None:
    example = page().partition("```jsonc\n")[2].partition("```")[0]

    configuration, problems = open_document(example, environ={}, read_file=str).build()

    assert configuration is not None
    assert {problem.code for problem in problems} == {"no-default-chat", "no-default-fast-chat"}
