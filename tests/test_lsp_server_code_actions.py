"""Code actions in a real process: listed at no cost, worked out when chosen."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from lsp_server.actions.extent import extent_at
from lsp_server.edits.tests_file import uri_for_tests
from lsp_server.protocol import plain_converter
from tests.editing_editor import Buffer, checks_versions, edit_capabilities
from tests.fake_model_server import FakeModelServer, chats, hangs
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import (
    CANCELLED,
    URI,
    answered,
    disconnected,
    error_of,
    settings_for,
)
from tests.test_lsp_server_waiting import bars, kinds, shown

CODE = "def add(a, b):\n    return a + «»c\n\n\nprint(add(1, 2))\n"
FIXED = "```python\ndef add(a, b):\n    return a + b\n```"
AFTER = "def add(a, b):\n    return a + b\n\n\nprint(add(1, 2))\n"
PROBLEM = types.Diagnostic(
    types.Range(types.Position(1, 15), types.Position(1, 16)),
    'undefined name "c"',
    source="pyflakes",
)
CHOICES = ["explain this code", "document this code", "write tests"]


def action_capabilities(
    capabilities: types.ClientCapabilities,
) -> types.CodeActionClientCapabilities:
    assert capabilities.text_document is not None
    assert capabilities.text_document.code_action is not None
    return capabilities.text_document.code_action


def without_resolving(capabilities: types.ClientCapabilities) -> None:
    action_capabilities(capabilities).resolve_support = None


def with_tags(capabilities: types.ClientCapabilities) -> None:
    tags = types.CodeActionTagOptions([types.CodeActionTag.LlmGenerated])
    action_capabilities(capabilities).tag_support = tags


def without_literals(capabilities: types.ClientCapabilities) -> None:
    action_capabilities(capabilities).code_action_literal_support = None


def without_files(capabilities: types.ClientCapabilities) -> None:
    edit_capabilities(capabilities).resource_operations = []


def without_showing(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.window is not None
    capabilities.window.show_document = None


def with_prompt(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"foretype": {"promptCommand": "foretype.prompt"}}


async def listed(
    client: Client, buffer: Buffer, *diagnostics: types.Diagnostic, only: list[str] | None = None
) -> list[Any]:
    params = types.CodeActionParams(
        text_document=types.TextDocumentIdentifier(buffer.uri),
        range=buffer.range,
        context=types.CodeActionContext(list(diagnostics), only),
    )
    request = client.start(types.TEXT_DOCUMENT_CODE_ACTION, params)
    # The stock reader takes every action with a command for a command alone.
    client.protocol._result_types[request.msg_id] = None  # type: ignore[attr-defined]
    return [as_action(given) for given in await answered(request)]


def as_action(given: Any) -> Any:
    fields = plain(given)
    kind = types.Command if isinstance(fields.get("command"), str) else types.CodeAction
    return plain_converter().structure(fields, kind)


def plain(value: Any) -> Any:
    """The JSON that the stock reader has made objects of."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def titles(actions: list[Any]) -> list[str]:
    return [action.title.removeprefix("Foretype: ") for action in actions]


def named(actions: list[Any], title: str) -> Any:
    (found,) = [action for action in actions if action.title == f"Foretype: {title}"]
    return found


def resolve(client: Client, action: types.CodeAction) -> Any:
    return client.start(types.CODE_ACTION_RESOLVE, action)


def run(client: Client, command: types.Command) -> Any:
    return client.command(command.command, *(command.arguments or ()))


async def test_actions_are_listed_without_asking_the_model() -> None:
    async with (
        FakeModelServer(chats(FIXED)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        actions = await listed(client, Buffer(client, URI, CODE), PROBLEM)
        provider = client.initialized_with.capabilities.code_action_provider

    assert titles(actions) == [CHOICES[0], 'fix “undefined name "c"”', *CHOICES[1:]]
    assert [action.kind for action in actions] == ["", "quickfix", "refactor.rewrite", ""]
    assert [bool(action.diagnostics) for action in actions] == [False, True, False, False]
    assert all(action.edit is None and action.tags is None for action in actions)
    assert isinstance(provider, types.CodeActionOptions)
    assert provider.resolve_provider
    assert not model.requests


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["quickfix"], ["quickfix"]),
        (["refactor"], ["refactor.rewrite"]),
        (["refactor.rewrite"], ["refactor.rewrite"]),
        (["source"], []),
        ([""], ["", "quickfix", "refactor.rewrite", ""]),
        (["quick"], []),
    ],
    ids=str,
)
async def test_only_the_kinds_that_are_asked_for_are_listed(
    only: list[str], expected: list[str]
) -> None:
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        actions = await listed(client, Buffer(client, URI, CODE), PROBLEM, only=only)

    assert [action.kind for action in actions] == expected


