"""What is chosen from other open documents, and what never is."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from config.options import InlineCompletionOptions
from lsp_server import nearby
from lsp_server.clipping import clipped
from lsp_server.completion.budget import Budget, budget_for
from lsp_server.completion.origin import Origin
from lsp_server.completion.ranking import cost_of
from lsp_server.completion.situation import Situation
from lsp_server.documents import Documents, Place
from lsp_server.nearby import Nearby, shown_path
from tests.provider_models import model_named

BUDGET = budget_for(model_named(), is_block=True)
SHAPES = "def area_of_circle(radius):\n    return 3.14 * radius * radius\n"
CURRENT = "from shapes import area_of_circle\n\ntotal = area_of_circle("


class Workspace:
    """Open documents, and what is shown for one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents = Documents()
        self.nearby = Nearby(self.documents, lambda: [folder.as_uri()])

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str, language_id: str = "python", version: int = 1) -> None:
        item = types.TextDocumentItem(self.uri(name), language_id, version, text)
        self.documents.open(item)
        self.nearby.used(item.uri)

    def look(
        self,
        name: str,
        options: InlineCompletionOptions | None = None,
        budget: Budget = BUDGET,
        line: int | None = None,
    ) -> Origin:
        document = self.documents.get(self.uri(name))
        assert document is not None
        last = len(document.lines) - 1
        place = Place(last, len(document.lines[last])) if line is None else Place(line, 0)
        situation = Situation.of(*clipped(document, place, place, "", budget), "python")
        chosen = options or InlineCompletionOptions()
        return self.nearby.origin(document, place.line, situation, budget, chosen)

    async def settled(
        self, name: str, options: InlineCompletionOptions | None = None, budget: Budget = BUDGET
    ) -> Origin:
        """Look once it is known of every document whether it may be shown."""
        self.look(name, options, budget)
        while running := list(self.nearby._sharing._running.values()):
            await asyncio.gather(*running)
        return self.look(name, options, budget)

    async def shown(self, name: str, options: InlineCompletionOptions | None = None) -> str:
        origin = await self.settled(name, options)
        return "\n".join(snippet.text for snippet in origin.context)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Where there is time to find everything, however busy the machine."""
    monkeypatch.setattr(nearby, "_READING_S", 10)
    monkeypatch.setattr(nearby, "_RATING_S", 20)
    return Workspace(tmp_path)


async def test_what_is_called_at_the_cursor_is_shown_from_another_file(
    workspace: Workspace,
) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("noise.py", "def unrelated():\n    pass\n")
    workspace.open("main.py", CURRENT)
    origin = await workspace.settled("main.py")
    assert [snippet.path for snippet in origin.context] == ["shapes.py"]
    assert origin.context[0].text == SHAPES.strip()
    assert (origin.path, origin.repository) == ("main.py", workspace.folder.name)


async def test_nothing_is_shown_before_it_is_known_that_it_may_be(workspace: Workspace) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert workspace.look("main.py").context == ()


@pytest.mark.parametrize(
    ("one", "other", "is_shown"),
    [
        ("python", "python", True),
        ("typescript", "typescriptreact", True),
        ("javascriptreact", "javascript", True),
        ("c", "cpp", True),
        ("python", "javascript", False),
        ("typescript", "markdown", False),
    ],
)
async def test_only_kindred_languages_are_shown(
    workspace: Workspace, one: str, other: str, *, is_shown: bool
) -> None:
    workspace.open("shapes", SHAPES, other)
    workspace.open("main", CURRENT, one)
    assert bool(await workspace.shown("main")) is is_shown


@pytest.mark.parametrize("name", [".env", "id_rsa", "server.key", "secrets/shapes.py.secret"])
async def test_excluded_files_are_not_shown(workspace: Workspace, name: str) -> None:
    workspace.open(name, SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == ""


async def test_a_users_own_globs_count_at_once(workspace: Workspace) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py")
    stricter = InlineCompletionOptions(excluded_files=("**/shapes.py",))
    assert workspace.look("main.py", stricter).context == ()
    assert await workspace.shown("main.py", stricter) == ""


async def test_what_git_ignores_is_shown_only_when_allowed(workspace: Workspace) -> None:
    await git("init", "-q", str(workspace.folder))
    (workspace.folder / ".gitignore").write_text("private/\n")
    (workspace.folder / "private").mkdir()
    workspace.open("private/shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == ""
    assert await workspace.shown("main.py", InlineCompletionOptions(git_ignored_files=True))
    workspace.open("shapes.py", SHAPES)
    assert await workspace.shown("main.py") == SHAPES.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
async def test_a_link_to_what_git_ignores_is_not_shown(workspace: Workspace) -> None:
    await git("init", "-q", str(workspace.folder))
    (workspace.folder / ".gitignore").write_text("private.py\n")
    (workspace.folder / "private.py").write_text(SHAPES)
    (workspace.folder / "link.py").symlink_to("private.py")
    workspace.open("link.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the trap is a shell script")
async def test_asking_git_runs_nothing_that_the_folder_brings_along(workspace: Workspace) -> None:
    folder = workspace.folder
    trap = folder / ".git" / "trap"
    await git("init", "-q", str(folder))
    trap.write_text(f"#!/bin/sh\ntouch {folder}/sprung\n")
    trap.chmod(0o755)
    (folder / "shapes.py").write_text(SHAPES)
    await git("-C", str(folder), "add", "shapes.py")
    await git("-C", str(folder), "config", "core.fsmonitor", str(trap))
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py")
    assert not (folder / "sprung").exists()
    # The trap works where it is not looked out for.
    await git("-C", str(folder), "status", "--short")
    assert (folder / "sprung").exists()


async def git(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec("git", *arguments)
    assert await process.wait() == 0


async def test_a_name_that_no_file_can_have_harms_nothing(workspace: Workspace) -> None:
    workspace.documents.open(
        types.TextDocumentItem(workspace.uri("a") + "%00b.py", "python", 1, SHAPES)
    )
    workspace.nearby.used(workspace.uri("a") + "%00b.py")
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == SHAPES.strip()


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-remote://host/p/shapes.py"])
async def test_what_is_no_file_of_this_machine_is_not_shown(workspace: Workspace, uri: str) -> None:
    workspace.documents.open(types.TextDocumentItem(uri, "python", 1, SHAPES))
    workspace.nearby.used(uri)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == ""


@pytest.mark.parametrize(
    "line",
    [
        'password = "correct-horse-battery"',
        "API_KEY = 'abcdef0123456789'",
        '{"client_secret": "0123456789abcdef"}',
        "-----BEGIN RSA PRIVATE KEY-----",
        "AKIAIOSFODNN7EXAMPLE",
        "header = 'ghp_0123456789abcdefghij0123456789abcdef'",
        "openai = sk-proj-0123456789abcdef0123",
        "stripe = sk_live_0123456789abcdef0123",
        '"Authorization": "Bearer 0123456789abcdef0123"',
        "postgres://admin:hunter22@db/prod",
    ],
)
async def test_what_looks_like_a_secret_is_not_shown(workspace: Workspace, line: str) -> None:
    far = "\n" + "# far away\n" * 30 + "\ndef area_of_square(radius):\n    return radius\n"
    workspace.open("shapes.py", f"{SHAPES}{line}\n{far}")
    workspace.open("main.py", CURRENT)
    shown = await workspace.shown("main.py")
    assert line not in shown
    assert "area_of_square" in shown


@pytest.mark.parametrize("end", ["-----END RSA PRIVATE KEY-----", '"""'])
async def test_no_line_of_a_key_is_shown(workspace: Workspace, end: str) -> None:
    data = "\n".join(f"MIIEowIBAAKCAQEA+area/of/square{number:06}" for number in range(60))
    key = f'KEY = """-----BEGIN RSA PRIVATE KEY-----\n{data}\n{end}\n'
    far = "\n" + "# far away\n" * 30 + "\ndef area_of_square(radius):\n    return radius\n"
    workspace.open("shapes.py", f"{key}{far}")
    workspace.open("main.py", CURRENT)
    shown = await workspace.shown("main.py")
    assert "MIIE" not in shown
    assert "area_of_square" in shown


