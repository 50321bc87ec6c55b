"""The shared cases of the configuration format, through `foretype check` as scripts use it."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli.check import run

CASES = json.loads((Path(__file__).parent / "data" / "modelconfig.json").read_text("utf-8"))


def check(
    case: dict[str, Any],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    strict: bool,
    wrapped: bool,
) -> tuple[int, dict[str, Any]]:
    """Run the command on a case's files and give its status and what it printed."""
    site = case["site_config"]
    file, base = folder / "site.jsonc", folder / "base.json"
    file.write_text(json.dumps({"modelConfiguration": site} if wrapped else site), "utf-8")
    base.write_text(json.dumps(case["base_config"]), "utf-8")
    has_base = case["base_config"] is not None
    arguments = argparse.Namespace(
        file=str(file), base=str(base) if has_base else None, strict=strict, format="json"
    )
    status = run(arguments)
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_check_gives_what_the_case_expects(
    case: dict[str, Any],
    strict: bool,
    wrapped: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = case["expect_strict" if strict else "expect"]
    status, report = check(case, tmp_path, capsys, strict=strict, wrapped=wrapped)
    errors = {p["code"] for p in report["problems"] if p["severity"] == "error"}

    assert report["ok"] == expected["ok"]
    assert status == (0 if expected["ok"] else 1)
    if expected["ok"]:
        assert report["models"] == expected["models"]
        assert report["default_models"] == expected["default_models"]
    else:
        assert expected["error_contains"] in errors
    for problem in report["problems"]:
        assert problem["line"] >= 1
        assert problem["column"] >= 1
        assert problem["pointer"].startswith("/modelConfiguration" if wrapped else ("/", ""))
