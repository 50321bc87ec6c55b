"""What else a model is shown for a place in a document: pieces of other open documents.

What is shown stays the same from keystroke to keystroke, so that the beginning of the prompt does,
which model servers keep in their caches.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.options import InlineCompletionOptions
from lsp_server.completion.budget import Budget
from lsp_server.completion.excerpts import LAST_LINE, Excerpt, excerpts_of
from lsp_server.completion.origin import Origin
from lsp_server.completion.ranking import File, Wanted, choose, cost_of
from lsp_server.completion.situation import Situation
from lsp_server.documents import Document, Documents
from lsp_server.sharing import Rules, Sharing
from lsp_server.uris import path_of
from providers.messages import ContextSnippet

# Looking for context never takes more than 15 ms, however much is open: reading ends after this,
# rating after that, and what has been found by then is used.
_READING_S, _RATING_S = 0.004, 0.009
_MOST_DOCUMENTS = 20
# A choice holds until another document changes, the cursor moves away, or so much time passes.
_HOLDS_S, _HOLDS_LINES = 30.0, 40
# A choice for which time was too short is made again after this.
_INCOMPLETE_HOLDS_S = 1.0
_IMPORT_LINES = 100
_IMPORT = re.compile(
    r"\s*(?:import|from|#\s*include|use|using|require|export\b.*\bfrom|.*require\()"
)
_ALIKE = {
    "typescriptreact": "typescript",
    "javascriptreact": "javascript",
    "cpp": "c",
    "objective-c": "c",
    "objective-cpp": "c",
    "cuda-cpp": "c",
}


@dataclass(slots=True)
class _Read:
    """How far a document has been cut into excerpts; the words of these are noted, too."""

    version: int
    rest: Iterator[Excerpt]
    excerpts: list[Excerpt] = field(default_factory=list)

    def go_on(self, deadline: float) -> bool:
        """Read on until the deadline; tell whether all has been read."""
        while time.perf_counter() < deadline:
            excerpt = next(self.rest, None)
            if excerpt is None:
                return True
            _ = excerpt.words, excerpt.defines, excerpt.lines
            self.excerpts.append(excerpt)
        return False


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is shown for a document, and for how long."""

    snippets: tuple[ContextSnippet, ...]
    others: tuple[tuple[str, int], ...]
    line: int
    until: float

    def holds(self, others: tuple[tuple[str, int], ...], line: int, room: int) -> bool:
        return (
            self.others == others
            and abs(self.line - line) <= _HOLDS_LINES
            and time.monotonic() < self.until
            and cost_of(self.snippets) <= room
        )


class Nearby:
    """Knows which documents were used last, and chooses what is shown of them."""

    def __init__(self, documents: Documents, roots: Callable[[], Sequence[str]]) -> None:
        self._documents = documents
        self._roots = roots
        self._sharing = Sharing()
        self._recent: dict[str, None] = {}
        """URIs, the one used last at the end."""
        self._read: dict[str, _Read] = {}
        self._choices: dict[str, _Choice] = {}

    def used(self, uri: str) -> None:
        """Note that a document was opened, edited or looked at."""
        self._recent.pop(uri, None)
        self._recent[uri] = None

    def closed(self, uri: str) -> None:
        """Drop all that is known of a document."""
        self._recent.pop(uri, None)
        self._read.pop(uri, None)
        # Whatever was chosen may be from it, and it may come back as another one.
        self._choices.clear()
        self._sharing.forget(uri)

    def origin(
        self,
        document: Document,
        line: int,
        situation: Situation,
        budget: Budget,
        options: InlineCompletionOptions,
    ) -> Origin:
        """Tell where a situation is, with what of other documents is to be shown beside it."""
        path, repository = shown_path(document.uri, self._roots())
        began = time.perf_counter()
        others = self._others(document, Rules.of(options))
        if not others:
            return Origin(path, repository)
        versions = tuple(sorted((other.uri, other.version) for other in others))
        room = budget.total_characters - len(situation.prefix) - len(situation.suffix)
        choice = self._choices.get(document.uri)
        if choice is None or not choice.holds(versions, line, room):
            files, is_complete = self._read_on(others, began + _READING_S)
            wanted = Wanted.of(situation.prefix, situation.suffix, _imports(document))
            snippets = choose(files, wanted, _lasting_room(budget, situation), began + _RATING_S)
            until = time.monotonic() + (_HOLDS_S if is_complete else _INCOMPLETE_HOLDS_S)
            choice = _Choice(snippets, versions, line, until)
            self._choices[document.uri] = choice
        return Origin(path, repository, choice.snippets)

    def _others(self, document: Document, rules: Rules) -> list[Document]:
        """Give the documents that may be shown, the one used last first."""
        found = []
        for uri in reversed(self._recent):
            other = self._documents.get(uri)
            if other is None or uri == document.uri or not _are_alike(other, document):
                continue
            if other.notebook is not None and other.notebook == document.notebook:
                continue  # shown as the text around the document
            if all(self._sharing.allows(name, rules) for name in other.names):
                found.append(other)
            if len(found) == _MOST_DOCUMENTS:
                break
        return found

    def _read_on(self, others: Sequence[Document], deadline: float) -> tuple[list[File], bool]:
        files: list[File] = []
        is_complete = True
        for other in others:
            if time.perf_counter() > deadline and files:
                is_complete = False
                if other.uri not in self._read:
                    continue
            read = self._read.get(other.uri)
            if read is None or read.version != other.version:
                read = _Read(other.version, excerpts_of(other.lines[:LAST_LINE]))
                self._remember(other.uri, read)
            is_complete &= read.go_on(deadline)
            path, _ = shown_path(other.uri, self._roots())
            files.append(File(path, read.excerpts))
        return files, is_complete

    def _remember(self, uri: str, read: _Read) -> None:
        self._read.pop(uri, None)
        self._read[uri] = read
        if len(self._read) > 2 * _MOST_DOCUMENTS:
            del self._read[next(iter(self._read))]


def _lasting_room(budget: Budget, situation: Situation) -> int:
    """What is left for context also when the text around the cursor has grown for a while."""
    step = budget.step_characters
    before = min(budget.prefix_characters, len(situation.prefix) + step)
    after = min(budget.suffix_characters, len(situation.suffix) + step)
    return min(budget.total_characters - before - after, budget.total_characters // 2)


def _imports(document: Document) -> str:
    return "".join(line for line in document.lines[:_IMPORT_LINES] if _IMPORT.match(line[:200]))


def _are_alike(one: Document, other: Document) -> bool:
    return _kind(one.language_id) == _kind(other.language_id)


def _kind(language_id: str) -> str:
    return _ALIKE.get(language_id, language_id)


def shown_path(uri: str, roots: Sequence[str]) -> tuple[str, str]:
    """Give the path by which a model is told of a file, and the name of the folder it is in.

    Nothing above the workspace is told but one folder.
    """
    path = path_of(uri)
    if path is None:
        return "", ""
    for root in filter(None, map(path_of, roots)):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix(), root.name
    return Path(*path.parts[-2:]).as_posix() if len(path.parts) > 2 else path.name, ""
