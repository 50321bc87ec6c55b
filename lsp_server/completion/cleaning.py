"""Takes off what models write around code: special tokens, fences, echoes, doubled blanks."""

import re

from lsp_server.completion.blocks import is_first_of_block
from lsp_server.completion.situation import Situation

# Tokens that end or separate texts in the vocabularies of code models; none is code.
_SPECIAL = re.compile(
    r"<\|(?:endoftext|end_of_text|end|im_start|im_end|eot_id|eos_token|fim_prefix|fim_suffix"
    r"|fim_middle|fim_pad|file_sep|file_separator|repo_name|user|assistant|system)\|>"
    r"|<(?:fim_prefix|fim_suffix|fim_middle|fim_pad|file_sep|EOT|end_of_turn|PRE|SUF|MID)>"
    r"|<\uff5c[^\uff5c\n]{1,40}\uff5c>|\[(?:PREFIX|SUFFIX|MIDDLE)\]"
)
_FENCE = re.compile(r"\s*(?:[^\n`]{0,200}:\s*\n\s*)?```[\w+#.-]*[ \t]*\n")
# An echo shorter than this may well be meant: `aa`, `((`.
_SHORTEST_ECHO = 3


def clean(raw: str, situation: Situation) -> str:
    """Give the code in a model's raw text, with LF line ends and a seam that fits the cursor."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if special := _SPECIAL.search(text):
        text = text[: special.start()]
    text = _without_fence(text, situation.language_id)
    text = _without_echo(text, situation.line_prefix)
    return _fit_seam(text, situation)


def _without_fence(text: str, language_id: str) -> str:
    if language_id == "markdown":
        return text
    if opening := _FENCE.match(text):
        text = text[opening.end() :]
        closing = re.search(r"(?:\A|\n)[ \t]*```", text)
        return text[: closing.start()] if closing else text
    return text


def _without_echo(text: str, line_prefix: str) -> str:
    """Drop a repetition of what already stands before the cursor on its line."""
    typed = line_prefix.strip()
    if len(typed) < _SHORTEST_ECHO:
        return text
    bare = text.lstrip()
    return bare[len(typed) :] if bare.startswith(typed) else text


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
