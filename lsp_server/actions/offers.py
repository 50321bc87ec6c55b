"""The actions there are for a place in a document, before anybody has chosen one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lsprotocol import types

from lsp_server.actions.extent import extent_at, extent_beside
from lsp_server.documents import Document, Place

Way = Literal["chat", "edit", "tests", "prompt"]
"""How an action is carried out: shown, as an edit, as a new file, or after the user is asked."""

ACTION_KINDS = (
    types.CodeActionKind.QuickFix,
    types.CodeActionKind.RefactorRewrite,
    types.CodeActionKind.Empty,
)
# Longer definitions are not sent whole for one diagnostic.
_MOST_LINES_TO_FIX = 80
_LONGEST_TITLE = 60
_TODO = re.compile(
    r"(?:#|//|--|/\*+|\*|;|%|<!--|\{-|\"\"\"|''')\s*(?:TODO|FIXME)\b(?:\([^)\n]*\))?[:\s-]*"
    r"(\S.*?)\s*(?:\*/|-->|-\}|\"\"\"|''')?\s*$",
    re.MULTILINE,
)
_EXPLAIN = "Explain what this code does, step by step, and what is surprising in it."
_DOCUMENT = (
    "Document this code: add doc comments in the form its language has for them, and change "
    "nothing else."
)
_TESTS = (
    "Write tests of this code, with the test framework that is usual for its language: ordinary "
    "cases, edge cases and errors."
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One action: what it is called, what it is about, and what the model is told."""

    title: str
    kind: types.CodeActionKind
    way: Way
    range: types.Range
    instruction: str = ""
    diagnostic: types.Diagnostic | None = None


def offers_at(
    document: Document,
    params: types.CodeActionParams,
    encoding: types.PositionEncodingKind,
) -> Iterator[Offer]:
    """Give the actions for a selection, or for the cursor when nothing is selected."""
    wanted = _extent(document, params.range, encoding)
    rewrite = types.CodeActionKind.RefactorRewrite
    if document.text_in(wanted, encoding).strip():
        yield Offer("explain this code", types.CodeActionKind.Empty, "chat", wanted, _EXPLAIN)
        yield from _fixes(document, params.context.diagnostics, encoding)
        yield Offer("document this code", rewrite, "edit", wanted, _DOCUMENT)
        yield Offer("write tests", types.CodeActionKind.Empty, "tests", wanted, _TESTS)
        if todo := _todo(document, params.range, encoding):
            told = f"Do what this comment says, and take the comment away: {todo}"
            yield Offer(f"do “{_short(todo)}”", rewrite, "edit", wanted, told)
    is_empty = params.range.start == params.range.end
    yield Offer("edit…", rewrite, "prompt", wanted if is_empty else params.range)


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Tell whether a client that asks for some kinds of actions wants one of this kind."""
    if only is None:
        return True
    return any(each == "" or kind == each or kind.startswith(f"{each}.") for each in only)


def _extent(
    document: Document, span: types.Range, encoding: types.PositionEncodingKind
) -> types.Range:
    start, end = document.place(span.start, encoding), document.place(span.end, encoding)
    if start == end:
        return _lines(document, *extent_at(document.lines, start.line), encoding)
    after_last = end.line if end.column == 0 else end.line + 1
    return _lines(document, start.line, after_last, encoding)


def _lines(
    document: Document, first: int, after_last: int, encoding: types.PositionEncodingKind
) -> types.Range:
    last = after_last - 1
    is_last = after_last >= len(document.lines)
    end = Place(last, len(document.lines[last])) if is_last else Place(after_last, 0)
    return document.span(document.offset(Place(first, 0)), document.offset(end), encoding)


def _fixes(
    document: Document,
    diagnostics: Sequence[types.Diagnostic],
    encoding: types.PositionEncodingKind,
) -> Iterator[Offer]:
    for diagnostic in diagnostics:
        first = document.place(diagnostic.range.start, encoding).line
        last = max(first, document.place(diagnostic.range.end, encoding).line)
        extent = extent_beside(document.lines, first, last, _MOST_LINES_TO_FIX)
        source = f" ({diagnostic.source})" if diagnostic.source else ""
        told = (
            f"Fix this problem{source}, and change nothing else: {diagnostic.message}\n"
            f"It is at this line: {document.lines[first].strip()}"
        )
        yield Offer(
            f"fix “{_short(diagnostic.message)}”",
            types.CodeActionKind.QuickFix,
            "edit",
            _lines(document, *extent, encoding),
            told,
            diagnostic,
        )


def _todo(
    document: Document, span: types.Range, encoding: types.PositionEncodingKind
) -> str | None:
    first = document.place(span.start, encoding).line
    last = document.place(span.end, encoding).line
    found = _TODO.search("".join(document.lines[first : last + 1]).replace("\r\n", "\n"))
    return found[1] if found else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"
