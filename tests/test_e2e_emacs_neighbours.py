"""Foretype beside Eglot's and lsp-mode's servers in the same buffer of a real Emacs."""

import json
import sys
from pathlib import Path

import pytest

from tests.emacs_editor import MISSING, has_emacs, lisp, lisp_list, run_emacs, settings_for
from tests.neovim_editor import Server

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]
LSP_MODE = """
(require 'lsp-mode)
(setq lsp-session-file (expand-file-name "session" "~") lsp-auto-guess-root t
      lsp-client-packages nil lsp-enable-file-watchers nil lsp-warn-no-matched-clients nil
      lsp-keep-workspace-alive nil)
"""
LSP_MODE_IS_READY = (
    "(and (bound-and-true-p lsp-mode) (lsp-workspaces)"
    " (eq (lsp--workspace-status (car (lsp-workspaces))) 'initialized))"
)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def neighbour(tmp_path: Path) -> Server:
    folder = tmp_path / "neighbour"
    folder.mkdir()
    return Server(folder)


def test_ghost_text_appears_beside_a_server_of_eglot(
    tmp_path: Path, server: Server, neighbour: Server
) -> None:
    init = (
        "(require 'eglot)\n"
        f"(add-to-list 'eglot-server-programs '(python-mode . {lisp_list(neighbour.command)}))\n"
        "(add-hook 'python-mode-hook #'eglot-ensure)\n" + settings_for(server.command)
    )
    with run_emacs(tmp_path, init, packages=True) as emacs:
        emacs.expect("(and (eglot-current-server) t)")
        neighbour.hears("initialize")
        server.offer("value = 42")
        emacs.type("val")
        emacs.expect_ghost("ue = 42")
        neighbour.hears("change")
        emacs.press("Tab")
        emacs.expect_text("value = 42")
        server.hears("accept", id="item-0")
        assert neighbour.heard("request") == []


def test_ghost_text_appears_beside_a_server_of_lsp_mode(
    tmp_path: Path, server: Server, neighbour: Server
) -> None:
    init = (
        f"{LSP_MODE}(lsp-register-client (make-lsp-client :server-id 'other"
        f" :new-connection (lsp-stdio-connection '{lisp_list(neighbour.command)})"
        " :activation-fn (lambda (&rest _) t)))\n"
        "(add-hook 'python-mode-hook #'lsp)\n" + settings_for(server.command)
    )
    (tmp_path / ".git").mkdir()
    with run_emacs(tmp_path, init, packages=True) as emacs:
        emacs.expect(LSP_MODE_IS_READY, 30.0)
        server.offer("value = 42")
        emacs.type("val")
        emacs.expect_ghost("ue = 42")
        neighbour.hears("change")
        emacs.press("Tab")
        emacs.expect_text("value = 42")
        server.hears("accept", id="item-0")
        assert neighbour.heard("request") == []


def test_eglot_completes_in_configuration_files(tmp_path: Path) -> None:
    text = '{\n  "modelOverridesRecommendedSettings": [\n    ""\n  ]\n}\n'
    init = (
        settings_for(SERVE)
        + "\n(foretype-eglot-setup)"
        + "\n(add-hook 'foretype-configuration-mode-hook #'eglot-ensure)"
    )
    with run_emacs(tmp_path, init, packages=True, name="foretype.jsonc", text=text) as emacs:
        emacs.expect("(and (eglot-current-server) t)", 30.0)
        emacs.run('(goto-char (point-min)) (search-forward "\\"\\"") (backward-char)')
        proposed = emacs.expect(
            '(let ((table (nth 2 (eglot-completion-at-point)))) (all-completions "" table))'
        )
        assert any("starcoder2-7b" in each for each in proposed)


def test_lsp_mode_shows_code_actions_of_ours_beside_others(tmp_path: Path) -> None:
    wrong = {"providerOverrides": [{"id": "a", "serverSideConfig": {"type": "huggingface-tgy"}}]}
    init = (
        f"{LSP_MODE}{settings_for(SERVE)}\n(foretype-lsp-mode-setup)\n"
        "(add-hook 'foretype-configuration-mode-hook #'lsp)"
    )
    (tmp_path / ".git").mkdir()
    with run_emacs(
        tmp_path,
        init,
        packages=True,
        name="foretype.jsonc",
        text='{\n  "x": "😀", "sourcegraph": null,\n' + json.dumps(wrong)[1:],
    ) as emacs:
        emacs.expect(LSP_MODE_IS_READY, 30.0)
        emacs.run(f"(goto-char (point-min)) (search-forward {lisp('tgy')})")
        titles = emacs.expect(
            "(mapcar (lambda (each) (lsp-get each :title)) (lsp-code-actions-at-point))", 20.0
        )
        assert any("huggingface-tgi" in each for each in titles)
