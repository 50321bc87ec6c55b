"""The post-processing cases from outside: text in the editor, raw model text, accepted document."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fake_model_server import FakeModelServer, Handler, Reply, Request, completes
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import answered
from tests.typist import Typist

_DATA = Path(__file__).parent / "data"
CASES = [
    case
    for name in ("postprocess.json", "acceptance.json")
    for case in json.loads((_DATA / name).read_text("utf-8"))
]

WITHOUT_DELAY = {"inlineCompletion": {"debounceMs": 0}}

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Script:
    """What the model writes next."""

    raw: Handler = staticmethod(completes(""))


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["starcoder2-7b", "a-model-nobody-knows"],
)
async def editor(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Client, Script]]:
    """One whose prompt holds the text after the cursor, and one that only continues a text."""
    script = Script()

    async def answer(asked: Request, reply: Reply) -> None:
        await script.raw(asked, reply)

    async with FakeModelServer(answer) as model:
        settings = {"endpoint": model.url, "model": request.param, **WITHOUT_DELAY}
        async with connected(settings=settings) as client:
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
