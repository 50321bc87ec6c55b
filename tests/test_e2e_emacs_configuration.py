"""Mistakes in the configuration, in a real Emacs with the real server."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, Emacs, has_emacs, lisp, run_emacs, settings_for
from tests.neovim_editor import eventually

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]
TEXT = """{
  // the team's servers
  "sourcegraph": null,
  "providerOverrides": [
    { "id": "bigcode",
      "serverSideConfig": { "type": "huggingface-tgy", "endpoints": [{ "url": "http://h" }] } },
  ],
}
"""
SHOWN = """
(mapcar (lambda (each)
          (vector (line-number-at-pos (flymake-diagnostic-beg each))
                (buffer-substring-no-properties (flymake-diagnostic-beg each)
                                                (flymake-diagnostic-end each))
                (flymake-diagnostic-text each)))
        (flymake-diagnostics))
"""


@pytest.fixture
def emacs(tmp_path: Path) -> Iterator[Emacs]:
    with run_emacs(tmp_path, settings_for(SERVE), name="foretype.jsonc", text=TEXT) as running:
        yield running


def test_a_wrong_provider_type_is_marked_where_it_stands(emacs: Emacs) -> None:
    def found() -> list[tuple[int, str, str]]:
        return [each for each in emacs.evaluate(SHOWN) or () if "tgy" in each[1]]

    line, marked, message = eventually(found)[0]
    assert (line, marked) == (6, '"huggingface-tgy"')
    assert "huggingface-tgi" in message


def test_a_mark_goes_when_the_mistake_does(emacs: Emacs) -> None:
    eventually(lambda: any("tgy" in each[1] for each in emacs.evaluate(SHOWN) or ()))
    emacs.run('(goto-char 1) (search-forward "tgy") (replace-match "tgi")')
    eventually(
        lambda: (
            not any(
                "huggingface" in each[2]
                for each in emacs.evaluate(SHOWN) or [("", "", "huggingface")]
            )
        )
    )


def test_the_file_has_a_mode_of_its_own(emacs: Emacs) -> None:
    assert emacs.evaluate("(symbol-name major-mode)") == "foretype-configuration-mode"
    assert emacs.evaluate('(progn (goto-char 1) (search-forward "team") (nth 4 (syntax-ppss)))')
    assert not emacs.evaluate('(progn (search-forward "\\"so") (nth 4 (syntax-ppss)))')


def test_a_mistake_in_the_settings_is_told_and_reload_takes_up_the_cure(tmp_path: Path) -> None:
    wrong = '\'(:endpint "http://127.0.0.1:1/v1")'
    with run_emacs(tmp_path, settings_for(SERVE, wrong)) as emacs:
        eventually(lambda: "endpint" in emacs.messages)
        file = tmp_path / "models.jsonc"
        file.write_text(TEXT, encoding="utf-8")
        emacs.run(f"(setq foretype-settings '(:configFile {lisp(str(file))})) (foretype-reload)")
        eventually(lambda: "huggingface-tgi" in emacs.messages)
