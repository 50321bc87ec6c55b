"""What a model writes around its answer: thoughts, a fence, and words before one."""

import re

from lsp_server.completion.blocks import opens_block
from lsp_server.completion.languages import language_of
from lsp_server.completion.situation import Situation
from lsp_server.completion.talk import without_talk

_THOUGHT_NAME = r"(?:seed:)?think(?:ing)?"
_THOUGHT_BEGIN = re.compile(rf"\s*(?:<{_THOUGHT_NAME}>|\[THINK\])")
_THOUGHT_END = re.compile(rf"</{_THOUGHT_NAME}>|\[/THINK\]")
_NO_THOUGHT = "<think></think>"
# The end of a line and the blank ones after it, in the only way there is to read them.
_BREAK = r"[^\S\n]*+\n\s*+"
_SENTENCE = rf"[A-Z][^\n`]{{0,300}}[.!:]{_BREAK}"
_WORDS = rf"(?:[^\n`]{{0,200}}:{_BREAK}|(?:{_SENTENCE}){{1,3}})?"
_MARK = r"(?:`{3,}+|~{3,}+)"
_OPENING = rf"{_MARK}[ \t]*+(?P<name>[\w+#.-]*+)(?:[ \t{{][^\n`]*+)?\n"
_BEFORE_OPENING = rf"(?:`{{0,2}}|~{{0,2}}|{_MARK}[^\n]*)"
_FENCE = re.compile(rf"\s*+{_OPENING}")
_FENCE_AFTER_WORDS = re.compile(rf"\s*+{_WORDS}{_OPENING}")
_FENCE_IN_LINE = re.compile(r"\s*+```([^`\n]+)```[ \t]*+(?:\n|\Z)")
_TICKS = re.compile(r"\s*+`([^`\n]+)`[ \t]*+(?:\n|\Z)")
# Languages that have no use for single backticks outside of text.
_WITHOUT_TICKS = frozenset(["c", "cpp", "csharp", "java", "python", "rust"])
_FENCE_END = re.compile(rf"\n[ \t]*{_MARK}")
_FENCE_END_LINE = re.compile(rf"[ \t]*{_MARK}")
_BEFORE_FENCE = re.compile(rf"\s*+{_BEFORE_OPENING}")
_BEFORE_WORDS = re.compile(
    rf"\s*+{_WORDS}{_BEFORE_OPENING}|\s*+(?:{_SENTENCE}){{1,2}}[A-Z][^\n`]{{0,300}}"
)


def unwrapped(text: str, situation: Situation) -> str:
    """Give what a text holds of the answer itself."""
    text = _after_thought(text, situation)
    if opening := _fence_around(text, situation):
        closing = _FENCE_END.search(text, opening.end() - 1)
        return text[opening.end() : closing.start() if closing else None]
    if (fenced := _FENCE_IN_LINE.match(text)) and not _is_prose(situation):
        return fenced[1]
    if (ticked := _TICKS.match(text)) and _is_without_ticks(situation):
        return ticked[1]
    return without_talk(text, situation)


def begins_thought(line: str) -> bool:
    """Tell whether a thought begins with a line."""
    return bool(_THOUGHT_BEGIN.match(line))


def after_end_of_thought(line: str) -> str | None:
    """Give a line from the end of a thought on, or None when the thought goes on.

    That a thought stood there is still to be seen, since blank lines after one mean nothing.
    """
    end = _THOUGHT_END.search(line)
    return _NO_THOUGHT + line[end.end() :] if end else None


def is_fenced(text: str, situation: Situation) -> bool:
    """Tell whether a text begins with a fence, or with words and a fence."""
    return _fence_around(_after_thought(text, situation), situation) is not None


def is_fence_closed(text: str, situation: Situation) -> bool:
    """Tell whether the fence around a text is closed already."""
    text = _after_thought(text, situation)
    opening = _fence_around(text, situation)
    return bool(opening and _FENCE_END.search(text, opening.end() - 1))


def is_fence_end(line: str) -> bool:
    """Tell whether a line closes a fence, if one is open."""
    return bool(_FENCE_END_LINE.match(line))


def may_be_wrapped(text: str, situation: Situation) -> bool:
    """Tell whether a text has just begun, so that it may yet turn out to be a thought or fenced."""
    text = _after_thought(text, situation)
    before = _BEFORE_FENCE if _is_prose(situation) else _BEFORE_WORDS
    return bool(before.fullmatch(text))


def _after_thought(text: str, situation: Situation) -> str:
    """Give what follows the thought that a text begins with, or the text."""
    if not (begin := _THOUGHT_BEGIN.match(text)):
        return text
    end = _THOUGHT_END.search(text, begin.end())
    rest = text[end.end() :] if end else ""
    blank = rest[: len(rest) - len(rest.lstrip())].rpartition("\n")
    # Blank lines part the two; only where a block begins, the answer has to be on another line.
    is_apart = blank[1] and opens_block(situation.line_prefix, situation.language_id)
    return blank[1] * bool(is_apart) + rest[len(blank[0] + blank[1]) :]


def _fence_around(text: str, situation: Situation) -> re.Match[str] | None:
    """Find the fence that a text begins with and that is not meant to be in the document."""
    opening = (_FENCE if _is_prose(situation) else _FENCE_AFTER_WORDS).match(text)
    if opening and situation.language_id == "markdown" and situation.is_blank_line:
        # Markdown has fences of its own, but not in the middle of a line.
        return opening if opening["name"] in ("markdown", "md") else None
    return opening


def _is_prose(situation: Situation) -> bool:
    return language_of(situation.language_id).shape == "prose"


def _is_without_ticks(situation: Situation) -> bool:
    here = situation.here
    is_code = here.code_end == len(situation.line_prefix) and not (here.is_text or here.unfinished)
    return is_code and situation.language_id in _WITHOUT_TICKS
