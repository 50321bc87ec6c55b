"""The example configurations of the format: what each is read as, in both modes."""

import json
from pathlib import Path

import pytest

from config.build import build

_CASES = json.loads((Path(__file__).parent / "data" / "modelconfig.json").read_text("utf-8"))
_NAMES = ("chat", "fastChat", "codeCompletion")


@pytest.mark.parametrize("mode", ["expect", "expect_strict"])
@pytest.mark.parametrize("case", _CASES, ids=[case["name"] for case in _CASES])
def test_configuration_is_read_as_the_format_says(case: dict[str, object], mode: str) -> None:
    expected = case[mode]
    assert isinstance(expected, dict)

    configuration, problems = build(
        case["site_config"], case["base_config"], strict=mode == "expect_strict"
    )

    errors = [problem.code for problem in problems if problem.severity == "error"]
    assert (configuration is not None) == expected["ok"], problems
    if configuration is None:
        assert expected["error_contains"] in errors
        return
    defaults = configuration.default_models
    refs = (defaults.chat, defaults.fast_chat, defaults.code_completion)
    found = dict(zip(_NAMES, (None if ref is None else str(ref) for ref in refs), strict=True))
    assert found == expected["default_models"]
    assert [str(model.model_ref) for model in configuration.models] == expected["models"]
