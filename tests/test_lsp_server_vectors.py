"""The post-processing cases from outside: text in the editor, raw model text, accepted document."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, completes
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import answered, settings_for
from tests.typist import Typist

_DATA = Path(__file__).parent / "data"
CASES = [
    case
    for name in ("postprocess.json", "acceptance.json")
    for case in json.loads((_DATA / name).read_text("utf-8"))
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Script:
    """What the model writes next."""

    raw: Handler = staticmethod(completes(""))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor() -> AsyncIterator[tuple[Client, Script]]:
    script = Script()

    async def answer(request: Request, reply: Reply) -> None:
        await script.raw(request, reply)

    async with (
        FakeModelServer(answer) as model,
        connected(settings=settings_for(model.url)) as client,
    ):
        yield client, script


@pytest.mark.parametrize("automatic", [False, True], ids=["asked-for", "while-typing"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_accepting_in_the_editor_gives_the_expected_document(
    editor: tuple[Client, Script], case: dict[str, Any], automatic: bool
) -> None:
    client, script = editor
    script.raw = completes(case["raw"], chunk=3)
    uri = f"file:///work/{automatic}/{case['name']}"
    user = Typist(client, uri, case["text"].replace("▮", "|", 1), case["languageId"])

    answer = await answered(user.ask(automatic=automatic))

    if case["accepted"] is None:
        assert not answer.items
    else:
        (item,) = answer.items
        user.accept(item)
        # The cases are written with LF; the document keeps the line ends it has.
        assert user.text.replace("\r\n", "\n") == case["accepted"]
        assert "\r" not in case["text"] or user.text.count("\n") == user.text.count("\r\n")
