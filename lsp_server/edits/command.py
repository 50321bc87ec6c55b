"""`foretype.edit` and `foretype/edit`: an instruction on a range of a document."""

from typing import Any

from pydantic import Field

from lsp_server.arguments import Argument, Span
from lsp_server.edits.making import make_edit
from lsp_server.edits.wish import EditWish
from lsp_server.edits.workspace_edits import apply_edit
from lsp_server.server import ForetypeServer
from lsp_server.working import showing_work


class EditArgument(Argument):
    """The argument of `foretype.edit` (contract section 4); `tests` asks for a file of tests."""

    uri: str
    range: Span
    instruction: str
    model: str | None = None
    token: str | int | None = None
    apply: bool = Field(default=True, strict=True)
    tests: bool = Field(default=False, strict=True)


async def edit(ls: ForetypeServer, argument: object) -> dict[str, Any]:
    """Have the model edit a range, and the client apply it unless it wants to do that itself.

    Raises pydantic's `ValidationError` for an argument that breaks the contract, and what
    `make_edit` raises.
    """
    asked = EditArgument.model_validate(argument)
    wish = EditWish(
        asked.uri, asked.range.as_lsp(), asked.instruction, asked.model, asked.token, asked.tests
    )
    with ls.tokens.holding(asked.token), showing_work(ls, "Editing") as on_progress:
        made = await make_edit(ls, wish, on_progress)
    is_applied = asked.apply and await apply_edit(ls, made)
    return {"edit": made, "applied": is_applied}
