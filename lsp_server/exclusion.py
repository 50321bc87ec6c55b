"""Files that are never sent anywhere, neither as the file at hand nor as context."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit


def is_excluded(uri: str, globs: Sequence[str]) -> bool:
    """Tell whether a document's path matches one of the globs; `**/` also matches no folder."""
    path = PurePosixPath(unquote(urlsplit(uri).path)).as_posix().lower()
    return any(_matches(path, glob.lower()) for glob in globs)


def _matches(path: str, glob: str) -> bool:
    anchored = glob if glob.startswith(("/", "**/")) else f"**/{glob}"
    # fnmatch's `*` crosses slashes, so `**/name` is "any folder, then name" once `/` leads.
    return fnmatchcase(path if path.startswith("/") else f"/{path}", anchored.replace("**/", "*/"))
