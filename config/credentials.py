"""Replaces `${env:NAME}` and `${file:PATH}` in tokens and headers by what they stand for."""

import re
from collections.abc import Callable, Mapping
from operator import is_

from config.problems import Problem, error
from config.shapes import child

ReadFile = Callable[[str], str]

# Where the format keeps secrets: a key with one, or with an object of several.
_SECRET_KEYS = frozenset({"accessToken", "credentialsJSON"})
_SECRET_OBJECTS = frozenset({"headers", "basicAuth", "formData", "queryParams"})
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# No place for a secret lies deeper than this.
_DEEPEST = 20


def resolve_secrets(
    document: object, environ: Mapping[str, str], read_file: ReadFile
) -> tuple[object, tuple[Problem, ...]]:
    """Give the document with its secrets in place; what cannot be found is blank and a problem.

    `read_file` raises `OSError` or `ValueError` for a file it cannot give; nothing is changed.
    """
    resolver = _Resolver(environ, read_file)
    return resolver.walk(document, "", 0), tuple(resolver.problems)


class _Resolver:
    def __init__(self, environ: Mapping[str, str], read_file: ReadFile) -> None:
        self.problems: list[Problem] = []
        self._environ = environ
        self._read_file = read_file

    def walk(self, value: object, pointer: str, depth: int) -> object:
        if depth > _DEEPEST:
            return value
        # Most parts hold no secret, and stay as they are instead of being copied.
        if isinstance(value, list):
            items = [self.walk(x, child(pointer, i), depth + 1) for i, x in enumerate(value)]
            return value if all(map(is_, items, value)) else items
        if isinstance(value, dict):
            members = {
                key: self._member(key, x, child(pointer, key), depth) for key, x in value.items()
            }
            return value if all(map(is_, members.values(), value.values())) else members
        return value

    def _member(self, key: str, value: object, pointer: str, depth: int) -> object:
        if key in _SECRET_KEYS and isinstance(value, str):
            return self._resolved(value, pointer)
        if key in _SECRET_OBJECTS and isinstance(value, dict):
            return {
                name: self._resolved(x, child(pointer, name)) if isinstance(x, str) else x
                for name, x in value.items()
            }
        return self.walk(value, pointer, depth + 1)

    def _resolved(self, text: str, pointer: str) -> str:
        is_found = True

        def replacement(match: re.Match[str]) -> str:
            nonlocal is_found
            secret, fault = self._looked_up(match.group(1))
            if fault is not None:
                is_found = False
                self.problems.append(error("secret-missing", pointer, fault))
            return secret

        resolved = _REFERENCE.sub(replacement, text)
        # Half a header is worse than none: it would be sent, and refused.
        return resolved if is_found else ""

    def _looked_up(self, reference: str) -> tuple[str, str | None]:
        kind, _, name = reference.partition(":")
        name = name.strip()
        if kind == "env" and name:
            secret = self._environ.get(name, "").strip()
            source = f"The environment variable {name}"
        elif kind == "file" and name:
            source = f"The file {name}"
            try:
                secret = self._read_file(name).strip()
            except OSError as fault:
                return "", f"{source} cannot be read: {fault.strerror or 'unknown reason'}."
            except ValueError:
                return "", f"{source} cannot be read: it is not a plain UTF-8 text file."
        else:
            return "", "This reference is not understood; write ${env:NAME} or ${file:PATH}."
        if not secret:
            return "", f"{source} is not set or empty; set it to the secret."
        if _CONTROL.search(secret):
            return "", f"{source} must hold one line with the secret and nothing else."
        return secret, None
