"""A model that begins with what stands before the cursor, and goes on from there."""

import re
from itertools import islice

from lsp_server.completion.languages import comment_start, language_of
from lsp_server.completion.scanner import scan
from lsp_server.completion.situation import Situation

# An echo shorter than this may well be meant: `aa`, `((`.
SHORTEST_ECHO = 3
# The same of a name alone that goes on as a longer one; `textwrap.de|` and `dent` is one of a path.
_SHORTEST_NAME = 2
_MOST_LINES = 12
_NO_WORD = re.compile(r"\W")
# What hardly ever stands twice at the beginning of a line: a name, a bullet, the sign of a heading.
_LINE_START = re.compile(r"[$@%]?[^\W\d]\w*|[-*+>]|#+|[1-9][.)]")
# A name, or a whole path of them, that the cursor stands right behind.
_NAME = re.compile(r"(?<![\w.])(?:[^\W\d]\w*+\.)*[^\W\d]\w*+$")

_PART = r"[^\W\d]\w*+"
_JOINT = r"(?:\??\.|::|->)"
_PATH = rf"[$@]?{_PART}{_JOINT}(?:{_PART}{_JOINT})*+"
# A path, as far as it is hardly ever doubled (`datetime.datetime` is), that a name is to follow;
# one that is called; or the key of a value.
_TAIL = re.compile(
    r"(?<![\w.:>$@-])(?:"
    rf"(?:[$@]?(?:self|this|cls)(?:\.|->)|{_PART}::|[$@]?{_PART}{_JOINT}(?:{_PART}{_JOINT})++)"
    rf"|(?P<call>{_PATH}{_PART}\()(?P<quote>[\"'])?"
    r"|(?P<key>[\"']?[^\W\d][\w-]*+[\"']?:)[ \t]++"
    r")\Z"
)


def after_echo(text: str, situation: Situation) -> str:
    """Give what follows the last lines above the cursor, all that a text begins with.

    Where something is typed already on the cursor's line, it comes again as well.
    """
    above, typed = _lines_above(situation), situation.line_prefix.strip()
    lines = text.lstrip().split("\n")
    rows = [*islice((row for row, line in enumerate(lines) if line.strip()), _MOST_LINES + 1)]
    told = [lines[row].strip() for row in rows]
    for count in range(1, len(above) + 1):
        if told[:count] != above[-count:] or not _is_telling(told[0]):
            continue
        if not typed:
            return "\n".join(lines[rows[count - 1] + 1 :])
        if told[count:] and told[count].startswith(typed):
            row = rows[count]
            return "\n".join([lines[row].lstrip()[len(typed) :], *lines[row + 1 :]])
    return text


def after_typed(text: str, situation: Situation) -> str | None:
    """Give what follows all that is typed on the line, or None if a text does not begin so."""
    line, bare = situation.line_prefix, text.lstrip()
    typed = line.strip()
    if typed != line and text.startswith(line):
        return text[len(line) :]
    rest = _after_words(bare, typed.split())
    if not typed or rest is None:
        return None
    if len(typed) < SHORTEST_ECHO:
        # `##|` may become `####`, and `;;|` the longer sign.
        is_whole = len(typed) > 1 and typed[0] not in "#;%"
        is_apart = line[-1].isspace() or text[0].isspace() or is_whole
        is_echo = is_apart and rest[:1].isspace() and _is_line_start(typed, situation)
        return rest if is_echo else None
    # `throw |` and `thrownError` share letters only.
    is_word = line[-1].isspace() and typed[-1].isalnum() and rest[:1].isalnum()
    return None if is_word else rest


def after_name(text: str, situation: Situation) -> str:
    """Give what follows the name right left of the cursor, when a text begins with it again.

    Names are hardly ever doubled in code: `requ|` and `requests` make `requests`.
    """
    here = situation.here
    if here.is_text or here.unfinished or here.code_end < len(situation.line_prefix):
        return text
    if not (name := _NAME.search(situation.line_prefix)):
        return text
    word = _NO_WORD.split(text, maxsplit=1)[0]
    for written in (name[0], name[0].rpartition(".")[2]):
        shortest = _SHORTEST_NAME if written == name[0] and written != word else SHORTEST_ECHO
        # In `re|`, `render` may make `rerender` where that is a name already.
        is_echo = len(written) >= shortest and text.startswith(written)
        if is_echo and not _is_known(written + word, situation):
            return text[len(written) :]
    return text


def after_tail(text: str, situation: Situation) -> str:
    """Give what follows the path, the call or the key before the cursor that a text begins with."""
    tail, here, bare = _TAIL.search(situation.line_prefix), situation.here, text.lstrip()
    if not tail or here.is_text or here.code_end < len(situation.line_prefix):
        return text
    written = tail["key"] or tail[0]
    if here.unfinished != (tail["quote"] or "") or not bare.startswith(written):
        return text
    rest = bare[len(written) :]
    if tail["key"]:
        return rest if rest[:1].isspace() else text
    return text if tail["call"] and not _is_same_call(rest, situation) else rest


def _is_same_call(rest: str, situation: Situation) -> bool:
    """Tell whether a text closes the one call that is open on the cursor's line, and no more.

    `max(max(a, b), c)` does not. Brackets that the document closes tell nothing by themselves.
    """
    typed, line = situation.line_prefix, rest.partition("\n")[0].rstrip()
    right = situation.line_suffix.strip()
    is_told = not right or situation.here.unfinished or right[-1] not in ")]}"
    if not is_told or not line.endswith(right) or line.endswith(","):
        return False
    before = scan(typed, (), situation.language_id)
    read = scan(typed + line, (), situation.language_id)
    closes_more = any(depth < 0 for depth, column in read.closed if column >= len(typed))
    return len(before.opens) == 1 and not (read.opens or read.unfinished or closes_more)


def may_be_echo(text: str, situation: Situation) -> bool:
    """Tell whether all of a text so far is the beginning of such lines."""
    *whole, growing = text.lstrip().split("\n")
    told = [line.strip() for line in whole if line.strip()]
    if not told:
        return False
    above, typed = _lines_above(situation), situation.line_prefix.strip()
    return any(
        _is_telling(above[-count])
        and told == above[-count:][: len(told)]
        and [*above[-count:], typed][len(told)].startswith(growing.strip())
        for count in range(len(told) + (not typed), len(above) + 1)
    )


def _after_words(text: str, words: list[str]) -> str | None:
    """Give what follows words that a text begins with, however many blanks part them."""
    for number, word in enumerate(words):
        rest = text.lstrip(" \t") if number else text
        if (number and rest == text) or not rest.startswith(word):
            return None
        text = rest[len(word) :]
    return text


def _is_line_start(typed: str, situation: Situation) -> bool:
    """Tell whether a line that begins so hardly ever goes on with the same again."""
    comment = comment_start(language_of(situation.language_id))
    return bool(_LINE_START.fullmatch(typed) or comment.match(typed))


def _is_known(name: str, situation: Situation) -> bool:
    return name in situation.prefix or name in situation.suffix


def _lines_above(situation: Situation) -> list[str]:
    """Give the nearest lines above with anything on them, top first."""
    told = (line.strip() for line in reversed(situation.lines_above) if line.strip())
    return [*islice(told, _MOST_LINES)][::-1]


def _is_telling(line: str) -> bool:
    return len(line) >= SHORTEST_ECHO and any(character.isalnum() for character in line)
