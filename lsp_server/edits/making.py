"""From an instruction to the edit: one question to the model, checked against what has changed."""

from collections.abc import Callable

from lsprotocol import types

from lsp_server.boundary import InvalidArgumentError, UnusableAnswerError
from lsp_server.documents import Document
from lsp_server.edits.answer import Answer, read_answer
from lsp_server.edits.differences import differences
from lsp_server.edits.extraction import extract_code
from lsp_server.edits.fitting import fitted
from lsp_server.edits.prompt import edit_request
from lsp_server.edits.selection import Selection, select
from lsp_server.edits.tests_file import uri_for_tests
from lsp_server.edits.wish import EditWish, editable
from lsp_server.edits.workspace_edits import can_create_files, new_file, workspace_edit
from lsp_server.marks import Mark
from lsp_server.server import ForetypeServer

CANNOT_CREATE = "This editor does not let a language server create files, which tests need."


async def make_edit(
    ls: ForetypeServer, wish: EditWish, on_progress: Callable[[int], None]
) -> types.WorkspaceEdit:
    """Ask the model for an edit, and give it for the document as it is when the answer is there.

    Raises `InvalidArgumentError` for what cannot be edited, `ProviderError` or `CutShortError` when
    the model fails, and `UnusableAnswerError` when its answer is no edit or comes too late.
    """
    if not wish.instruction.strip():
        raise InvalidArgumentError("Say in `instruction` what the edit is to do.")
    if wish.tests and not can_create_files(ls):
        raise InvalidArgumentError(CANNOT_CREATE)
    await ls.recover()
    async with ls.session.use() as session:
        document = editable(ls, session, wish.uri)
        client = session.client_for("chat", wish.model)
        encoding = ls.documents.encoding
        ends = [document.place(end, encoding) for end in (wish.range.start, wish.range.end)]
        start, end = sorted(ends, key=lambda place: (place.line, place.column))
        selection = select(document, start, end)
        request = edit_request(
            session, client.model, selection, wish.instruction, is_new_file=wish.tests
        )
        ls.counters.counts.edits += 1
        offsets = document.offset(start), document.offset(end)
        with (
            ls.documents.marks.holding(wish.uri, *offsets) as mark,
            ls.waits.watching(client) as watched,
        ):
            answer = await read_answer(ls, watched, request, wish.token, on_progress)
            limit = request.sampling.max_tokens
            code = _code(answer, selection, limit, is_new_file=wish.tests)
            if wish.tests:
                return new_file(uri_for_tests(wish.uri), _as_file(code, selection))
            return _edit_at(ls, document, mark, selection, code)


def _code(answer: Answer, selection: Selection, limit: int, *, is_new_file: bool) -> str:
    """The code in an answer; raises `UnusableAnswerError` when there is none, or half of it."""
    selected = "" if is_new_file else selection.text
    found = extract_code(answer.text, selection.language_id, selected)
    if answer.is_cut and found.is_open:
        raise UnusableAnswerError(
            f"The model came to its limit of {limit} tokens before the end of its answer; "
            "select less or raise editMaxTokens.",
            answer.text,
            "incomplete",
        )
    if found.code is not None and (found.code.strip() or selected.strip()):
        return found.code
    if answer.text.strip():
        said = "The model answered with an explanation and no code"
    elif answer.has_thought:
        said = "The model thought and then wrote no answer"
    else:
        said = "The model wrote no answer"
    raise UnusableAnswerError(
        f"{said}, so nothing was changed; say more exactly what to do, or use another model.",
        answer.text,
    )


def _edit_at(
    ls: ForetypeServer, document: Document, mark: Mark, selection: Selection, code: str
) -> types.WorkspaceEdit:
    text = ls.documents.get(document.uri) is document and document.text
    if mark.is_lost or text is False or not _is_whole(text, mark, selection.text):
        raise UnusableAnswerError(
            "The text to edit has changed while the model wrote; nothing was changed, ask again.",
            code,
        )
    found = differences(selection.text, fitted(code, selection))
    return workspace_edit(ls, document, [each.moved(mark.start) for each in found])


def _is_whole(text: str, mark: Mark, selected: str) -> bool:
    """Tell whether a mark still covers the same text, and splits no CR LF, at which no edit can."""
    splits = any(text[max(0, at - 1) : at + 1] == "\r\n" for at in (mark.start, mark.end))
    return text[mark.start : mark.end] == selected and not splits


def _as_file(code: str, selection: Selection) -> str:
    return "".join(line.rstrip() + selection.line_end for line in code.strip("\n").split("\n"))
