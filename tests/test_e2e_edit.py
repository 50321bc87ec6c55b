"""An edit by a real model; those by scripted ones are in `test_lsp_server_edit`."""

import asyncio

import pytest

from lsp_server.documents import split_lines
from tests.editing_editor import Buffer, checks_versions
from tests.lsp_client import connected

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

URI = "file:///work/example.py"
BEFORE = "import math\n\n\n"
FUNCTION = "def total(rows):\n    pass\n"
AFTER = "\n\nprint(total([1, 2]))\n"


async def test_an_edit_by_the_real_model_leaves_a_valid_document(model_server: str) -> None:
    async with connected("--endpoint", model_server, adjust=checks_versions) as client:
        buffer = Buffer(client, URI, f"{BEFORE}«{FUNCTION}»{AFTER}")
        argument = buffer.argument("Write the body: return the sum of the rows.", token="t")
        result = await asyncio.wait_for(client.command("foretype.edit", argument), 100)

    assert result["applied"] is True
    assert buffer.text != f"{BEFORE}{FUNCTION}{AFTER}"
    assert buffer.text.startswith(BEFORE)
    assert buffer.text.endswith(AFTER)
    assert all(line.endswith("\n") for line in split_lines(buffer.text)[:-1])
    compile(buffer.text, "example.py", "exec")
    assert client.streamed["t"]
