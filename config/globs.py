"""File globs as regular expressions that take no time worth mentioning, whatever is written.

`*` is any part of one name, `**` is anything, `**/` is any folders or none, `?` is one character,
`[...]` one of several, `{a,b}` either. `~/` is the home folder, a trailing `/` everything below.
What does not begin at `/` or `~/` may lie anywhere. Both slashes are slashes, and upper and lower
case are the same. Where a glob can be read in two ways, both count: it keeps files back.
"""

import re
from collections.abc import Iterator
from itertools import product
from unicodedata import normalize

_LONGEST = 500
_MOST_ALTERNATIVES = 128
_DEEPEST = 20
# More brackets than these are all read as brackets, or all as character classes.
_MIXED_CLASSES = 3

_BAR_GROUP = re.compile(r"\([^()]*\|[^()]*\)")
_VARIABLE = re.compile(r"\$\{|\$\w+(/|$)|%\w+%")
_BRACE_RANGE = re.compile(r"\{[^{},/]+\.\.[^{},/]+\}")
_TOKEN = re.compile(r"\*\*+/?|\*|\?|\[[!^]?\]?[^\]/]*\]|[^*?\[]+|\[")

# Tokens besides patterns of one certain length.
_STAR, _FOLDERS = "*", "**/"


class _UnclearError(ValueError):
    """The glob has no meaning here; the text says why."""


def glob_fault(glob: str) -> str | None:
    """Say why a glob cannot be understood; None when it can."""
    try:
        _alternatives(_plain(glob))
    except _UnclearError as fault:
        return str(fault)
    return None


def glob_pattern(glob: str, home: str = "") -> re.Pattern[str]:
    """Give the pattern that a whole path, as `comparable` gives it, matches if the glob means it.

    A glob that cannot be understood means the file of that name. Without a known home folder, what
    is said to be in it may lie anywhere.
    """
    text = _plain(glob)
    try:
        alternatives = [_anchored(part, home) for part in _alternatives(text)]
        bodies = [_composed(tokens) for part in alternatives for tokens in _readings(*part)]
    except _UnclearError:
        bodies = [f"(?:.*/)?{re.escape(text.strip('/'))}"] if text else ["(?!)"]
    return re.compile(rf"/(?:{'|'.join(dict.fromkeys(bodies))})\Z", re.IGNORECASE | re.DOTALL)


def comparable(path: str) -> str:
    """Give a path or a glob in the one spelling in which they are compared."""
    # macOS takes letters with accents apart.
    return normalize("NFC", path).replace("\\", "/")


def _plain(glob: str) -> str:
    return comparable(glob.strip()).removeprefix("file://")


def _alternatives(text: str) -> list[str]:
    """All texts that the braces stand for; raises for what cannot be understood."""
    if not text:
        raise _UnclearError("it is blank")
    if len(text) > _LONGEST:
        raise _UnclearError(f"it is longer than {_LONGEST} characters")
    for pattern, fault in _NOT_OURS:
        if pattern.search(text):
            raise _UnclearError(fault)
    found, end = _expanded(text, 0, 0)
    if end < len(text):
        raise _UnclearError('a "}" has no "{"')
    for part in found:
        _check(part)
    return found


_NOT_OURS = (
    (re.compile(r"^!"), 'a leading "!" has no meaning here'),
    (_BAR_GROUP, "write {a,b} instead of (a|b)"),
    (_VARIABLE, "variables are not replaced, write the path itself, or ~/ for the home folder"),
    (_BRACE_RANGE, "ranges in braces are not known, write {1,2,3} or [1-3]"),
    (re.compile(r"\[\[:\w+:\]"), "classes such as [:alpha:] are not known, write [a-z]"),
)


def _expanded(text: str, start: int, depth: int) -> tuple[list[str], int]:
    """The texts of one option of a brace, or of the whole glob, and where it ends."""
    found, index = [""], start
    while index < len(text):
        char = text[index]
        if depth and char in ",}":
            return found, index
        if char == "{":
            options, index = _options(text, index + 1, depth + 1)
            if len(found) * len(options) > _MOST_ALTERNATIVES:
                raise _UnclearError(f"its braces stand for more than {_MOST_ALTERNATIVES} globs")
            found = [head + option for head in found for option in options]
            continue
        if char == "}":
            return found, index
        end = min((at for at in map(lambda c: text.find(c, index), "{},") if at > index), default=len(text))
        found = [head + text[index:end] for head in found]
        index = end
    return found, index


def _options(text: str, start: int, depth: int) -> tuple[list[str], int]:
    if depth > _DEEPEST:
        raise _UnclearError("its braces are nested too deeply")
    options: list[str] = []
    index, commas = start, 0
    while True:
        found, index = _expanded(text, index, depth)
        options += found
        if index >= len(text):
            raise _UnclearError('a "{" has no "}"')
        if text[index] == "}":
            break
        commas += 1
        index += 1
    if not commas:
        # A shell takes braces around one option for themselves, editors take them away.
        options += [f"{{{option}}}" for option in options]
    return options, index + 1
