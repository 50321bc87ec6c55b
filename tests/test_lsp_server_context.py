"""What of other open files reaches a model server, through a real server process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.fake_model_server import FakeModelServer, Handler, chats, completes, routes
from tests.lsp_client import Client, connected
from tests.prompt_heads import shared_head
from tests.test_lsp_server_cli import foretype
from tests.test_lsp_server_requests import answered, settings_for

SHAPES = "def area_of_circle(radius):\n    return 3.14 * radius * radius\n"
MAIN = "from shapes import area_of_circle\n\ntotal = area_of_circle("


class Editor:
    """An editor with a folder open, and what the model server was asked."""

    def __init__(self, client: Client, server: FakeModelServer, folder: Path) -> None:
        self.client = client
        self.server = server
        self.folder = folder
        self.text = ""
        self.version = 1

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def ask(self) -> dict[str, Any]:
        """Complete at the end of main.py, and give what was sent for it."""
        before = len(self.server.requests)
        lines = self.text.split("\n")
        await answered(self.client.ask(self.uri("main.py"), len(lines) - 1, len(lines[-1])))
        assert len(self.server.requests) > before
        body: dict[str, Any] = self.server.requests[-1].body
        return body

    async def ask_until(self, part: str) -> dict[str, Any]:
        """Ask until something is sent: whether a file may be shown is found out meanwhile."""
        for _ in range(100):
            body = await self.ask()
            if part in str(body):
                return body
            await asyncio.sleep(0.02)
        raise AssertionError(body)

    def open(self, text: str = MAIN) -> None:
        self.text = text
        self.client.open(self.uri("main.py"), text)

    def type(self, character: str) -> None:
        lines = self.text.split("\n")
        at = types.Position(len(lines) - 1, len(lines[-1]))
        self.version += 1
        self.text += character
        change = types.TextDocumentContentChangePartial(types.Range(at, at), character)
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri("main.py"))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))


@asynccontextmanager
async def editing(
    folder: Path,
    handler: Handler,
    *,
    model: dict[str, Any] | None = None,
    provider: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Editor]:
    async with FakeModelServer(handler) as server:
        settings = settings_for(server.url)
        settings["inlineCompletion"] |= options
        (written,) = settings["modelConfiguration"]["modelOverrides"]
        written |= model or {}
        (served,) = settings["modelConfiguration"]["providerOverrides"]
        served["serverSideConfig"] |= provider or {}
        async with connected(settings=settings, root=folder) as client:
            yield Editor(client, server, folder)


async def test_another_file_is_shown_in_the_form_of_the_models_family(tmp_path: Path) -> None:
    async with editing(tmp_path, completes("1.0)")) as editor:
        editor.client.open(editor.uri("shapes.py"), SHAPES)
        editor.open()
        body = await editor.ask_until("3.14")
    assert body["prompt"] == (
        f"<repo_name>{tmp_path.name}<file_sep>shapes.py\n{SHAPES.strip()}"
        f"<file_sep><fim_prefix>main.py\n{MAIN}<fim_suffix><fim_middle>"
    )


async def test_llamacpp_gets_other_files_as_such(tmp_path: Path) -> None:
    side = {"fimRoute": "infill"}
    handler = routes({"/infill": completes("1.0)")})
    async with editing(tmp_path, handler, provider=side) as editor:
        editor.client.open(editor.uri("shapes.py"), SHAPES)
        editor.open()
        body = await editor.ask_until("3.14")
    assert body["input_extra"] == [{"filename": "shapes.py", "text": SHAPES.strip()}]
    assert body["input_prefix"] == MAIN


async def test_a_chat_model_is_told_of_other_files(tmp_path: Path) -> None:
    side = {"useLegacyCompletions": False}
    handler = routes({"/v1/chat/completions": chats("1.0)")})
    async with editing(tmp_path, handler, provider=side) as editor:
        editor.client.open(editor.uri("shapes.py"), SHAPES)
        editor.open()
        body = await editor.ask_until("3.14")
    system, user = body["messages"]
    assert system["content"].endswith(f"--- shapes.py ---\n{SHAPES.strip()}")
    assert user["content"] == f"{MAIN}<CURSOR/>"


@pytest.mark.parametrize("family", ["codellama", "none"])
async def test_families_without_a_form_for_it_get_comments(tmp_path: Path, family: str) -> None:
    stated = {"serverSideConfig": {"type": "openaicompatible", "fimFamily": family}}
    async with editing(tmp_path, completes("1.0)"), model=stated) as editor:
        editor.client.open(editor.uri("shapes.py"), SHAPES)
        editor.open()
        body = await editor.ask_until("3.14")
    head = "# Path: shapes.py\n# def area_of_circle(radius):\n#     return 3.14 * radius * radius\n"
    assert f"{head}\n{MAIN}" in body["prompt"]


async def test_excluded_ignored_and_secret_files_never_leave(tmp_path: Path) -> None:
    command = ["git", "init", "-q", str(tmp_path)]
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
    (tmp_path / ".gitignore").write_text("local_*\n")
    async with editing(tmp_path, completes("1.0)"), excludedFiles=["**/vault*"]) as editor:
        editor.client.open(editor.uri("vault.py"), SHAPES.replace("3.14", "VAULTED"))
        editor.client.open(editor.uri("local_shapes.py"), SHAPES.replace("3.14", "IGNORED"))
        key = f'{SHAPES}\napi_key = "PLANTED-0123456789"\n'
        editor.client.open(editor.uri("keyed.py"), key.replace("3.14", "KEYED"))
        editor.client.open(editor.uri("shapes.py"), SHAPES)
        editor.open()
        await editor.ask_until("3.14")
        await asyncio.sleep(0.3)
        await editor.ask()
        sent = str([request.body for request in editor.server.requests])
    assert not [word for word in ("VAULTED", "IGNORED", "KEYED", "PLANTED") if word in sent]


async def test_what_git_ignores_is_sent_when_the_user_allows_it(tmp_path: Path) -> None:
    command = ["git", "init", "-q", str(tmp_path)]
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
    (tmp_path / ".gitignore").write_text("local_*\n")
    async with editing(tmp_path, completes("1.0)"), gitIgnoredFiles=True) as editor:
        editor.client.open(editor.uri("local_shapes.py"), SHAPES)
        editor.open()
        await editor.ask_until("3.14")


async def test_two_hundred_keystrokes_share_the_head_of_their_prompts(tmp_path: Path) -> None:
    knobs = {"contextSizeHintTotalCharacters": 4096}
    model = {"clientSideConfig": {"openaicompatible": knobs}}
    code = "".join(f"radius_{n} = {n}\nmeasure(radius_{n})\n\n" for n in range(300))
    # Text that nobody types: what is typed through is not asked for again.
    async with editing(tmp_path, completes("qqqq"), model=model) as editor:
        for name in ("shapes", "solids", "angles"):
            text = "".join(f"def {name}_{n}(radius):\n    return {n}\n\n\n" for n in range(40))
            editor.client.open(editor.uri(f"{name}.py"), text)
        editor.open(f"{code}total = shapes_3(radius_7)\nsolids_4(angles_5)\n")
        await editor.ask_until("def shapes_3")
        await asyncio.sleep(1.2)
        prompts = []
        for character in "value = shapes_3(radius_1) + solids_4(radius_2)\n" * 5:
            editor.type(character)
            prompts.append((await editor.ask())["prompt"])
    prompts = prompts[:201]
    assert max(map(len, prompts)) <= 4096 + len("<repo_name>") * 3 + len(tmp_path.name)
    assert min(map(len, prompts)) > 2000
    steady = [shared_head(one, two) >= one.index("<fim_suffix>") for one, two in pairwise(prompts)]
    assert sum(steady) >= 0.95 * len(steady)


async def test_complete_tells_the_path_and_keeps_to_the_exclusion(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / ".env.py").write_text(MAIN)
    async with FakeModelServer(completes("1.0)")) as server:
        arguments = ("--endpoint", server.url, "--model", "mellum-4b-base")
        done = await foretype("complete", f"{tmp_path / 'main.py'}:3:24", *arguments)
        refused = await foretype("complete", f"{tmp_path / '.env.py'}:3:24", *arguments)
        prompts = [request.body["prompt"] for request in server.requests if request.body]
    assert (done.status, done.out) == (0, "1.0)\n")
    assert refused.status == 1
    assert len(prompts) == 1
    assert prompts[0].startswith(f"<filename>{tmp_path.name}/main.py\n")
