"""What a model writes around its answer: thoughts, a fence, and words before one."""

import re

from lsp_server.completion.languages import language_of
from lsp_server.completion.situation import Situation

_THOUGHT = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_THOUGHT_BEGIN = re.compile(r"\s*<think(?:ing)?>")
_THOUGHT_END = re.compile(r"</think(?:ing)?>")
# The end of a line and the blank ones after it, in the only way there is to read them.
_BREAK = r"[^\S\n]*+\n\s*+"
_SENTENCE = rf"[A-Z][^\n`]{{0,300}}[.!:]{_BREAK}"
_WORDS = rf"(?:[^\n`]{{0,200}}:{_BREAK}|(?:{_SENTENCE}){{1,3}})?"
_MARK = r"(?:```|~~~)"
_OPENING = rf"{_MARK}(?P<name>[\w+#.-]*)[ \t]*\n"
_BEFORE_OPENING = rf"(?:`{{0,2}}|~{{0,2}}|{_MARK}[^\n]*)"
_FENCE = re.compile(rf"\s*+{_OPENING}")
_FENCE_AFTER_WORDS = re.compile(rf"\s*+{_WORDS}{_OPENING}")
_FENCE_END = re.compile(rf"\n[ \t]*{_MARK}")
_FENCE_END_LINE = re.compile(rf"[ \t]*{_MARK}")
_BEFORE_FENCE = re.compile(rf"\s*+{_BEFORE_OPENING}")
_BEFORE_WORDS = re.compile(
    rf"\s*+{_WORDS}{_BEFORE_OPENING}|\s*+(?:{_SENTENCE}){{1,2}}[A-Z][^\n`]{{0,300}}"
)


def unwrapped(text: str, situation: Situation) -> str:
    """Give what a text holds of the answer itself."""
    text = _after_thought(text)
    if opening := _fence_around(text, situation):
        closing = _FENCE_END.search(text, opening.end() - 1)
        return text[opening.end() : closing.start() if closing else None]
    return text


def begins_thought(line: str) -> bool:
    """Tell whether a thought begins with a line."""
    return bool(_THOUGHT_BEGIN.match(line))


def after_end_of_thought(line: str) -> str | None:
    """Give what a line holds after the end of a thought, or None when it goes on."""
    end = _THOUGHT_END.search(line)
    return line[end.end() :] if end else None


def is_fenced(text: str, situation: Situation) -> bool:
    """Tell whether a text begins with a fence, or with words and a fence."""
    return _fence_around(text, situation) is not None


def is_fence_closed(text: str, situation: Situation) -> bool:
    """Tell whether the fence around a text is closed already."""
    text = _after_thought(text)
    opening = _fence_around(text, situation)
    return bool(opening and _FENCE_END.search(text, opening.end() - 1))


def is_fence_end(line: str) -> bool:
    """Tell whether a line closes a fence, if one is open."""
    return bool(_FENCE_END_LINE.match(line))


def may_be_wrapped(text: str, situation: Situation) -> bool:
    """Tell whether a text has just begun, so that it may yet turn out to be a thought or fenced."""
    text = _after_thought(text)
    before = _BEFORE_FENCE if _is_prose(situation) else _BEFORE_WORDS
    return bool(before.fullmatch(text))


def _after_thought(text: str) -> str:
    """Give what follows the thought that a text begins with, or the text."""
    thought = _THOUGHT.match(text)
    return text[thought.end() :] if thought else text


def _fence_around(text: str, situation: Situation) -> re.Match[str] | None:
    """Find the fence that a text begins with and that is not meant to be in the document."""
    opening = (_FENCE if _is_prose(situation) else _FENCE_AFTER_WORDS).match(text)
    if opening and situation.language_id == "markdown" and situation.is_blank_line:
        # Markdown has fences of its own, but not in the middle of a line.
        return opening if opening["name"] in ("markdown", "md") else None
    return opening


def _is_prose(situation: Situation) -> bool:
    return language_of(situation.language_id).shape == "prose"
