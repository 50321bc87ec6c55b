"""`textDocument/codeAction`: what a model could do here; no model is asked."""

from typing import Any

from lsprotocol import types

from lsp_server.actions.client import ActionClient, action_client
from lsp_server.actions.offers import Offer, Way, is_wanted, offers_at
from lsp_server.arguments import Argument, Span
from lsp_server.documents import Document
from lsp_server.edits.making import CANNOT_CREATE
from lsp_server.exclusion import is_excluded
from lsp_server.fingerprint import fingerprint
from lsp_server.server import ForetypeServer
from lsp_server.session import Session

_COMMANDS: dict[Way, str] = {
    "chat": "foretype.chat", "edit": "foretype.edit", "tests": "foretype.edit"
}  # fmt: skip


class ActionData(Argument):
    """What an action carries from being listed to being worked out."""

    foretype_edit: str
    """The fingerprint of the text that the range held."""
    uri: str
    range: Span
    instruction: str
    tests: bool = False


async def list_actions(
    ls: ForetypeServer, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command]:
    """List actions; none where there is no chat model or nothing may be sent."""
    async with ls.session.use() as session:
        document = ls.documents.get(params.text_document.uri)
        if document is None or not _is_possible(session, document):
            return []
    client = action_client(ls)
    listed: list[types.CodeAction | types.Command] = []
    for offer in offers_at(document, params, ls.documents.encoding):
        if not is_wanted(offer.kind.value, params.context.only):
            continue
        if offer.way == "prompt" and client.prompt_command is None:
            continue
        action = _action(ls, offer, document, client)
        listed.append(action if client.has_literals else _command(offer, document, client))
    return listed


def _is_possible(session: Session, document: Document) -> bool:
    excluded = session.options.inline_completion.excluded_files
    return (
        session.failure is None
        and session.configuration.default_models.chat is not None
        and not any(is_excluded(name, excluded) for name in document.names)
    )


def _action(
    ls: ForetypeServer, offer: Offer, document: Document, client: ActionClient
) -> types.CodeAction:
    action = types.CodeAction(title=_title(offer), kind=offer.kind)
    if offer.diagnostic is not None:
        action.diagnostics = [offer.diagnostic]
    if client.understands_tags:
        action.tags = [types.CodeActionTag.LlmGenerated]
    if offer.way == "tests" and not client.creates_files and client.shows_disabled:
        action.disabled = types.CodeActionDisabled(CANNOT_CREATE)
    elif offer.way in ("edit", "tests") and client.resolves:
        text = document.text_in(offer.range, ls.documents.encoding)
        data = ActionData(
            foretypeEdit=fingerprint(text),
            uri=document.uri,
            range=Span.of(offer.range),
            instruction=offer.instruction,
            tests=offer.way == "tests",
        )
        action.data = data.model_dump(by_alias=True)
    else:
        action.command = _command(offer, document, client)
    return action


def _command(offer: Offer, document: Document, client: ActionClient) -> types.Command:
    name = _COMMANDS.get(offer.way) or client.prompt_command or ""
    place = {"uri": document.uri, "range": Span.of(offer.range).model_dump()}
    argument: dict[str, Any]
    match offer.way:
        case "chat":
            question = {"role": "user", "content": offer.instruction}
            argument = {"messages": [question], "context": [place], "show": True}
        case "prompt":
            argument = place
        case way:
            argument = {**place, "instruction": offer.instruction}
            if way == "tests":
                argument["tests"] = True
    return types.Command(title=_title(offer), command=name, arguments=[argument])


def _title(offer: Offer) -> str:
    return f"Foretype: {offer.title}"