async def test_a_fix_is_worked_out_when_it_is_chosen() -> None:
    async with (
        FakeModelServer(chats(FIXED)) as model,
        connected(settings=settings_for(model.url), adjust=checks_versions) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        chosen = named(await listed(client, buffer, PROBLEM), 'fix “undefined name "c"”')
        resolved = await answered(resolve(client, chosen))
        buffer.apply(resolved.edit)

    assert buffer.text == AFTER
    asked = model.requests[0].body["messages"][-1]["content"]
    assert 'Fix this problem (pyflakes), and change nothing else: undefined name "c"' in asked
    assert "return a + c" in asked
    (change,) = resolved.edit.document_changes
    assert [edit.new_text for edit in change.edits] == ["b"]


@pytest.mark.parametrize("way", ["resolve", "command"])
async def test_code_is_documented(way: str) -> None:
    documented = FIXED.replace(":\n    return", ':\n    """Add."""\n    return').replace(
        "b\n```", "c\n```"
    )
    adjust = without_resolving if way == "command" else checks_versions
    async with (
        FakeModelServer(chats(documented)) as model,
        connected(settings=settings_for(model.url), adjust=adjust) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        chosen = named(await listed(client, buffer), "document this code")
        if way == "resolve":
            assert chosen.command is None
            buffer.apply((await answered(resolve(client, chosen))).edit)
        else:
            assert chosen.data is None
            assert (await answered(run(client, chosen.command)))["applied"] is True

    plain = CODE.replace("«", "").replace("»", "")
    assert buffer.text == plain.replace(":\n", ':\n    """Add."""\n', 1)
    assert "doc comments" in model.requests[0].body["messages"][-1]["content"]


@pytest.mark.parametrize("way", ["resolve", "command"])
async def test_tests_are_written_to_a_new_file_beside_the_code(way: str, tmp_path: Path) -> None:
    source = tmp_path / "my sum.py"
    (tmp_path / "test_my sum.py").write_text("# mine\n")
    adjust = without_resolving if way == "command" else checks_versions
    async with (
        FakeModelServer(chats("Here:\n```python\ndef test_add(): ...\n```")) as model,
        connected(settings=settings_for(model.url), adjust=adjust) as client,
    ):
        buffer = Buffer(client, source.as_uri(), CODE)
        chosen = named(await listed(client, buffer), "write tests")
        if way == "resolve":
            edit = (await answered(resolve(client, chosen))).edit
            create = edit.document_changes[0]
            assert create.options == types.CreateFileOptions(False, False)
            buffer.apply(edit)
        else:
            await answered(run(client, chosen.command))

    created = (tmp_path / "test_my sum_2.py").as_uri()
    assert buffer.created == {created: "def test_add(): ...\n"}
    assert buffer.text == CODE.replace("«", "").replace("»", "")


async def test_a_client_that_creates_no_files_is_told_so_and_no_model_is_asked() -> None:
    async with (
        FakeModelServer(chats(FIXED)) as model,
        connected(settings=settings_for(model.url), adjust=without_files) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        error = await error_of(resolve(client, named(await listed(client, buffer), "write tests")))

    assert "create files" in error.message
    assert not model.requests


async def test_tests_that_cannot_be_created_are_shown_disabled_where_the_client_can() -> None:
    def adjust(capabilities: types.ClientCapabilities) -> None:
        without_files(capabilities)
        action_capabilities(capabilities).disabled_support = True

    async with connected(settings=settings_for("http://127.0.0.1:9/v1"), adjust=adjust) as client:
        action = named(await listed(client, Buffer(client, URI, CODE)), "write tests")

    assert "create files" in action.disabled.reason


async def test_an_explanation_is_opened_as_a_file_of_ours(tmp_path: Path) -> None:
    async with (
        FakeModelServer(chats("It *adds*.")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        chosen = named(await listed(client, buffer), "explain this code")
        result = await answered(run(client, chosen.command))
        (document,) = client.shown_documents

    path = Path(document.uri.removeprefix("file://"))
    assert path.is_relative_to(tmp_path / "user-cache" / "foretype")
    assert path.read_text() == "It *adds*.\n"
    assert path.stat().st_mode & 0o077 == 0
    assert result["content"] == "It *adds*."
    sent = str(model.requests[0].body["messages"])
    assert "Explain what this code does" in sent
    assert "return a + c" in sent
    assert "print(add(1, 2))" not in sent
    assert not client.messages


async def test_an_explanation_is_a_message_where_no_file_can_be_shown() -> None:
    async with (
        FakeModelServer(chats("It *adds*.")) as model,
        connected(settings=settings_for(model.url), adjust=without_showing) as client,
    ):
        chosen = named(await listed(client, Buffer(client, URI, CODE)), "explain this code")
        await answered(run(client, chosen.command))

    assert [message.message for message in client.messages] == ["It *adds*."]
    assert client.messages[0].type == types.MessageType.Info


async def test_only_so_many_explanations_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "user-cache" / "foretype" / "answers"
    folder.mkdir(parents=True)
    for number in range(40):
        (folder / f"19990101-0000{number:02}.md").touch()
    async with (
        FakeModelServer(chats("It *adds*.")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        chosen = named(await listed(client, Buffer(client, URI, CODE)), "explain this code")
        await answered(run(client, chosen.command))

    assert len(list(folder.iterdir())) == 20
    assert "It *adds*.\n" in [path.read_text() for path in folder.iterdir()]


@pytest.mark.parametrize(
    "comment", ["# TODO: use numpy", "# FIXME(anna) use numpy", "/* TODO use numpy */"]
)
async def test_a_todo_comment_is_an_instruction(comment: str) -> None:
    async with (
        FakeModelServer(chats("```\nnumpy.add(a, b)\n```")) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, f"x = 1\n«{comment}\na + b\n»y = 2\n")
        chosen = named(await listed(client, buffer), "do “use numpy”")
        buffer.apply((await answered(resolve(client, chosen))).edit)

    assert buffer.text == "x = 1\nnumpy.add(a, b)\ny = 2\n"
    assert chosen.kind == types.CodeActionKind.RefactorRewrite
    assert "take the comment away: use numpy" in str(model.requests[0].body["messages"])


async def test_a_client_that_can_prompt_is_offered_an_edit() -> None:
    settings = settings_for("http://127.0.0.1:9/v1")
    async with connected(settings=settings, adjust=with_prompt) as client:
        buffer = Buffer(client, URI, CODE)
        chosen = named(await listed(client, buffer), "edit…")

    assert chosen.command.command == "foretype.prompt"
    (place,) = chosen.command.arguments
    assert place["uri"] == URI
    assert place["range"] == {
        "start": {"line": 0, "character": 0},
        "end": {"line": 2, "character": 0},
    }


async def test_actions_are_marked_as_made_by_a_model_where_that_is_understood() -> None:
    settings = settings_for("http://127.0.0.1:9/v1")
    async with connected(settings=settings, adjust=with_tags) as client:
        actions = await listed(client, Buffer(client, URI, CODE), PROBLEM)

    assert all(action.tags == (types.CodeActionTag.LlmGenerated,) for action in actions)


async def test_a_client_without_code_actions_of_its_own_gets_commands() -> None:
    async with (
        FakeModelServer(chats(FIXED)) as model,
        connected(settings=settings_for(model.url), adjust=without_literals) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        commands = await listed(client, buffer, PROBLEM)
        assert all(isinstance(command, types.Command) for command in commands)
        await answered(run(client, commands[1]))

    assert buffer.text == AFTER


async def test_an_action_on_text_that_has_changed_since_is_refused() -> None:
    async with (
        FakeModelServer(chats(FIXED)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        buffer = Buffer(client, URI, CODE)
        chosen = named(await listed(client, buffer), "document this code")
        buffer.insert(0, "import os\n")
        error = await error_of(resolve(client, chosen))

    assert "list the actions again" in error.message
    assert not model.requests


async def test_an_action_that_is_none_of_ours_comes_back_as_it_is() -> None:
    foreign = types.CodeAction("Other", data={"id": 7})
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        assert await answered(resolve(client, foreign)) == foreign


@pytest.mark.parametrize("way", ["resolve", "run"])
async def test_cancelling_an_action_closes_its_connection(way: str) -> None:
    async with (
        FakeModelServer(hangs()) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        actions = await listed(client, Buffer(client, URI, CODE))
        if way == "resolve":
            request = resolve(client, named(actions, "document this code"))
        else:
            request = run(client, named(actions, "explain this code").command)
        await model.wait_for_requests(1)
        client.cancel(request)
        error = await error_of(request)
        await disconnected(model.requests[0])

    assert error.code == CANCELLED


@pytest.mark.parametrize("title", ["document this code", "explain this code"])
async def test_an_action_that_takes_long_shows_progress_that_can_be_cancelled(title: str) -> None:
    async with (
        FakeModelServer(chats("```\n" + "word " * 4000, delay_s=0.02)) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        chosen = named(await listed(client, Buffer(client, URI, CODE)), title)
        request = run(client, chosen.command) if chosen.command else resolve(client, chosen)
        async with asyncio.timeout(30):
            while not any(shown(client)):
                await asyncio.sleep(0.02)
        (token,) = bars(client)
        client.cancel_progress(token)
        error = await error_of(request)
        await disconnected(model.requests[0])
        (values,) = shown(client)

    assert error.code == CANCELLED
    assert (kinds(values)[0], kinds(values)[-1]) == ("begin", "end")
    assert values[0]["cancellable"]


async def test_a_client_that_shows_no_progress_is_sent_none_for_an_action() -> None:
    async with (
        FakeModelServer(chats(FIXED, delay_s=0.2)) as model,
        connected(settings=settings_for(model.url), shows_progress=False) as client,
    ):
        chosen = named(await listed(client, Buffer(client, URI, CODE)), "document this code")
        await answered(resolve(client, chosen))

    assert not shown(client)
    assert not client.streamed


def _no_chat(settings: dict[str, Any]) -> None:
    settings["modelConfiguration"]["modelOverrides"][0]["capabilities"] = ["autocomplete"]
    del settings["modelConfiguration"]["defaultModels"]["chat"]
    del settings["modelConfiguration"]["defaultModels"]["fastChat"]


def _excluded(settings: dict[str, Any]) -> None:
    settings["inlineCompletion"]["excludedFiles"] = ["**/sum.py"]


@pytest.mark.parametrize("change", [_no_chat, _excluded])
async def test_nothing_is_listed_without_a_chat_model_or_for_an_excluded_file(
    change: Callable[[dict[str, Any]], None],
) -> None:
    settings = settings_for("http://127.0.0.1:9/v1")
    change(settings)
    async with connected(settings=settings) as client:
        assert await listed(client, Buffer(client, URI, CODE), PROBLEM) == []


async def test_the_configuration_file_keeps_its_own_quick_fixes_and_has_no_others() -> None:
    text = '{ "modelConfiguration": { "providerOverides«»": [] } }\n'
    async with connected(settings=settings_for("http://127.0.0.1:9/v1")) as client:
        buffer = Buffer(client, "file:///work/foretype.jsonc", text, "jsonc")
        fixes = await listed(client, buffer)
        others = await listed(client, buffer, only=["refactor"])

    assert fixes
    assert all(fix.edit and fix.kind == types.CodeActionKind.QuickFix for fix in fixes)
    assert not others


PYTHON = """\
import os

@cached
def f(
    a,
):
    x = 1

    return x

y = 1
z = 2

class A:
    def g(self):
        pass
"""
GO = "package a\n\nfunc f() int {\n\tif x {\n\t\treturn 1\n\t}\n\treturn 2\n}\n\nvar a = 1\n"
C = "int\nmain(int argc)\n{\n    if (x) {\n        y();\n    }\n}\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (PYTHON, 6, (2, 9)),
        (PYTHON, 3, (2, 9)),
        (PYTHON, 11, (10, 12)),
        (PYTHON, 15, (14, 16)),
        (PYTHON, 13, (13, 16)),
        (GO, 4, (2, 8)),
        (GO, 9, (9, 10)),
        (C, 4, (1, 7)),
        ("", 0, (0, 1)),
    ],
)
def test_the_extent_at_a_cursor_is_its_definition_or_paragraph(
    text: str, line: int, expected: tuple[int, int]
) -> None:
    assert extent_at(text.split("\n"), line) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/x.py", "a/test_x.py"),
        ("x.ts", "x.test.ts"),
        ("x.go", "x_test.go"),
        ("X.java", "XTest.java"),
        ("x.rb", "x_test.rb"),
        ("x.rs", "x_test.rs"),
        ("a%20b.py", "test_a%20b.py"),
        ("Makefile", "Makefile_test.txt"),
        (".bashrc", ".bashrc_test.txt"),
    ],
)
def test_tests_are_named_by_the_habit_of_the_language(name: str, expected: str) -> None:
    assert uri_for_tests(f"file:///no/such/folder/{name}") == f"file:///no/such/folder/{expected}"
    assert uri_for_tests(f"vscode-remote://host/{name}") == f"vscode-remote://host/{expected}"
