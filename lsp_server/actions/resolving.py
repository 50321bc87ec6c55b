"""`codeAction/resolve`: the edit of the action that was chosen."""

from lsprotocol import types

from lsp_server.actions.listing import ActionData
from lsp_server.boundary import InvalidArgumentError
from lsp_server.edits.making import make_edit
from lsp_server.edits.wish import EditWish
from lsp_server.fingerprint import fingerprint
from lsp_server.server import ForetypeServer
from lsp_server.working import showing_work

_MARK = "foretypeEdit"


async def resolve_action(ls: ForetypeServer, action: types.CodeAction) -> types.CodeAction:
    """Give an action with its edit; one that is no edit of a model comes back as it is.

    Raises what `make_edit` raises, and `InvalidArgumentError` when the text has changed since the
    action was listed.
    """
    if action.edit is not None or not isinstance(action.data, dict) or _MARK not in action.data:
        return action
    data = ActionData.model_validate(action.data)
    span = data.range.as_lsp()
    document = ls.documents.get(data.uri)
    if document is not None:
        text = document.text_in(span, ls.documents.encoding)
        if fingerprint(text) != data.foretype_edit:
            raise InvalidArgumentError(
                "The text has changed since this action was listed; list the actions again."
            )
    wish = EditWish(data.uri, span, data.instruction, tests=data.tests)
    with showing_work(ls, action.title.removeprefix("Foretype: ").capitalize()) as on_progress:
        action.edit = await make_edit(ls, wish, on_progress)
    return action
