"""A model's code, made to fit the place of a selection: indentation, line ends, last newline."""

import re
from difflib import SequenceMatcher

from lsp_server.documents import content_length, split_lines, without_line_end
from lsp_server.edits.indentation import indentation_of, reindented
from lsp_server.edits.selection import Selection

_HEAD = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*")
_TAIL = re.compile(r"(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*\Z")
_MOST_LINE_PAIRS = 4_000_000


def fitted(code: str, selection: Selection) -> str:
    """Give the text that replaces the selection; blank code deletes it.

    The selection's own blank lines at either end stay, since models seldom give them back.
    """
    lines = code.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return ""
    head, body, tail = _parts(selection)
    lead = "" if head else selection.lead
    lines = [line.rstrip() if not line.strip() else line for line in lines]
    lines = _indented(lines, lead, body, selection)
    return head + _with_line_ends(lines, body, selection.line_end) + tail


def _parts(selection: Selection) -> tuple[str, str, str]:
    """Split a selection into blank lines, text, and what ends its last line."""
    text = selection.text
    if text.strip():
        head = _HEAD.match(text)
        start = head.end() if head else 0
        tail = _TAIL.search(text)
        end = tail.start() if tail else len(text)
        return text[:start], text[start:end], text[end:]
    if text.endswith(("\n", "\r")):
        return "", "", selection.line_end
    if selection.begins_line and selection.rest.strip():
        return "", "", selection.line_end + selection.lead
    return "", "", ""


def _indented(lines: list[str], lead: str, body: str, selection: Selection) -> list[str]:
    old = [without_line_end(line) for line in split_lines(lead + body)]
    if not body and not lead:
        # Nothing says how deep it goes, but the model has seen the lines around.
        return lines
    base = indentation_of(old[0])
    placed = reindented(lines, old if body else (), base, selection.unit)
    if lead.strip():
        own = body[: len(body) - len(body.lstrip(" \t"))]
        return [own + placed[0].lstrip(" \t"), *placed[1:]]
    first = placed[0]
    return [first[len(lead) :] if first.startswith(lead) else first.lstrip(" \t"), *placed[1:]]


def _with_line_ends(lines: list[str], old: str, line_end: str) -> str:
    """Join lines; one that was there before keeps its own line end, in files that mix them."""
    old_lines = split_lines(old)
    ends = [line_end] * (len(lines) - 1) + [""]
    kept = {line[content_length(line) :] for line in old_lines[:-1]}
    if kept - {line_end} and len(lines) * len(old_lines) <= _MOST_LINE_PAIRS:
        contents = [without_line_end(line) for line in old_lines]
        matcher = SequenceMatcher(None, contents, lines, autojunk=False)
        for there, here, size in matcher.get_matching_blocks():
            for index in range(size):
                end = old_lines[there + index][len(contents[there + index]) :]
                if end and here + index < len(lines) - 1:
                    ends[here + index] = end
    return "".join(line + end for line, end in zip(lines, ends, strict=True))
