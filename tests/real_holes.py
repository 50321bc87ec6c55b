"""Holes cut out of real code, filled through the pipeline as a stream fills them."""

import re
from dataclasses import dataclass

from lsp_server.completion.completeness import Completeness
from lsp_server.completion.pipeline import suggest
from lsp_server.completion.situation import Situation

PREFIX_CHARACTERS, SUFFIX_CHARACTERS = 12_000, 4_000
# About as long as a model's tokens are in code.
_TOKEN = re.compile(r"\n[ \t]*|[ \t]?\w{1,6}|[ \t]?[^\w\s]{1,2}|\s")


@dataclass(frozen=True, slots=True)
class Hole:
    """A piece of a document that a suggestion should bring back exactly."""

    place: str
    kind: str
    language_id: str
    text: str
    start: int
    end: int

    @property
    def situation(self) -> Situation:
        """What the pipeline sees of the document without the piece."""
        return Situation.of(
            self.text[max(0, self.start - PREFIX_CHARACTERS) : self.start],
            self.text[self.end : self.end + SUFFIX_CHARACTERS],
            self.language_id,
        )

    @property
    def wanted(self) -> str:
        """The piece itself."""
        return self.text[self.start : self.end]


NOISES = ("none", "fence", "echo", "indentation", "suffix")


def is_fitting(hole: Hole, noise: str) -> bool:
    """Tell whether a habit can show at that place."""
    typed = hole.situation.line_prefix
    if noise == "indentation":
        return bool(typed) and not typed.strip()
    if noise == "echo":
        echoed = hole.situation.previous_line if hole.situation.is_blank_line else typed
        return len(echoed.strip()) > 2 and any(letter.isalnum() for letter in echoed)
    return True


def written(hole: Hole, noise: str = "none") -> str:
    """Give what a model writes: the piece and on into the rest, with a bad habit or none."""
    on = hole.text[hole.start : hole.end + 1_500]
    situation = hole.situation
    if noise == "fence":
        return f"```{hole.language_id}\n{hole.wanted}\n```\n\nThis fills in the code."
    if noise == "echo":
        if situation.is_blank_line:
            return f"{situation.previous_line}\n{situation.line_prefix}{on}"
        return situation.line_prefix + on
    if noise == "indentation":
        return (situation.line_prefix or "    ") + on
    if noise == "suffix":
        rest = hole.text[hole.end :].split("\n")
        return hole.wanted + "\n".join(rest[:4])
    return on


def is_complete(raw: str, situation: Situation) -> bool:
    """Tell of a text as a whole what is told of a stream that has come so far."""
    return Completeness(situation).add(raw)


def stream(hole: Hole, raw: str) -> str:
    """Give as much of the text as is read before the pipeline has enough."""
    completeness = Completeness(hole.situation)
    seen = ""
    for token in _TOKEN.findall(raw):
        seen += token
        if completeness.add(token):
            break
    return seen


def accepted(hole: Hole, raw: str) -> str | None:
    """Give what stands in place of the hole once the suggestion is accepted, or None."""
    suggestion = suggest(raw, hole.situation)
    if suggestion is None:
        return None
    replaced = hole.situation.suffix[: suggestion.replaces]
    text = suggestion.text
    # What is replaced is written again: only the difference counts.
    return text.removesuffix(replaced) if text.endswith(replaced) else text + "\0"


def is_restored(hole: Hole, raw: str) -> bool:
    """Tell whether accepting the suggestion gives the document back, blanks at line ends aside."""
    text = accepted(hole, raw)
    return text is not None and without_trailing_blanks(text) == without_trailing_blanks(
        hole.wanted
    )


def without_trailing_blanks(text: str) -> str:
    """Give the text with every line trimmed on the right."""
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()
