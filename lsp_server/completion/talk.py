"""Sentences that a chat model writes before the code that was wanted, or instead of it."""

import re

from lsp_server.completion.blocks import is_markup
from lsp_server.completion.languages import LANGUAGES, language_of
from lsp_server.completion.situation import Situation

# Languages in which sentences stand among the code, without any mark.
_HOLD_SENTENCES = frozenset(["php", "ini", "makefile"])
_WORD = r"[\w'\u2019\"`()/*.,:;!?-]++"
_SENTENCE = rf"(?:[A-Z][\w'\u2019]*+[,:;.!?]?(?: {_WORD}){{3,}}|Here['\u2019]s(?: {_WORD})+)"
_BLANK_LINES = r"(?:[^\S\n]*+\n)*+"
_TALK = re.compile(
    rf"(?:{_BLANK_LINES}[^\S\n]*+{_SENTENCE}(?<=[.!?:])[^\S\n]*+(?:\n|\Z))+"
    # The end of a thought whose beginning stood in the prompt.
    rf"(?:{_BLANK_LINES}</think>[^\S\n]*+(?:\n|\Z)(?:\s*\n)?)?"
)


def without_talk(text: str, situation: Situation) -> str:
    """Give what follows the sentences that a text begins with, where sentences are no code."""
    talk = _TALK.match(text)
    return text[talk.end() :] if talk and not _may_be_sentence(situation) else text


def _may_be_sentence(situation: Situation) -> bool:
    language_id, here = situation.language_id, situation.here
    language = language_of(language_id)
    return (
        language_id not in LANGUAGES
        or language_id in _HOLD_SENTENCES
        or language.shape == "prose"
        or language.has_items
        or is_markup(language_id)
        or language.has_tags
        or here.is_text
        or bool(here.unfinished)
        or here.code_end < len(situation.line_prefix)
    )