async def test_talk_about_secrets_is_no_secret(workspace: Workspace) -> None:
    talk = 'token = os.environ["TOKEN"]\npassword: str\nsecret = load(area_of_circle)\n'
    workspace.open("shapes.py", talk)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == talk.strip()


async def test_what_the_prompt_shows_already_is_not_shown_again(workspace: Workspace) -> None:
    workspace.open("copy.py", CURRENT)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py") == ""


async def test_of_two_copies_one_is_shown(workspace: Workspace) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("shapes_old.py", SHAPES + "# the older one\n")
    workspace.open("main.py", CURRENT)
    assert (await workspace.shown("main.py")).count("def area_of_circle") == 1


async def test_the_order_is_that_of_paths_and_lines_whatever_was_used_last(
    workspace: Workspace,
) -> None:
    for name in ("c.py", "a.py", "b.py"):
        workspace.open(name, f"def area_{name[0]}(radius):\n    return area_of_circle({name!r})\n")
    workspace.open("main.py", CURRENT)
    before = (await workspace.settled("main.py")).context
    assert [snippet.path for snippet in before] == ["a.py", "b.py", "c.py"]
    workspace.nearby.used(workspace.uri("c.py"))
    workspace.look("main.py", line=0)
    assert workspace.look("main.py").context == before


