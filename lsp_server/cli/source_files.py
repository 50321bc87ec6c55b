"""Files named on the command line, read as an editor would open them."""

from pathlib import Path

from lsp_server.documents import Document, split_lines
from lsp_server.languages import language_of


class BadFileError(Exception):
    """What is named cannot be used; the message says why."""


def read_document(name: str) -> Document:
    """Read a text file as a document; `BadFileError` when there is no such thing."""
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            raise BadFileError(f"{name} is not a file.")
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFileError(f"Cannot read {name}: {error.strerror}.") from error
    except ValueError as error:
        raise BadFileError(f"{name} is not a text file in UTF-8.") from error
    return Document(path.absolute().as_uri(), language_of(path), 0, split_lines(content))
