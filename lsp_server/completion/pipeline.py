"""From what a model writes to what is offered: the steps, in order."""

import re
from functools import lru_cache

from lsp_server.completion.cleaning import clean, is_marked, is_over, is_undecided
from lsp_server.completion.cutting import cut
from lsp_server.completion.fitting import Suggestion, fit
from lsp_server.completion.membership import what_decides
from lsp_server.completion.repeats import without_loop, without_suffix_repeat
from lsp_server.completion.situation import Situation

# A chat turn, or the header of a context snippet, is the prompt's form leaking and never code.
_LEAK = re.compile(r"\s*(?:(?:Human|Assistant):|(?:#|//|--|;|%) Path: )")


def suggest(raw: str, situation: Situation) -> Suggestion | None:
    """Give what is worth showing of a model's whole answer, or None."""
    text = cut(clean(raw, situation), situation).text
    text = without_suffix_repeat(text, situation).text
    text = without_loop(_right_trimmed(text), situation).text
    if len(text.strip()) <= 1 or _LEAK.match(text):
        return None
    suggestion = fit(text, situation)
    return suggestion if suggestion and len(suggestion.text.strip()) > 1 else None


def _right_trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()


def is_complete(raw: str, situation: Situation) -> bool:
    """Tell, while a model still writes, that nothing more of it will be used.

    Cheap enough to ask for every piece that arrives: only whole lines and the first word of the
    line being written decide, so the work is done about twice a line.
    """
    whole, end, growing = raw.rpartition("\n")
    if not is_marked(growing):
        growing = what_decides(growing)
    return _is_complete(whole + end + growing, situation)


@lru_cache(maxsize=32)
def _is_complete(raw: str, situation: Situation) -> bool:
    if is_over(raw, situation.language_id):
        return True
    if is_undecided(raw, situation.language_id):
        return False
    text = clean(raw, situation)
    if not text.strip():
        return False
    wanted = cut(text, situation)
    if wanted.ended:
        return True
    return "\n" in wanted.text and (
        without_suffix_repeat(wanted.text, situation).is_final
        or without_loop(wanted.text, situation).is_final
    )
