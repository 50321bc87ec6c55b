"""Takes off what models write around code: special tokens, fences, echoes, doubled blanks."""

import re

from lsp_server.completion.blocks import is_first_of_block
from lsp_server.completion.embedded import innermost
from lsp_server.completion.situation import Situation

# Tokens that end or separate texts in the vocabularies of code models; none is code.
_SPECIAL = re.compile(
    r"<\|(?:endoftext|end_of_text|end|im_start|im_end|eot_id|eos_token|fim_prefix|fim_suffix"
    r"|fim_middle|fim_pad|file_sep|file_separator|repo_name|user|assistant|system)\|>"
    r"|<(?:fim_prefix|fim_suffix|fim_middle|fim_pad|file_sep|EOT|end_of_turn|PRE|SUF|MID)>"
    r"|<\uff5c[^\uff5c\n]{1,40}\uff5c>|\[(?:PREFIX|SUFFIX|MIDDLE)\]"
)
_FENCE = re.compile(r"\s*(?:[^\n`]{0,200}:\s*\n\s*)?```(?P<name>[\w+#.-]*)[ \t]*\n")
_FENCE_END = re.compile(r"\n[ \t]*```")
_FENCE_END_LINE = re.compile(r"[ \t]*```")
_BEFORE_FENCE = re.compile(r"\s*(?:[^\n`]{0,200}:\s*\n\s*)?(?:`{0,2}|```[^\n]*)")
LONGEST_TOKEN = 64
"""Characters that a special token has at most."""
# An echo shorter than this may well be meant: `aa`, `((`.
_SHORTEST_ECHO = 3


def clean(raw: str, situation: Situation) -> str:
    """Give the code in a model's raw text, with LF line ends and a seam that fits the cursor."""
    situation = innermost(situation)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = _without_fence(before_special_token(text), situation)
    text = _without_echo(text, situation)
    return _fit_seam(text, situation)


def before_special_token(text: str) -> str:
    """Give what stands before the first token that ends or separates texts."""
    special = _SPECIAL.search(text)
    return text[: special.start()] if special else text


def _without_fence(text: str, situation: Situation) -> str:
    if opening := _fence_around(text, situation):
        closing = _FENCE_END.search(text, opening.end() - 1)
        return text[opening.end() : closing.start() if closing else None]
    return text


def _fence_around(text: str, situation: Situation) -> re.Match[str] | None:
    """Find the fence that a text begins with and that is not meant to be in the document."""
    opening = _FENCE.match(text)
    if opening and situation.language_id == "markdown" and situation.is_blank_line:
        # Markdown has fences of its own, but not in the middle of a line.
        return opening if opening["name"] in ("markdown", "md") else None
    return opening


def _without_echo(text: str, situation: Situation) -> str:
    """Drop a repetition of what already stands before the cursor on its line, or above it."""
    if situation.is_blank_line:
        first, end, rest = text.lstrip().partition("\n")
        above = situation.previous_line.strip()
        if len(above) < _SHORTEST_ECHO or first.strip() != above or not _is_telling(above):
            return text
        return rest if end else ""
    typed = situation.line_prefix.strip()
    if typed != situation.line_prefix and text.startswith(situation.line_prefix):
        return text[len(situation.line_prefix) :]
    if len(typed) < _SHORTEST_ECHO:
        return text
    bare = text.lstrip()
    if not bare.startswith(typed):
        return text
    rest = bare[len(typed) :]
    # `throw |` and `thrownError` share letters only.
    is_word = situation.line_prefix[-1].isspace() and typed[-1].isalnum() and rest[:1].isalnum()
    return text if is_word else rest


def _is_telling(line: str) -> bool:
    return any(character.isalnum() for character in line)


def has_special_token(text: str) -> bool:
    """Tell whether a token stands in a text that ends or separates texts."""
    return bool(_SPECIAL.search(text))


def is_fenced(text: str, situation: Situation) -> bool:
    """Tell whether a text begins with a fence, or with a remark and a fence."""
    return _fence_around(text, situation) is not None


def is_fence_end(line: str) -> bool:
    """Tell whether a line closes a fence, if one is open."""
    return bool(_FENCE_END_LINE.match(line))


def is_over(raw: str, situation: Situation) -> bool:
    """Tell whether a model has said itself that it is done: by a token, or by closing its fence."""
    if _SPECIAL.search(raw):
        return True
    opening = _fence_around(raw, situation)
    return bool(opening and _FENCE_END.search(raw, opening.end() - 1))


def is_undecided(raw: str, situation: Situation) -> bool:
    """Tell whether a text has just begun, so that it may yet turn out to be a fence."""
    if situation.language_id == "markdown" and "\n" in raw.strip():
        return False
    return bool(_BEFORE_FENCE.fullmatch(raw.replace("\r", "\n")))


def _fit_seam(text: str, situation: Situation) -> str:
    if situation.is_blank_line:
        # The line to fill is this one: blank lines before it go.
        first = text.lstrip()
        if situation.indent == 0 and is_first_of_block(situation):
            # Nothing is indented yet, so the model's indentation is the only one.
            return text[text.rfind("\n", 0, len(text) - len(first)) + 1 :] if first else ""
        return first
    if situation.line_prefix.endswith((" ", "\t")):
        return text.lstrip(" \t")
    return text
