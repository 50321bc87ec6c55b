"""Files that are never sent anywhere, neither as the file at hand nor as context."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from config.globs import comparable, glob_pattern
from lsp_server.uris import path_of, readings_of


def is_excluded(uri: str, globs: Sequence[str], home: str | None = None) -> bool:
    """Tell whether any path that a document's URI may mean is matched by one of the globs."""
    return _is_excluded(uri, tuple(globs), _home() if home is None else home)


# Asked with every keystroke, about a few documents.
@lru_cache(maxsize=64)
def _is_excluded(uri: str, globs: tuple[str, ...], home: str) -> bool:
    paths = readings_of(uri)
    if (path := path_of(uri)) is not None:
        # A link to a secret is the secret; a name that no disk takes is no link.
        with suppress(ValueError):
            paths |= {comparable(os.path.realpath(path))}
    return any(pattern.match(path) for pattern in _patterns(globs, home) for path in paths)


@lru_cache(maxsize=8)
def _patterns(globs: tuple[str, ...], home: str) -> tuple[re.Pattern[str], ...]:
    return tuple(glob_pattern(glob, home) for glob in globs)


@lru_cache(maxsize=1)
def _home() -> str:
    try:
        return str(Path.home())
    except RuntimeError:
        return ""
