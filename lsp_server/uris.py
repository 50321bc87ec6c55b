"""File URIs and paths."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.globs import comparable

_DRIVE = re.compile(r"/[A-Za-z]:")
# One letter is no scheme but a Windows drive.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_HOST = re.compile(r"//[^/]*(?=/)")


def path_of(uri: str) -> Path | None:
    """The path that a `file:` URI names; None for any other URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    # file:///c:/folder is a Windows path with a slash before it.
    return Path(path[1:] if _DRIVE.match(path) else path)


def readings_of(uri: str) -> frozenset[str]:
    """All paths, from `/` on and `comparable`, that a URI of any scheme may mean.

    Editors send plain paths, bare `#` and `?` in names, and members of archives, too.
    """
    written = _SCHEME.sub("", uri, count=1)
    before_query = re.split(r"[?#]", written, maxsplit=1)[0]
    paths = set()
    for text in (written, unquote(written), before_query, unquote(before_query)):
        path = comparable(text)
        # zipfile:///a.zip::member, and jar:file:///a.jar!/member by its slash.
        for reading in (path, path.replace("::", "/"), _HOST.sub("", path, count=1)):
            paths.add("/" + posixpath.normpath(reading).lstrip("/"))
    return frozenset(paths)
