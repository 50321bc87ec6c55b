"""The code in a chat model's answer, without the fences and the talk around it."""

import re
from dataclasses import dataclass
from itertools import dropwhile

from lsp_server.completion.cleaning import before_special_token

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^\n`]*)")
# In these, sentences are what is being edited.
_PROSE_LANGUAGES = frozenset(
    {"markdown", "plaintext", "text", "asciidoc", "restructuredtext", "rst", "latex", "tex", "org",
     "gitcommit", "git-commit", "mail", "quarto", "typst"}
)  # fmt: skip
_FEWEST_WORDS = 3
_CODE = re.compile(r"[=;{}\[\]<>|\\@$&]|\w\(|^\s*(#|//|--|/?\*|\"\"\"|''')|\bdef\b.*:$")
_SENTENCE = re.compile(
    r"[A-Z\"'(*\d-].*[.!?:)*\"']$|(Sure|Here|Note|Certainly|Of course)\b.*", re.S
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """Code found in an answer, if any; `is_open` says that no closing fence marks its end."""

    code: str | None
    is_open: bool = True


def fence_for(text: str) -> str:
    """A fence that no line of `text` closes."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    return "`" * (longest + 1)


def extract_code(answer: str, language_id: str, selected: str) -> Extracted:
    """Find the code in an answer, with LF line ends.

    The longest fenced block is it; without one, the answer itself, unless it is talk.
    """
    text = before_special_token(answer.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = _blocks(text)
    if blocks:
        return max(blocks, key=lambda block: len(block.code or ""))
    if not text.strip():
        return Extracted(None)
    if language_id in _PROSE_LANGUAGES or _is_prose(selected):
        return Extracted(text)
    code = _without_talk(text)
    return Extracted(code or None)


def _blocks(text: str) -> list[Extracted]:
    """All fenced blocks; a fence that names a language inside a block belongs to its text."""
    found: list[Extracted] = []
    held: list[str] | None = None
    opened: list[str] = []
    for line in text.split("\n"):
        fence = _FENCE.fullmatch(line)
        if fence is None:
            if held is not None:
                held.append(line)
            continue
        mark, info = fence[1], fence[2].strip()
        if held is None:
            held, opened = [], [mark]
        elif not info and mark.startswith(opened[-1]):
            opened.pop()
            if opened:
                held.append(line)
            else:
                found.append(Extracted("\n".join(held), is_open=False))
                held = None
        else:
            if info and mark[0] == opened[-1][0] and len(mark) >= len(opened[0]):
                opened.append(mark)
            held.append(line)
    if held is not None:
        found.append(Extracted("\n".join(held)))
    return found


def _without_talk(text: str) -> str:
    """Drop sentences before and after the code."""
    lines = list(dropwhile(_is_talk, text.split("\n")))
    return "\n".join(list(dropwhile(_is_talk, lines[::-1]))[::-1])


def _is_prose(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(_is_talk(line) for line in lines)


def _is_talk(line: str) -> bool:
    """Tell whether a line is blank or reads as a sentence, and not as code."""
    bare = line.strip()
    if not bare:
        return True
    if line[:1] in (" ", "\t") or _CODE.search(re.sub(r"`[^`]*`", "", bare)):
        return False
    return len(bare.split()) >= _FEWEST_WORDS and _SENTENCE.fullmatch(bare) is not None
