"""From what a model writes to what is offered: the steps, in order."""

import re

from lsp_server.completion.cleaning import clean
from lsp_server.completion.cutting import cut
from lsp_server.completion.embedded import innermost
from lsp_server.completion.fitting import Suggestion, fit
from lsp_server.completion.languages import language_of
from lsp_server.completion.repeats import without_loop, without_suffix_repeat
from lsp_server.completion.situation import Situation
from lsp_server.completion.units import in_unit_of_file

# A chat turn, or the header of a context snippet, is the prompt's form leaking and never code.
_LEAK = re.compile(r"\s*(?:(?:Human|Assistant):|(?:[-#/;%!:*'\"]{1,4}|<!--|\(\*|\{-|REM) Path: )")
# In code neither is the head of a turn in Markdown, nor a fence with nothing in it.
_MARKDOWN_LEAK = re.compile(
    r"\s*(?:###\s+(?:Human|Assistant|User|System|Instruction|Response):|(?:`{3,}|~{3,})\s*\w*\s*$)"
)


def suggest(raw: str, situation: Situation) -> Suggestion | None:
    """Give what is worth showing of a model's whole answer, or None."""
    situation = innermost(situation)
    text = in_unit_of_file(cut(clean(raw, situation), situation).text, situation)
    text = without_suffix_repeat(text, situation)
    text = without_loop(_right_trimmed(text), situation)
    if len(text.strip()) <= 1 or _is_leak(text, situation):
        return None
    suggestion = fit(text, situation)
    if suggestion and _has_comma_too_many(suggestion, situation):
        suggestion = fit(text.rstrip(", "), situation)
    return suggestion if suggestion and len(suggestion.text.strip()) > 1 else None


def _is_leak(text: str, situation: Situation) -> bool:
    is_prose = language_of(situation.language_id).shape == "prose"
    return bool(_LEAK.match(text) or (not is_prose and _MARKDOWN_LEAK.match(text)))


def _has_comma_too_many(suggestion: Suggestion, situation: Situation) -> bool:
    """Tell whether a text ends with a comma before a closing bracket, which JSON does not allow."""
    if situation.language_id != "json" or not suggestion.text.endswith(","):
        return False
    return situation.suffix[suggestion.replaces :].lstrip()[:1] in ("]", "}")


def _right_trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()
