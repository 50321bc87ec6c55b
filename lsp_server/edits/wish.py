"""What an edit is asked to be, and whether it may be."""

from dataclasses import dataclass

from lsprotocol import types

from lsp_server.boundary import InvalidArgumentError
from lsp_server.documents import Document
from lsp_server.exclusion import is_excluded
from lsp_server.server import ForetypeServer
from lsp_server.session import Session


@dataclass(frozen=True, slots=True)
class EditWish:
    """An instruction on a range of an open document."""

    uri: str
    range: types.Range
    instruction: str
    model: str | None = None
    token: str | int | None = None
    tests: bool = False
    """Whether a new file of tests for the range is wanted instead."""


def editable(ls: ForetypeServer, session: Session, uri: str) -> Document:
    """The open document of a URI; raises `InvalidArgumentError` for one that may not be sent."""
    document = ls.documents.get(uri)
    if document is None:
        raise InvalidArgumentError(f"Open {uri} in the editor to have it edited.")
    excluded = session.options.inline_completion.excluded_files
    if any(is_excluded(name, excluded) for name in document.names):
        raise InvalidArgumentError(
            f"{uri} is excluded by inlineCompletion.excludedFiles and is not sent to a model."
        )
    return document
