"""`textDocument/completion` for editors without ghost text: one entry of the popup menu."""

from lsprotocol import types

from lsp_server.inline_completion import Offered, accept_command, insertion_of, offered
from lsp_server.server import ForetypeServer

_LONGEST_LABEL = 60
_FIRST = " "
# Kept apart from the requests of clients that show ghost text as well.
_MENU = "menu"


async def menu_completion(
    ls: ForetypeServer, params: types.CompletionParams
) -> types.CompletionList | None:
    """Offer what ghost text would show, where the user wants it in the menu; else null."""
    async with ls.session.use() as session:
        if not session.options.inline_completion.completion_fallback:
            return None
    uri = params.text_document.uri
    with ls.latest.enter(uri, _MENU):
        found = await offered(ls, uri, params.position, None, is_explicit=False)
    if found is None:
        return None
    # Incomplete, so that clients ask again for each key instead of filtering what they have.
    return types.CompletionList(is_incomplete=True, items=[_entry(ls, each) for each in found])


def _entry(ls: ForetypeServer, offered: Offered) -> types.CompletionItem:
    insertion = insertion_of(offered, ls.documents.encoding)
    language = offered.document.language_id
    preview = types.MarkupContent(
        types.MarkupKind.Markdown, f"```{language}\n{insertion.text}\n```"
    )
    return types.CompletionItem(
        label=_label(insertion.text),
        kind=types.CompletionItemKind.Snippet,
        detail="Foretype",
        documentation=preview,
        sort_text=_FIRST,
        filter_text=insertion.text,
        insert_text_format=types.InsertTextFormat.PlainText,
        # The text is indented already.
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(insertion.range, insertion.text),
        command=accept_command(ls, offered, insertion),
    )


def _label(text: str) -> str:
    lines = text.strip().splitlines()
    label = lines[0].strip()
    is_cut = len(lines) > 1 or len(label) > _LONGEST_LABEL
    return f"{label[:_LONGEST_LABEL]} …" if is_cut else label
