"""Chat in a real Neovim with the real server and a scripted model."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fake_model_server import Handler, Reply, Request, chats, fails, routes
from tests.model_beside import ModelBeside, model_beside
from tests.neovim_editor import (
    FORETYPE,
    Editor,
    children,
    eventually,
    lua_list,
    poll,
    run_neovim,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(60),
    # pynvim makes an event loop of its own and leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning"),
]

CHAT = "/v1/chat/completions"
FILE = "def area(radius):\n    return 3.14 * radius ** 2\n\n\nprint(area(2))\n"
ANSWER = "Use `math.pi`:\n\n```python\nimport math\n\nAREA = math.pi\n```\n\nThat is all."
INSERTED = "import math\n\nAREA = math.pi"


@contextmanager
def chatting(folder: Path, handler: Handler) -> Iterator[tuple[Editor, ModelBeside]]:
    with model_beside(routes({CHAT: handler})) as model:
        command = [*FORETYPE, "serve", "--endpoint", model.url, "--model", "tiny"]
        with run_neovim(folder, f"{{ cmd = {lua_list(command)} }}", text=FILE) as editor:
            yield editor, model


def chat_of(editor: Editor) -> str:
    return editor.text_of("foretype://chat")


def expect_chat(editor: Editor, text: str) -> str:
    seen = poll(lambda: chat_of(editor), lambda seen: text in seen, 15.0)
    assert text in seen
    return seen


def trickles(text: str, gate: Path) -> Handler:
    """Stream the first half of a text, and the rest once a file is there."""

    async def handler(request: Request, reply: Reply) -> None:
        half = len(text) // 2
        for piece in (text[:half], text[half:]):
            await reply.event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            while not gate.exists() and not request.disconnected.is_set():
                await asyncio.sleep(0.01)
        await reply.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        await reply.event("[DONE]")

    return handler


def test_the_answer_streams_as_markdown(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with chatting(tmp_path, trickles(ANSWER, gate)) as (editor, _):
        editor.command("ForetypeChat How do I get pi?")
        seen = expect_chat(editor, ANSWER[: len(ANSWER) // 2])
        assert seen.startswith("## You\n\nHow do I get pi?\n\n## Foretype\n\n")
        assert ANSWER not in seen
        gate.touch()
        expect_chat(editor, ANSWER)
        assert editor.lua("return vim.bo[vim.fn.bufnr('foretype://chat')].filetype") == "markdown"
        assert any("import math" in line for line in editor.screen)


def test_follow_ups_carry_what_was_said_and_what_is_attached(tmp_path: Path) -> None:
    with chatting(tmp_path, chats(ANSWER)) as (editor, model):
        editor.command("1,2ForetypeChat What is wrong here?")
        expect_chat(editor, "That is all.")
        eventually(lambda: not editor.lua("return require('foretype.chat').is_answering()"))
        editor.command("wincmd p | wincmd t")
        editor.nvim.api.buf_set_lines(1, 0, 0, True, ["# A line above"])
        editor.command("ForetypeChat")
        editor.type("And<C-j>then?<CR>")
        eventually(lambda: len(model.asked(CHAT)) == 2)
        expect_chat(editor, "And\nthen?")
        first, second = model.asked(CHAT)
        assert [turn["role"] for turn in second["messages"][1:]] == ["user", "assistant", "user"]
        assert second["messages"][-1]["content"] == "And\nthen?"
        for body in (first, second):
            told = body["messages"][0]["content"]
            assert "3.14 * radius" in told
            assert "print(area(2))" not in told
            assert "A line above" not in told


def test_code_is_inserted_where_the_user_was(tmp_path: Path) -> None:
    with chatting(tmp_path, chats(ANSWER)) as (editor, _):
        editor.command("3")
        editor.command("ForetypeChat How?")
        expect_chat(editor, "That is all.")
        editor.command("ForetypeInsert")
        lines = FILE.rstrip("\n").split("\n")
        editor.expect_text("\n".join([*lines[:2], INSERTED, *lines[3:]]))
        assert editor.cursor == (5, 0)
        editor.command("undo")
        editor.expect_text("\n".join(lines))


def test_enter_on_a_block_inserts_that_one(tmp_path: Path) -> None:
    two = "```\nfirst\n```\n\n~~~lua\nsecond\n~~~\n"
    with chatting(tmp_path, chats(two)) as (editor, _):
        editor.command("ForetypeChat Two, please")
        expect_chat(editor, "second\n~~~")
        editor.command("wincmd k")
        editor.lua("vim.fn.search('first')")
        editor.type("<CR>")
        eventually(lambda: "\nfirst\n" in editor.text)
        assert "second" not in editor.text


def test_control_c_stops_the_answer_and_the_model(tmp_path: Path) -> None:
    with chatting(tmp_path, trickles(ANSWER, tmp_path / "never")) as (editor, model):
        editor.command("ForetypeChat How?")
        expect_chat(editor, "Use `math.pi`")
        editor.type("<C-c>")
        expect_chat(editor, "> Stopped.")
        (request,) = (each for each in model.server.requests if each.path == CHAT)
        assert poll(request.disconnected.is_set, bool, 5.0)
        assert "That is all." not in chat_of(editor)


def test_a_failure_is_told_and_the_question_given_back(tmp_path: Path) -> None:
    body = {"error": {"message": "no such key"}}
    with chatting(tmp_path, fails(401, body)) as (editor, _):
        editor.command("ForetypeChat")
        editor.type("How?<CR>")
        expect_chat(editor, "> **Error:** ")
        assert editor.text_of("foretype://question") == "How?"


def test_a_new_conversation_forgets(tmp_path: Path) -> None:
    with chatting(tmp_path, chats("Yes.")) as (editor, model):
        editor.command("ForetypeChat First?")
        expect_chat(editor, "Yes.")
        eventually(lambda: not editor.lua("return require('foretype.chat').is_answering()"))
        editor.command("ForetypeChatNew")
        assert chat_of(editor) == ""
        editor.command("ForetypeChat Second?")
        eventually(lambda: len(model.asked(CHAT)) == 2)
        assert "First?" not in str(model.asked(CHAT)[1])


def test_a_server_that_dies_while_it_answers_is_told_and_comes_back(tmp_path: Path) -> None:
    with chatting(tmp_path, trickles(ANSWER, tmp_path / "never")) as (editor, model):
        editor.command("ForetypeChat How?")
        expect_chat(editor, "Use `math.pi`")
        for pid in children(editor):
            os.kill(pid, signal.SIGKILL)
        expect_chat(editor, "> **Error:** The server ended while it was answering.")
        model.server.handler = routes({CHAT: chats(ANSWER)})
        editor.command("ForetypeChat Again?")
        expect_chat(editor, "That is all.")


def test_the_status_line_names_the_model(tmp_path: Path) -> None:
    with chatting(tmp_path, chats("Yes.")) as (editor, _):

        def statusline() -> Any:
            time.sleep(0.1)
            return editor.lua("return require('foretype').statusline()")

        assert poll(statusline, lambda text: text == "foretype: tiny", 15.0) == "foretype: tiny"