async def test_a_closed_document_is_not_shown(workspace: Workspace) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py")
    workspace.documents.close(workspace.uri("shapes.py"))
    workspace.nearby.closed(workspace.uri("shapes.py"))
    assert await workspace.shown("main.py") == ""


async def test_an_edit_elsewhere_is_seen_at_once(workspace: Workspace) -> None:
    workspace.open("shapes.py", SHAPES)
    workspace.open("main.py", CURRENT)
    assert await workspace.shown("main.py")
    workspace.open("shapes.py", SHAPES.replace("3.14", "math.pi"), version=2)
    assert "math.pi" in await workspace.shown("main.py")


async def test_what_is_shown_fits_into_the_total_with_the_text_around_the_cursor(
    workspace: Workspace,
) -> None:
    for number in range(8):
        text = "".join(f"def area_{number}_{n}(radius):\n    return {n}\n\n" for n in range(200))
        workspace.open(f"shapes{number}.py", text)
    workspace.open("main.py", "radius = 1\n" * 3000 + CURRENT)
    document = workspace.documents.get(workspace.uri("main.py"))
    assert document is not None
    place = Place(len(document.lines) - 1, 0)
    origin = await workspace.settled("main.py")
    prefix, suffix = clipped(document, place, place, "", BUDGET)
    spent = len(prefix) + len(suffix) + cost_of(origin.context)
    assert len(origin.context) > 1
    assert 0.7 * BUDGET.total_characters < spent <= BUDGET.total_characters


async def test_hundreds_of_thousands_of_lines_take_no_longer_than_allowed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for number in range(30):
        text = "".join(f"def area_{n}(radius):\n    return {n} * radius\n\n" for n in range(4000))
        workspace.open(f"shapes{number}.py", text)
    workspace.open("main.py", CURRENT)
    origin = await workspace.settled("main.py")
    assert origin.context
    took = []
    # The machine may be busy with something else now and then.
    for version in range(2, 52):
        workspace.open("shapes3.py", SHAPES * version, version=version)
        took.append(_seconds(lambda: workspace.look("main.py")))
        if took[-1] < 0.015:
            break
    assert min(took) < 0.015


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


async def test_what_is_kept_goes_with_the_documents(workspace: Workspace) -> None:
    workspace.open("main.py", CURRENT)
    for number in range(200):
        name = f"shapes{number}.py"
        workspace.open(name, SHAPES)
        workspace.look("main.py")
        workspace.documents.close(workspace.uri(name))
        workspace.nearby.closed(workspace.uri(name))
    await workspace.settled("main.py")
    nearby = workspace.nearby
    assert list(nearby._recent) == [workspace.uri("main.py")]
    assert (nearby._read, nearby._choices) == ({}, {})
    assert len(nearby._sharing._verdicts) <= 1


def test_of_a_path_outside_of_the_workspace_only_the_folder_is_told() -> None:
    assert shown_path("file:///home/me/p/src/a.py", ["file:///home/me/p"]) == ("src/a.py", "p")
    assert shown_path("file:///home/me/other/a.py", ["file:///home/me/p"]) == ("other/a.py", "")
    assert shown_path("untitled:Untitled-1", []) == ("", "")
