"""One line or a block: decided before asking, and again from the first generated line."""

import re
from dataclasses import dataclass

from lsp_server.completion.situation import Situation, indentation, width

_COLON_LANGUAGES = frozenset({"python", "cython", "gdscript", "nim", "starlark", "yaml"})
_KEYWORD_OPENERS = {
    "ruby": re.compile(r"^\s*(def|class|module|if|unless|while|until|case|for|begin|else|elsif)\b"),
    "lua": re.compile(r"\bfunction\b[^)]*\)\s*$|\b(then|do|else|repeat)\s*$"),
    "elixir": re.compile(r"(\bdo|\bfn\b.*->|->)\s*$"),
    "shellscript": re.compile(r"\b(then|do|else|in)\s*$"),
}
_BRACKET_OPENER = re.compile(r"([{(\[]|=>|\b(do|then|begin))\s*(\|[^|]*\|)?\s*$")
# A line that belongs to the statement above it although it is not indented deeper.
_CONTINUATION = re.compile(
    r"(\}\s*)?(elif|else|elsif|elseif|except|finally|catch|rescue|ensure|after)\b"
)
# Comments and docstrings that may stand between the head of a block and its first statement.
_ONLY_COMMENTS = re.compile(
    r"""(?:\s|(?:#|//|--)[^\n]*(?:\n|\Z)|/\*.*?\*/|\"{3}.*?\"{3}|'{3}.*?'{3})*""", re.DOTALL
)
_CLOSER = re.compile(r"([)\]}]+[;,)\]}]*|end|fi|done|esac|until\b.*|</[\w.:-]+>)[;,)]*$")


def opens_block(line: str, language_id: str) -> bool:
    """Tell whether the lines after `line` belong to a block that it begins."""
    text = line.rstrip()
    if not text:
        return False
    if language_id in _COLON_LANGUAGES and text.endswith(":"):
        return True
    keywords = _KEYWORD_OPENERS.get(language_id)
    return bool((keywords and keywords.search(text)) or _BRACKET_OPENER.search(text))


def wants_block(situation: Situation) -> bool:
    """Tell, before anything is generated, whether a whole block is wanted at the cursor."""
    if any(character.isalnum() for character in situation.line_suffix):
        return False
    if situation.is_blank_line:
        return is_first_of_block(situation)
    return opens_block(situation.line_prefix, situation.language_id)


def is_first_of_block(situation: Situation) -> bool:
    """Tell whether the cursor's blank line is the first of a block, indented already or not yet."""
    head, between = situation.head
    if head and _ONLY_COMMENTS.fullmatch(between):
        return True
    return opens_block(situation.previous_line, situation.language_id)


def _head_indent(situation: Situation) -> int:
    head, _ = situation.head
    return width(indentation(head or situation.previous_line))


@dataclass(frozen=True, slots=True)
class Cut:
    """The wanted part of a generated text; `ended` once nothing that follows can change it."""

    text: str
    ended: bool


def cut(generated: str, situation: Situation) -> Cut:
    """Keep one line, or the block that the cursor or the first generated line opens."""
    lines = generated.split("\n")
    if wants_block(situation):
        if situation.is_blank_line:
            return _until_dedent(lines, 1, _head_indent(situation), situation)
        return _until_dedent(lines, 1, situation.indent, situation)
    first = situation.line_prefix + lines[0]
    if len(lines) > 1 and lines[0].strip() and opens_block(first, situation.language_id):
        return _until_dedent(lines, 1, situation.indent, situation)
    return Cut(lines[0], ended=len(lines) > 1)


def _until_dedent(lines: list[str], start: int, parent: int, situation: Situation) -> Cut:
    """Keep lines from `start` on while they are indented deeper than `parent` columns.

    The last line may still be growing, so it can end the block only once a line end follows it.
    """
    kept = start
    for index in range(start, len(lines)):
        line = lines[index]
        stripped = line.strip()
        if not stripped or width(indentation(line)) > parent:
            if stripped:
                kept = index + 1
            continue
        is_whole = index < len(lines) - 1
        level = width(indentation(line))
        if level == parent and _CONTINUATION.match(stripped):
            kept = index + 1
            continue
        if level == parent and _CLOSER.fullmatch(stripped):
            if not _has_closer(stripped, parent, situation):
                kept = index + 1
            return Cut("\n".join(lines[:kept]), ended=is_whole)
        return Cut("\n".join(lines[:kept]), ended=is_whole)
    return Cut("\n".join(lines[:kept]), ended=False)


def _has_closer(closer: str, parent: int, situation: Situation) -> bool:
    """Tell whether the document already closes the block at that indentation."""
    below = situation.next_line
    same_level = width(indentation(below)) == parent
    return same_level and below.strip().startswith(closer.rstrip(";,"))
