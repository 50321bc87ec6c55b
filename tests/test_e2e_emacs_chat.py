"""Chat in a real Emacs with the real server; the model is a script, at the end a real one."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emacs_editor import (
    MISSING,
    Emacs,
    has_emacs,
    lisp,
    run_emacs,
    scripted_model,
    settings_for,
)
from tests.fake_model_server import FakeModelServer, Reply, Request, chats
from tests.neovim_editor import eventually, poll

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not has_emacs(), reason=MISSING),
]

SERVE = [sys.executable, "-P", "-m", "lsp_server", "serve"]
CHAT = "*foretype chat*"
ANSWER = (
    "Use `sum`:\n\n```python\ndef total(prices):\n    return sum(prices)\n```\n\nThat is **all**."
)
CODE = "def total(prices):\n    return sum(prices)\n"


@dataclass
class Script:
    """What the model says next: its answer, how fast, and what happens before the end."""

    answer: str = ANSWER
    delay_s: float = 0.0
    fails: bool = False

    async def __call__(self, request: Request, reply: Reply) -> None:
        """Answer one request of any route."""
        if request.path.endswith("/models"):
            await reply.json({"data": [{"id": "scripted"}]})
        elif self.fails:
            await reply.json({"error": {"message": "no such key"}}, status=401)
        else:
            await chats(self.answer, delay_s=self.delay_s)(request, reply)


@dataclass
class Setting:
    """Emacs, the model and its script."""

    emacs: Emacs
    model: FakeModelServer
    script: Script

    @property
    def chats(self) -> list[Any]:
        """The bodies of the chat requests that the model got."""
        return [
            request.body
            for request in self.model.requests
            if request.path.endswith("/chat/completions")
        ]

    @property
    def transcript(self) -> str:
        """The text of the chat."""
        return self.emacs.buffer(CHAT)

    def ask(self, question: str) -> None:
        """Write a question into the chat and send it."""
        self.emacs.type(question)
        self.emacs.press("C-c", "C-c")

    def is_idle(self) -> bool:
        """Whether the next question may be written."""
        return self.transcript.endswith("## You\n\n")


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    script = Script()
    with scripted_model(script) as model:
        off = ":inlineCompletion (:enabled :json-false)"
        settings = f"'(:endpoint {lisp(model.url)} {off})"
        text = "import math\n\ndef area(r):\n    return math.pi * r * r\n"
        with run_emacs(tmp_path, settings_for(SERVE, settings), text=text) as emacs:
            yield Setting(emacs, model, script)


def test_an_answer_streams_and_the_next_question_follows_it(setting: Setting) -> None:
    setting.script.delay_s = 0.1
    setting.emacs.run("(foretype-chat)")
    setting.ask("How do I add prices?")
    eventually(lambda: "Use `sum`" in setting.transcript)
    assert "That is" not in setting.transcript
    eventually(setting.is_idle, 20.0)
    assert setting.transcript == (
        f"## You\n\nHow do I add prices?\n\n## Model\n\n{ANSWER}\n\n## You\n\n"
    )
    setting.script.delay_s = 0.0
    setting.ask("Thanks. And now?")
    eventually(lambda: len(setting.chats) == 2)
    said = [
        (m["role"], m["content"]) for m in setting.chats[1]["messages"] if m["role"] != "system"
    ]
    assert said == [
        ("user", "How do I add prices?"),
        ("assistant", ANSWER),
        ("user", "Thanks. And now?"),
    ]


SEEN = f"""
(let ((window (get-buffer-window {lisp(CHAT)})))
  (with-current-buffer {lisp(CHAT)}
    (buffer-substring-no-properties (window-start window) (window-end window t))))
