"""File globs as patterns that are matched in bounded time, whatever is written.

`*` is any part of one name, `**` is anything, `**/` is any folders or none, `?` is one character,
`[...]` one of several, `{a,b}` either. `~/` is the home folder, a trailing `/` everything below.
What does not begin at `/` or `~/` may lie anywhere. Both slashes are slashes, and upper and lower
case are the same. Where a glob can be read in two ways, both count: it is there to keep files back.
"""

import re
from itertools import product
from unicodedata import normalize

from config.braces import UnclearError, spread

_LONGEST = 500
# With more brackets than these, all are character classes or all are brackets.
_MIXED_BRACKETS = 3

# What other tools understand. Taken literally, it would exclude nothing without a word.
_NOT_OURS = (
    (re.compile(r"^!"), 'a "!" at the beginning has no meaning here'),
    (re.compile(r"\([^()]*\|[^()]*\)"), "write {a,b} instead of (a|b)"),
    (re.compile(r"\$\{|\$\w+(/|$)|%\w+%"), "variables are not replaced, write the path itself"),
    (re.compile(r"\{[^{},/]+\.\.[^{},/]+\}"), "write {1,2,3} or [1-3] instead of {1..3}"),
    (re.compile(r"\[\[:\w+:\]"), "write [a-z] instead of [[:alpha:]]"),
    (re.compile(r"(^|/)\.\.(/|$)"), 'write the path without ".."'),
)
_TOKEN = re.compile(r"\*\*+/?|\*|\?|\[[!^]?\]?[^\]/]*\]|[^*?\[]+|\[")
_WITHIN_NAME, _ANY_FOLDERS = "*", "**/"


def glob_fault(glob: str) -> str | None:
    """Say why a glob cannot be understood; None when it can."""
    try:
        _bodies(_plain(glob), "")
    except UnclearError as fault:
        return str(fault)
    return None


def glob_pattern(glob: str, home: str = "") -> re.Pattern[str]:
    """Give the pattern of the `comparable` paths, from `/` to their end, that a glob means.

    One that cannot be understood means files of just that name. Without a known home folder, what
    is said to be there may lie anywhere.
    """
    text = _plain(glob)
    try:
        bodies = _bodies(text, home)
    except UnclearError:
        bodies = [f"(?:.*/)?{re.escape(text.strip('/'))}"] if text else ["(?!)"]
    return re.compile(rf"/(?:{'|'.join(dict.fromkeys(bodies))})\Z", re.IGNORECASE | re.DOTALL)


def comparable(path: str) -> str:
    """Give a path or glob in the spelling in which they are compared."""
    # macOS writes letters and their accents apart.
    return normalize("NFC", path).replace("\\", "/")


def _plain(glob: str) -> str:
    return comparable(glob.strip()).removeprefix("file://")


def _bodies(text: str, home: str) -> list[str]:
    if not text:
        raise UnclearError("it is blank")
    if len(text) > _LONGEST:
        raise UnclearError(f"it is longer than {_LONGEST} characters")
    for pattern, fault in _NOT_OURS:
        if pattern.search(text):
            raise UnclearError(fault)
    bodies = []
    for alternative in filter(None, spread(text)):
        start, rest = _anchored(alternative, comparable(home).strip("/"))
        bodies += [start + _composed(tokens) for tokens in _readings(rest)]
    return bodies


def _anchored(glob: str, home: str) -> tuple[str, str]:
    """The pattern of the folder that the rest of the glob is in, and that rest."""
    is_at_home = glob == "~" or glob.startswith("~/")
    if is_at_home:
        glob = glob[1:] or "/"
    names = [name for name in glob.split("/") if name not in {"", "."}]
    if not names or glob.endswith("/"):
        names.append("**")
    rest = "/".join(names)
    if is_at_home and home:
        return re.escape(home) + "/", rest
    is_anywhere = is_at_home or not glob.startswith("/")
    return "", f"**/{rest}" if is_anywhere else rest


def _readings(glob: str) -> list[list[str]]:
    """The tokens of a glob, once for each way to take its brackets."""
    parts: list[tuple[tuple[str, ...], ...]] = []
    for match in _TOKEN.finditer(glob):
        piece = match[0]
        if piece.startswith("**"):
            is_whole = match.start() == 0 or glob[match.start() - 1] == "/"
            parts.append((_deep(piece, is_whole=is_whole),))
        elif piece.startswith("["):
            parts.append(((_character_class(piece),), (re.escape(piece),)))
        else:
            fixed = "[^/]" if piece == "?" else re.escape(piece)
            parts.append(((_WITHIN_NAME if piece == "*" else fixed,),))
    if sum(len(part) > 1 for part in parts) <= _MIXED_BRACKETS:
        chosen = list(product(*parts))
    else:
        chosen = [tuple(part[0] for part in parts), tuple(part[-1] for part in parts)]
    return [[token for part in reading for token in part] for reading in chosen]


def _deep(token: str, *, is_whole: bool) -> tuple[str, ...]:
    if not token.endswith("/"):
        return _ANY_FOLDERS, _WITHIN_NAME
    return (_ANY_FOLDERS,) if is_whole else (_ANY_FOLDERS, _WITHIN_NAME, "/")


def _character_class(bracket: str) -> str:
    is_negative = bracket[1:2] in {"!", "^"}
    members = bracket[2 if is_negative else 1 : -1]
    if not members or bracket == "[":
        raise UnclearError('a "[" has no "]" in the same name')
    pieces, index = [], 0
    while index < len(members):
        first, last = members[index], members[index]
        if members[index + 1 : index + 2] == "-" and index + 2 < len(members):
            last = members[index + 2]
            index += 2
        if first > last:
            raise UnclearError(f"the range {first}-{last} is the wrong way round")
        pieces.append(f"{re.escape(first)}-{re.escape(last)}")
        index += 1
    return f"(?!/)[{'^' if is_negative else ''}{''.join(pieces)}]"


def _composed(tokens: list[str]) -> str:
    # What stands between two wildcards is found at its first place or, since any later place only
    # leaves less to choose from, not at all. So each find is final, `(?>...)`, and no glob makes
    # the time grow with a power of its length. Only the last find must reach the end as well.
    *groups, last = _split(tokens, _ANY_FOLDERS)
    parts = [f"(?>{'' if at == 0 else _FOLDERS}{_in_names(g)})" for at, g in enumerate(groups)]
    *names, end = _split(last, _WITHIN_NAME)
    start = _FOLDERS if groups else ""
    if not names:
        return "".join([*parts, start, *end])
    return "".join([*parts, start, _joined(names), "[^/]*", *end])


_FOLDERS = "(?:[^/]*+/)*?"


def _in_names(tokens: list[str]) -> str:
    return _joined(_split(tokens, _WITHIN_NAME))


def _joined(pieces: list[list[str]]) -> str:
    first, *others = ["".join(piece) for piece in pieces]
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others)


def _split(tokens: list[str], at: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for token in tokens:
        if token == at:
            found.append([])
        else:
            found[-1].append(token)
    return found
