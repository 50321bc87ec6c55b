"""Where a problem is shown in the text, and the change of the text that ends it."""

import json
from dataclasses import dataclass

from config.json_places import ParsedText
from config.json_tokens import token_end
from config.problems import Problem


@dataclass(frozen=True, slots=True)
class Fix:
    """Put `new_text` in place of what stands between two offsets."""

    title: str
    start: int
    end: int
    new_text: str


def underline_of(problem: Problem, parsed: ParsedText) -> tuple[int, int]:
    """Give the stretch of text to mark for a problem of this text: a key, a value, or a token.

    An object or list of several lines is marked at its opening bracket only.
    """
    start, end = parsed.range_of(problem.pointer, of_key=problem.is_about_key)
    if problem.line is not None and problem.column is not None:
        # Faults of syntax, and of keys given twice, stand where their pointer does not lead.
        offset = parsed.offset_of(problem.line, problem.column)
        if offset != start:
            return offset, token_end(parsed.text, offset)
    is_long = parsed.text[start : start + 1] in ("{", "[") and "\n" in parsed.text[start:end]
    return (start, start + 1) if is_long else (start, end)


def fix_of(problem: Problem, parsed: ParsedText) -> Fix | None:
    """Give the change that writes what was probably meant, if the problem tells it."""
    if problem.replacement is None:
        return None
    start, end = parsed.range_of(problem.pointer, of_key=problem.is_about_key)
    if parsed.text[start : start + 1] in ("{", "["):
        return None
    new_text = json.dumps(problem.replacement, ensure_ascii=False)
    return Fix(f"Change to {new_text}", start, end, new_text)
