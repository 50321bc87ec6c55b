"""Ghost text, chat and the rest in a real VS Code, with the real server and a scripted model."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.code_server import VERSIONS
from tests.fake_model_server import Handler, Reply, Request, chats, completes, routes
from tests.neovim_editor import eventually, poll
from tests.vscode_editor import (
    ANSWER,
    ScriptedModel,
    VsCode,
    answering,
    list_models,
    run_browser,
    run_vscode,
    settings_for,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    # The browser's driver makes an event loop of its own and leaves it to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

NEXT, WORD = "Alt+]", "Control+ArrowRight"


def one_after_the_other(*texts: str) -> Handler:
    """Answer each request for a completion with the next text."""
    left = list(texts)

    async def handler(request: Request, reply: Reply) -> None:
        await completes(left.pop(0) if len(left) > 1 else left[0])(request, reply)

    return routes({"/v1/models": list_models, "/v1/completions": handler})


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel(answering("")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with run_browser() as running:
        yield running


@pytest.fixture(scope="module", params=VERSIONS)
def window(
    request: pytest.FixtureRequest,
    browser: Any,
    model: ScriptedModel,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[VsCode]:
    folder = tmp_path_factory.mktemp("vscode")
    settings = settings_for(folder, model.url, **{"foretype.inlineCompletion.candidates": 2})
    files = {"foretype.jsonc": "{}\n", "other.py": "", "data.json": '{"total": }\n'}
    with run_vscode(browser, request.param, folder, settings, files=files) as running:
        yield running


@pytest.fixture
def editor(window: VsCode, model: ScriptedModel) -> VsCode:
    """The window with an empty document, and no chat."""
    model.does(answering(""))
    window.open("example.py")
    window.expect_status("qwen2.5-coder-7b")
    window.replace_text("")
    return window


def test_typing_makes_ghost_text_appear_and_tab_takes_it(
    editor: VsCode, model: ScriptedModel
) -> None:
    model.does(answering("price * count"))
    editor.type("total = ")
    editor.expect_ghost("price * count")
    editor.screenshot("ghost")
    editor.press("Tab")
    editor.expect_text("total = price * count")
    editor.expect_ghost("")
    editor.press("Control+z")
    editor.expect_text("total = ")


def test_several_lines_are_shown_and_taken(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("\n    for price in prices:\n        yield price * 2\n"))
    editor.type("def doubled(prices):")
    ghost = "    for price in prices:        yield price * 2"
    editor.expect_ghost(ghost)
    editor.press("Tab")
    taken = "def doubled(prices):\n    for price in prices:\n        yield price * 2"
    editor.expect_text(taken)


def test_a_word_is_taken_at_a_time(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("price * count"))
    editor.type("total = ")
    editor.expect_ghost("price * count")
    model.does(answering(""))
    editor.press(WORD)
    editor.expect_text("total = price")
    editor.expect_ghost(" * count")
    for _ in range(3):  # 1.100 takes the blank as a word, too
        if editor.ghost:
            editor.press(WORD)
            editor.page.wait_for_timeout(500)
    editor.expect_text("total = price * count")


def test_escape_hides_it_until_something_is_typed(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("price * count"))
    editor.type("total = ")
    editor.expect_ghost("price * count")
    editor.press("Escape")
    editor.expect_ghost("")
    editor.expect_text("total = ")
    editor.type("p")
    editor.expect_ghost("rice * count")


def test_typing_what_it_says_keeps_the_rest(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("price * count"))
    editor.type("total = ")
    editor.expect_ghost("price * count")
    editor.type("price ")
    editor.expect_ghost("* count")


def test_the_next_suggestion_is_another(editor: VsCode, model: ScriptedModel) -> None:
    model.does(one_after_the_other("price * count", "sum(prices)"))
    editor.type("total = ")
    first = eventually(lambda: editor.ghost)
    editor.press(NEXT)
    second = poll(lambda: editor.ghost, lambda ghost: ghost not in ("", first), 15.0)
    if second == first:  # the first press asked for several, the second one goes on
        editor.press(NEXT)
        second = poll(lambda: editor.ghost, lambda ghost: ghost not in ("", first), 15.0)
    assert {first, second} == {"price * count", "sum(prices)"}
    editor.press("Tab")
    editor.expect_text(f"total = {second}")


def test_ghost_text_is_turned_off_and_on_for_a_language(
    editor: VsCode, model: ScriptedModel
) -> None:
    editor.run("Foretype: Turn Ghost Text On or Off for This Language")
    editor.expect_status("off for python")
    model.does(answering("price * count"))
    asked = len(model.heard("/completions"))
    editor.focus_editor()
    editor.type("total = ")
    editor.page.wait_for_timeout(1500)
    assert editor.ghost == ""
    assert len(model.heard("/completions")) == asked
    editor.run("Foretype: Turn Ghost Text On or Off for This Language")
    eventually(lambda: "off" not in editor.status)
    editor.focus_editor()
    editor.page.wait_for_timeout(1000)  # until the server has asked for the settings
    editor.press("End")
    editor.type("(")
    editor.expect_ghost("price * count")


def test_the_status_bar_tells_of_a_model_that_refuses(editor: VsCode, model: ScriptedModel) -> None:
    async def refuses(_: Request, reply: Reply) -> None:
        await reply.json({"error": {"message": "bad key"}}, status=401)

    model.does(routes({"/v1/models": list_models, "/v1/completions": refuses}))
    editor.type("amount = ")
    item = editor.page.locator("#foretype\\.foretype\\.foretype\\.status.warning-kind")
    item.wait_for()
    assert editor.ghost == ""
    editor.saved()
    model.does(answering("price * count"))
    editor.replace_text("other = ")
    editor.expect_ghost("price * count")
    item.wait_for(state="detached")


def test_a_chat_streams_markdown_and_its_code_is_inserted(
    editor: VsCode, model: ScriptedModel
) -> None:
    model.does(answering("", chat=chats(ANSWER, chunk=6, delay_s=0.15)))
    editor.run("Foretype: New Chat")
    editor.run("Foretype: Open Chat")
    editor.chat.locator("#question").fill("How do I add them up?")
    editor.chat.locator("#question").press("Enter")
    editor.chat.locator("section.assistant strong", has_text="sum").wait_for()
    assert editor.chat.locator("#stop").is_visible()  # drawn while it is still being written
    assert not editor.chat.locator(".assistant", has_text="tags").count()
    editor.chat.locator(".assistant", has_text="No <b>tags</b>.").wait_for()
    editor.chat.locator("#send").wait_for()
    editor.screenshot("chat")
    editor.chat.locator(".tools button", has_text="Insert at Cursor").click()
    editor.expect_text("total = sum(prices)\n")


def test_what_is_selected_goes_with_the_question(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering(""))
    editor.run("Foretype: New Chat")
    editor.focus_editor()
    editor.type("answer = 42")
    editor.press("Control+a")
    editor.run("Foretype: Explain Selection")
    editor.chat.locator(".attached", has_text="example.py:1-1").wait_for()
    editor.chat.locator("section.assistant strong").wait_for()
    asked = model.heard("/chat/completions")[-1].body["messages"]
    assert "answer = 42" in str(asked)
    assert asked[-1]["content"] == "Explain this code."


def test_an_answer_is_stopped(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("", chat=chats("word " * 2000, chunk=5, delay_s=0.05)))
    editor.run("Foretype: New Chat")
    editor.run("Foretype: Open Chat")
    editor.chat.locator("#question").fill("Say a lot")
    editor.chat.locator("#question").press("Enter")
    editor.chat.locator("section.assistant", has_text="word word").wait_for()
    editor.chat.locator("#stop").click()
    editor.chat.locator(".error", has_text="Stopped.").wait_for()
    request = model.heard("/chat/completions")[-1]
    assert eventually(request.disconnected.is_set)
    assert "word word" in editor.chat.locator("section.assistant").inner_text()


BEFORE, AFTER = "area = a * b", "area = width * height"


def test_an_edit_is_shown_before_it_is_taken(editor: VsCode, model: ScriptedModel) -> None:
    ask_for_an_edit(editor, model)
    editor.page.locator(".notifications-toasts .monaco-button", has_text="Apply").click()
    editor.expect_text(AFTER)
    assert "Rename them" in str(model.heard("/chat/completions")[-1].body)


def test_an_edit_that_is_not_wanted_changes_nothing(editor: VsCode, model: ScriptedModel) -> None:
    ask_for_an_edit(editor, model)
    editor.screenshot("edit")
    editor.run("Foretype: Discard the Edit")
    editor.page.locator(".diff-editor, .monaco-diff-editor").first.wait_for(state="detached")
    editor.expect_text(BEFORE)


def test_an_edit_is_taken_by_its_notice_while_another_tab_is_active(
    editor: VsCode, model: ScriptedModel
) -> None:
    ask_for_an_edit(editor, model)
    editor.open("other.py")
    editor.page.locator(".notifications-toasts .monaco-button", has_text="Apply").click()
    editor.page.locator('.tab.active[aria-label^="example.py"]').wait_for()
    assert not editor.page.locator(".monaco-diff-editor").count()
    editor.expect_text(AFTER)


def ask_for_an_edit(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("", chat=chats(f"```python\n{AFTER}\n```")))
    editor.page.keyboard.insert_text(BEFORE)
    editor.saved()
    editor.press("Control+a")
    editor.run("Foretype: Edit Selection")
    editor.page.locator(".quick-input-title", has_text="Edit the selection").wait_for()
    editor.page.locator(".quick-input-widget input").first.fill("Rename them")
    editor.press("Enter")
    after = editor.page.locator(".monaco-diff-editor").first
    eventually(lambda: "width" in after.inner_text())
    assert (editor.work / "example.py").read_text(encoding="utf-8") == BEFORE


def test_a_code_action_explains_in_the_chat(editor: VsCode, model: ScriptedModel) -> None:
    editor.run("Foretype: New Chat")
    editor.focus_editor()
    editor.page.keyboard.insert_text("answer = 42")
    editor.press("Control+.")
    chosen = editor.page.locator(".action-widget .monaco-list-row.focused")
    chosen.wait_for()
    for _ in range(10):
        if "explain this code" not in chosen.inner_text():
            editor.press("ArrowDown")
    editor.press("Enter")
    editor.chat.locator(".attached", has_text="example.py:1-1").wait_for()
    editor.chat.locator("section.assistant strong").wait_for()
    assert "answer = 42" in str(model.heard("/chat/completions")[-1].body)


def test_what_another_extension_says_is_wrong_can_be_fixed(
    editor: VsCode, model: ScriptedModel
) -> None:
    model.does(answering("", chat=chats('```json\n{"total": 42}\n```')))
    editor.open("data.json")
    editor.page.locator(".squiggly-error").first.wait_for()  # of VS Code's own JSON extension
    editor.press("F8", "Escape", "Control+.")
    chosen = editor.page.locator(".action-widget .monaco-list-row.focused")
    chosen.wait_for()
    for _ in range(10):
        if "Foretype: fix" not in chosen.inner_text():
            editor.press("ArrowDown")
    editor.press("Enter")
    editor.expect_text('{"total": 42}\n', "data.json")
    asked = str(model.heard("/chat/completions")[-1].body)
    assert "Fix this problem (json)" in asked


def test_a_mistake_in_the_configuration_is_marked(editor: VsCode) -> None:
    editor.open("foretype.jsonc")
    editor.focus_editor()
    editor.press("Control+a", "Delete")
    wrong = '"serverSideConfig": {"type": "huggingface-tgy"'
    # As one insertion, or brackets would be closed while typing.
    editor.page.keyboard.insert_text(f'{{"providerOverrides": [{{"id": "bigcode", {wrong}}}}}]}}')
    editor.page.locator(".squiggly-error").first.wait_for()
    shown = editor.page.locator(".marker-widget, .peekview-widget").first

    def is_named() -> bool:
        editor.press("F8")  # goes on to the next problem
        shown.wait_for()
        editor.page.wait_for_timeout(300)
        return "huggingface-tgi" in shown.inner_text()

    eventually(is_named)
    editor.screenshot("configuration")
    editor.press("Escape")
    editor.saved("foretype.jsonc")


def test_a_server_that_is_killed_comes_back(editor: VsCode, model: ScriptedModel) -> None:
    model.does(answering("price * count"))
    (before,) = editor.server_processes()
    editor.kill_server()
    eventually(lambda: editor.server_processes() not in ([], [before]))
    editor.expect_status("qwen2.5-coder-7b")
    editor.replace_text("total = ")
    editor.expect_ghost("price * count")
    assert not editor.page.locator(".notification-list-item-message").count()


def test_the_doctor_tells_of_the_model_server(editor: VsCode) -> None:
    editor.run("Foretype: Check the Model Servers")
    editor.page.locator('.tab.active[aria-label^="Foretype Doctor"]').wait_for(timeout=60_000)
    report = editor.page.locator(".editor-instance .view-lines").first
    assert "qwen2.5-coder-7b" in poll(report.inner_text, lambda text: "qwen" in text, 10.0)
    editor.screenshot("doctor")


def test_the_log_is_one_of_vs_codes_outputs(editor: VsCode) -> None:
    editor.run("Foretype: Show Log")
    chosen = editor.page.locator(".part.panel select").first
    assert eventually(lambda: chosen.evaluate("it => it.selectedOptions[0].text")) == "Foretype"
    editor.press("Control+j")
