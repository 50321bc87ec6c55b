"""Help with the configuration file in the editor: diagnostics, hover, completion, quick fixes."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from lsprotocol import types

from config.assist import completions_at, hover_at
from config.files import secret_reader
from config.fixes import fix_of, underline_of
from config.jsonc import parse
from config.loading import open_document
from config.problems import Problem
from lsp_server.configuration import OWN_NAME
from lsp_server.documents import Document
from lsp_server.lifecycle import Lifecycle
from lsp_server.server import ForetypeServer
from lsp_server.uris import path_of

# While somebody types, the file is looked at when they pause.
_PAUSE_S = 0.15
# More would only slow the editor down.
_SHOWN = 200
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
}


class ConfigurationEditing:
    """Knows which open documents are configurations, and keeps their diagnostics up to date."""

    def __init__(self, ls: ForetypeServer, lifecycle: Lifecycle) -> None:
        self._ls = ls
        self._lifecycle = lifecycle
        self._checking: dict[str, asyncio.Task[None]] = {}

    def document(self, uri: str) -> Document | None:
        """The open document, if it is a configuration file."""
        path = path_of(uri)
        if path is None or not (path.name == OWN_NAME or path == self._lifecycle.watch.path):
            return None
        return self._ls.documents.get(uri)

    def changed(self, uri: str) -> None:
        """Check the document soon, if it is a configuration file."""
        if self.document(uri) is not None:
            self._forget(uri)
            self._checking[uri] = asyncio.create_task(self._check(uri))

    def closed(self, uri: str) -> None:
        """Take the diagnostics of a document away."""
        if uri in self._checking:
            self._forget(uri)
            self._publish(uri, None, ())

    def checked_again(self) -> None:
        """Check all open configuration files, because which they are or their base has changed."""
        for uri in {*self._checking, *self._ls.documents.uris()}:
            if self.document(uri) is None:
                self.closed(uri)
            else:
                self.changed(uri)

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Describe the key or value under the cursor."""
        document = self.document(params.text_document.uri)
        if document is None:
            return None
        encoding = self._ls.documents.encoding
        found = hover_at(document.text, document.offset(document.place(params.position, encoding)))
        if found is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, found.markdown)
        return types.Hover(content, document.span(found.start, found.end, encoding))

    def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        """Propose what may be written at the cursor."""
        document = self.document(params.text_document.uri)
        if document is None:
            return None
        encoding = self._ls.documents.encoding
        offset = document.offset(document.place(params.position, encoding))
        items = [
            types.CompletionItem(
                label=proposal.label,
                detail=proposal.detail or None,
                documentation=types.MarkupContent(
                    types.MarkupKind.Markdown, proposal.documentation
                ),
                filter_text=proposal.insert_text,
                text_edit=types.TextEdit(
                    document.span(proposal.start, proposal.end, encoding), proposal.insert_text
                ),
            )
            for proposal in completions_at(document.text, offset)
        ]
        return types.CompletionList(is_incomplete=False, items=items)

    def quick_fixes(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Offer to write what was probably meant, for problems inside the range."""
        document = self.document(params.text_document.uri)
        if document is None:
            return []
        parsed = parse(document.text)
        encoding = self._ls.documents.encoding
        actions = []
        for problem in self._problems(document.uri, document.text):
            fix = fix_of(problem, parsed)
            if fix is None:
                continue
            span = document.span(fix.start, fix.end, encoding)
            if not _touch(span, params.range):
                continue
            edit = types.TextEdit(span, fix.new_text)
            actions.append(
                types.CodeAction(
                    title=fix.title,
                    kind=types.CodeActionKind.QuickFix,
                    is_preferred=True,
                    edit=types.WorkspaceEdit(changes={params.text_document.uri: [edit]}),
                )
            )
        return actions

    async def _check(self, uri: str) -> None:
        await asyncio.sleep(_PAUSE_S)
        document = self._ls.documents.get(uri)
        if document is None:
            return
        version = document.version
        problems = await asyncio.to_thread(self._problems, uri, document.text)
        if document.version == version:
            self._publish(uri, document, problems)

    def _problems(self, uri: str, text: str) -> tuple[Problem, ...]:
        path = path_of(uri)
        folder = path.parent if path else Path()
        environ = self._lifecycle.invocation.environ
        opened = open_document(text, environ=environ, read_file=secret_reader(folder))
        _, problems = opened.build(self._lifecycle.gateway.base)
        return problems

    def _publish(self, uri: str, document: Document | None, problems: Iterable[Problem]) -> None:
        diagnostics = _diagnostics(document, problems, self._ls.documents.encoding)
        version = document.version if document else None
        self._ls.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=version)
        )

    def _forget(self, uri: str) -> None:
        if (task := self._checking.pop(uri, None)) is not None:
            task.cancel()


def _diagnostics(
    document: Document | None, problems: Iterable[Problem], encoding: types.PositionEncodingKind
) -> list[types.Diagnostic]:
    if document is None:
        return []
    parsed = parse(document.text)
    return [
        types.Diagnostic(
            range=document.span(*underline_of(problem, parsed), encoding),
            message=problem.message,
            severity=_SEVERITIES[problem.severity],
            code=problem.code,
            source="foretype",
        )
        for problem in islice(problems, _SHOWN)
    ]


def _touch(one: types.Range, other: types.Range) -> bool:
    first, second = sorted(
        ((s.start.line, s.start.character), (s.end.line, s.end.character)) for s in (one, other)
    )
    return second[0] <= first[1]
