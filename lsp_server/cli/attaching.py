"""`--file F[:A-B]` and text piped in: what is attached to a question of `foretype chat`."""

import re
from collections.abc import Sequence
from pathlib import Path

from lsp_server.chat.attachments import Excerpt, lines_of, whole
from lsp_server.cli.output import counted
from lsp_server.cli.source_files import BadFileError, read_document
from lsp_server.documents import Document
from lsp_server.exclusion import is_excluded

_LINES = re.compile(r"(?P<name>.+):(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?", re.DOTALL)


def attached(names: Sequence[str], piped: str, excluded: Sequence[str]) -> list[Excerpt]:
    """Read what is to be attached; `BadFileError` for what cannot be, or must not be sent."""
    excerpts = [_file(name, excluded) for name in names]
    if piped.strip():
        excerpts.append(Excerpt("", "Standard input", "", piped))
    return excerpts


def _file(text: str, excluded: Sequence[str]) -> Excerpt:
    match = None if Path(text).is_file() else _LINES.fullmatch(text)
    document = read_document(match["name"] if match else text)
    if is_excluded(document.uri, excluded):
        raise BadFileError(f"{text} is a file that is never sent to a model.")
    if match is None:
        return whole(document)
    first = int(match["first"])
    return _piece(document, match["name"], first, int(match["last"] or first))


def _piece(document: Document, name: str, first: int, last: int) -> Excerpt:
    # What follows the last line end is no line to whoever counts them.
    lines = document.lines[:-1] if document.lines[-1] == "" else document.lines
    if not 1 <= first <= len(lines):
        raise BadFileError(f"{name} has {counted(len(lines), 'line')}; there is no line {first}.")
    if last < first:
        raise BadFileError(f"Write the lines of {name} from the first to the last: {last}-{first}.")
    last = min(last, len(lines))
    return lines_of(document, (first, last), "".join(lines[first - 1 : last]))
