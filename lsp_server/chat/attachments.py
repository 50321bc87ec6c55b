"""What is attached to a chat: pieces of documents, as the model is shown them."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from lsp_server.boundary import InvalidArgumentError
from lsp_server.chat.argument import Attachment, Finding
from lsp_server.chat.clipping import clip
from lsp_server.chat.tokens import estimate_tokens
from lsp_server.documents import Document, Documents
from lsp_server.exclusion import is_excluded

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
# A text that holds fences of its own needs a longer one around it.
_SHORTEST_FENCE = 3
_BACKTICKS = re.compile("`+")
# A compiler may find fault with every line of a file.
_MOST_FINDINGS, _LONGEST_FINDING = 20, 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a document."""

    uri: str
    title: str
    language: str
    text: str
    findings: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """About how many tokens it takes when it is shown whole."""
        return estimate_tokens(self.text) + self._frame_tokens

    def shown(self, limit_tokens: int) -> tuple[str, int]:
        """Give it as the model is to see it, and how many of its characters are left out."""
        clipped = clip(self.text, max(0, limit_tokens - self._frame_tokens))
        return self._framed(clipped.text), clipped.left_out

    @property
    def _frame_tokens(self) -> int:
        return estimate_tokens(self._framed(""))

    def _framed(self, text: str) -> str:
        fence = "`" * max(_SHORTEST_FENCE, _longest_run(text) + 1)
        ended = text if text.endswith("\n") or not text else f"{text}\n"
        parts = [f"{self.title}:\n{fence}{self.language}\n{ended}{fence}"]
        if self.findings:
            listed = "\n".join(f"- {finding}" for finding in self.findings)
            parts.append(f"Diagnostics there:\n{listed}")
        return "\n".join(parts)


def excerpt_of(item: Attachment, documents: Documents, excluded: tuple[str, ...]) -> Excerpt:
    """Take what a context item names from the open documents.

    Raises `InvalidArgumentError` for a document that is not open, or never sent anywhere.
    """
    document = documents.get(item.uri)
    names = document.names if document is not None else (item.uri,)
    if any(is_excluded(name, excluded) for name in names):
        raise InvalidArgumentError(f"{item.uri} is excluded by inlineCompletion.excludedFiles.")
    if document is None:
        raise InvalidArgumentError(f"Open {item.uri} in the editor to attach it to a chat.")
    findings = tuple(
        _finding(finding)[:_LONGEST_FINDING] for finding in item.diagnostics[:_MOST_FINDINGS]
    )
    if item.range is None:
        return whole(document, findings)
    span = item.range.as_lsp()
    text = document.text_in(span, documents.encoding)
    # A range that ends before the first character of a line does not hold the line.
    last = span.end.line + (1 if span.end.character else 0)
    return lines_of(document, (span.start.line + 1, last), text, findings)


def whole(document: Document, findings: tuple[str, ...] = ()) -> Excerpt:
    """Take a whole document."""
    return Excerpt(document.uri, _name(document), document.language_id, document.text, findings)


def lines_of(
    document: Document, lines: tuple[int, int], text: str, findings: tuple[str, ...] = ()
) -> Excerpt:
    """Take a piece of a document that reaches from one line to another, counted from 1."""
    first, last = lines
    place = f"line {first}" if first >= last else f"lines {first}-{last}"
    title = f"{_name(document)}, {place}"
    return Excerpt(document.uri, title, document.language_id, text, findings)


def _name(document: Document) -> str:
    return unquote(document.uri.rstrip("/").rsplit("/", 1)[-1])


def _finding(finding: Finding | str) -> str:
    if isinstance(finding, str):
        return " ".join(finding.split())
    severity = _SEVERITIES.get(finding.severity or 0, "")
    place = f"line {finding.range.start.line + 1}" if finding.range else ""
    origin = " ".join(str(part) for part in (finding.source, finding.code) if part is not None)
    said = " ".join(finding.message.split())
    heading = ", ".join(part for part in (place, severity, origin) if part)
    return f"{heading}: {said}" if heading else said


def _longest_run(text: str) -> int:
    return max((len(run[0]) for run in _BACKTICKS.finditer(text)), default=0)