"""


@pytest.mark.parametrize("is_selected", [True, False], ids=["selected", "another window selected"])
def test_an_answer_streams_in_view_and_its_end_stays_there(
    setting: Setting, *, is_selected: bool
) -> None:
    emacs, words = setting.emacs, [f"line-{number}" for number in range(30)]
    setting.script.answer, setting.script.delay_s = "\n".join(words), 0.02
    emacs.run("(foretype-chat)")
    for turn in range(2):
        setting.ask("How?")
        if not is_selected:
            emacs.press("C-x", "o")
        eventually(lambda: "line-12" in emacs.evaluate(SEEN))
        assert "line-3\n" not in emacs.evaluate(SEEN)
        poll(lambda: setting.transcript.count("## You"), (turn + 2).__eq__, 20.0)
        lines = emacs.evaluate('(window-body-height (get-buffer-window "*foretype chat*"))')
        seen = poll(lambda: emacs.evaluate(SEEN), lambda text: text.endswith("## You\n\n"), 5.0)
        assert seen == "\n".join([*words, "", "## You", "", ""][-lines:])
        assert "line-29" in emacs.screen
        if not is_selected:
            emacs.press("C-x", "o")


def test_markdown_is_drawn_as_it_comes(setting: Setting) -> None:
    setting.emacs.run("(foretype-chat)")
    setting.ask("How?")
    eventually(setting.is_idle)

    def faces(text: str) -> str:
        form = (
            f"(with-current-buffer {lisp(CHAT)} (save-excursion (goto-char (point-min))"
            f" (search-forward {lisp(text)})"
            ' (format "%s" (get-text-property (match-beginning 0) \'face))))'
        )
        return str(setting.emacs.evaluate(form))

    assert "font-lock-constant-face" in faces("`sum`")
    assert "bold" in faces("**all**")
    assert "foretype-code-block" in faces("return sum")
    assert "font-lock-keyword-face" in faces("return sum")


def test_what_was_said_cannot_be_edited(setting: Setting) -> None:
    setting.emacs.run("(foretype-chat)")
    setting.ask("How?")
    eventually(setting.is_idle)
    before = setting.transcript
    # Emacs throws away what is typed ahead when a command fails.
    setting.emacs.press("BSpace")
    eventually(lambda: setting.emacs.messages.count("Text is read-only") == 1)
    setting.emacs.press("M-<")
    setting.emacs.expect("(bobp)")
    setting.emacs.type("x")
    eventually(lambda: setting.emacs.messages.count("Text is read-only") == 2)
    assert setting.transcript == before


def test_code_goes_where_the_cursor_was(setting: Setting) -> None:
    setting.emacs.press("M->")
    setting.emacs.run("(foretype-chat)")
    setting.ask("How?")
    eventually(setting.is_idle)
    setting.emacs.press("C-c", "C-i")
    eventually(lambda: setting.emacs.evaluate("(buffer-name)") == "example.py")
    assert setting.emacs.text.endswith("return math.pi * r * r\n" + CODE)


def test_the_attached_region_is_shown_to_the_model(setting: Setting) -> None:
    setting.emacs.press("Down", "Down", "C-Space", "Down", "Down")
    eventually(lambda: setting.emacs.evaluate("(region-active-p)"))
    setting.emacs.press("M-x")
    setting.emacs.type("foretype-chat")
    setting.emacs.press("Enter")
    eventually(lambda: "Attached: example.py:3-4" in "\n".join(setting.emacs.screen))
    setting.ask("What is this?")
    eventually(lambda: setting.chats)
    shown = json.dumps(setting.chats[0]["messages"])
    assert "def area(r)" in shown
    assert "import math" not in shown


def test_explain_attaches_the_function_at_point(setting: Setting) -> None:
    setting.emacs.press("Down", "Down", "Down")
    setting.emacs.press("M-x")
    setting.emacs.type("foretype-explain")
    setting.emacs.press("Enter")
    eventually(setting.is_idle)
    messages = setting.chats[0]["messages"]
    assert "def area(r)" in json.dumps(messages)
    assert messages[-1] == {"role": "user", "content": "Explain this code."}


def test_cancel_keeps_what_was_written_and_closes_the_connection(setting: Setting) -> None:
    setting.script.delay_s = 0.3
    setting.emacs.run("(foretype-chat)")
    setting.ask("How?")
    eventually(lambda: "Use" in setting.transcript)
    setting.emacs.press("C-c", "C-k")
    eventually(lambda: "[cancelled]" in setting.transcript)
    assert setting.is_idle()
    asyncio.run(_closed(setting.model))
    setting.script.delay_s = 0.0
    setting.ask("Again?")
    eventually(lambda: "That is **all**." in setting.transcript and setting.is_idle())


async def _closed(model: FakeModelServer) -> None:
    running = [each for each in model.requests if each.path.endswith("/chat/completions")]
    async with asyncio.timeout(20):
        while not running[0].disconnected.is_set():
            await asyncio.sleep(0.01)


def test_a_failure_is_told_and_the_question_can_be_sent_again(setting: Setting) -> None:
    setting.script.fails = True
    setting.emacs.run("(foretype-chat)")
    setting.ask("How?")
    eventually(lambda: setting.transcript.endswith("## You\n\nHow?"))
    setting.script.fails = False
    setting.emacs.press("C-c", "C-c")
    eventually(lambda: "That is **all**." in setting.transcript)
    said = [m for m in setting.chats[-1]["messages"] if m["role"] != "system"]
    assert said == [{"role": "user", "content": "How?"}]


def test_every_kind_of_edit_reaches_the_server(setting: Setting) -> None:
    emacs = setting.emacs
    emacs.press("M->")
    emacs.type("delta 😀 epsilon")
    emacs.run(
        "(save-excursion (goto-char 1) (kill-word 1) (yank) (transpose-lines 2)"
        " (upcase-region 1 9) (subst-char-in-region 1 12 ?A ?a) (insert-char 10)"
        ' (replace-string "e" "éé" nil 3 40) (goto-char (point-max))'
        ' (insert "\\n\\x3fff80\\r|") (sort-lines nil 1 (point-max)) (narrow-to-region 5 9)'
        " (delete-char -1) (widen) (indent-rigidly 1 (point-max) 2) (undo-boundary) (undo))"
    )
    emacs.press("End", "Enter")
    emacs.type("end of it")
    emacs.run("(foretype-chat t)")
    setting.ask("What is this?")
    eventually(lambda: setting.chats)
    system = setting.chats[0]["messages"][0]["content"]
    text = str(emacs.evaluate('(with-current-buffer "example.py" (foretype--text))'))
    assert "end of it" in text
    assert text in system


def test_another_model_can_be_selected(setting: Setting) -> None:
    ref = setting.emacs.expect(
        '(plist-get (plist-get (foretype--execute-now "foretype.status") :defaultModels) :chat)'
    )
    setting.emacs.press("M-x")
    setting.emacs.type("foretype-select-model")
    setting.emacs.press("Enter")
    setting.emacs.type("chat")
    setting.emacs.press("Enter")
    setting.emacs.type(str(ref))
    setting.emacs.press("Enter")
    eventually(lambda: f"{ref} is used for chat" in setting.emacs.messages)


@pytest.mark.timeout(180)
def test_a_real_model_answers(tmp_path: Path, model_server: str) -> None:
    settings = f"'(:endpoint {lisp(model_server)})"
    with run_emacs(tmp_path, settings_for(SERVE, settings)) as emacs:
        emacs.run("(foretype-chat)")
        emacs.type("Say hello.")
        emacs.press("C-c", "C-c")
        eventually(lambda: emacs.buffer(CHAT).count("## You") == 2, 90.0)
        answer = emacs.buffer(CHAT).split("## Model\n\n")[1].split("\n\n## You")[0]
        assert len(answer) > 2
