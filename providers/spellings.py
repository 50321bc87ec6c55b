"""How a secret may be spelled where somebody quotes it."""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote

# Shorter ones are found as they stand only: their other spellings turn up in harmless text.
SHORTEST_CODED = 8

_QUOTED: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    html.escape,
    quote,
    lambda text: quote(text, safe=""),
    quote_plus,
    lambda text: quote(text, safe="").lower(),
    unquote,
)


def spellings(secret: str) -> set[str]:
    """Return the forms of a header value or token, each without what only surrounds it."""
    found: set[str] = set()
    for part in _parts(secret):
        found |= {quoted(part) for quoted in _QUOTED}
        if len(part) >= SHORTEST_CODED:
            found |= set(_in_base64(part))
    return found - {""}


def _parts(secret: str) -> Iterator[str]:
    yield secret
    yield secret.strip()
    # Servers quote the token without the scheme: `Bearer abc` comes back as `abc`.
    for part in re.split(r"\s+", secret)[1:]:
        yield part
        yield from _password_in(part)


def _password_in(part: str) -> Iterator[str]:
    # Authorization: Basic base64(user:password)
    try:
        plain = base64.b64decode(part, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    if ":" in plain and plain.isprintable():
        yield plain
        yield plain.partition(":")[2]


def _in_base64(part: str) -> Iterator[str]:
    # What stands before it decides where its bytes fall in the groups of three. Of the characters
    # at both ends only those are taken that it determines alone.
    data = part.encode("utf-8", "replace")
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        whole = (before + len(data)) % 3 == 0
        certain = coded[(0, 2, 3)[before] : None if whole else -1]
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
