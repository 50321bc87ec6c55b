"""A model that begins with what stands before the cursor, and goes on from there."""

import re
from itertools import islice

from lsp_server.completion.languages import comment_start, language_of
from lsp_server.completion.situation import Situation

# An echo shorter than this may well be meant: `aa`, `((`.
SHORTEST_ECHO = 3
# Even of a name that goes on as a longer one: `x|` and `xs` may be `xxs`.
_SHORTEST_NAME = 2
_MOST_LINES = 12
_NO_WORD = re.compile(r"\W")
# What hardly ever stands twice at the beginning of a line: a name, a bullet, the sign of a heading.
_LINE_START = re.compile(r"[$@%]?[^\W\d]\w*|[-*+>]|#+|[1-9][.)]")
# A name, or a whole path of them, that the cursor stands right behind.
_NAME = re.compile(r"(?<![\w.])(?:[^\W\d]\w*+\.)*[^\W\d]\w*+$")


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
        is_apart = line[-1].isspace() or text[0].isspace() or len(typed) > 1
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
    name = _NAME.search(situation.line_prefix)
    word = _NO_WORD.split(text, maxsplit=1)[0]
    for written in (name[0], name[0].rpartition(".")[2]) if name else ():
        is_long = len(written) >= SHORTEST_ECHO or _SHORTEST_NAME <= len(written) < len(word)
        # In `re|`, `render` may make `rerender` where that is a name already.
        if is_long and text.startswith(written) and not _is_known(written + word, situation):
            return text[len(written) :]
    return text


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
