"""Code inside of another language: fenced in Markdown, in `script` and `style` of a page."""

import re
from functools import lru_cache

from lsp_server.completion.languages import LANGUAGES, language_of
from lsp_server.completion.situation import Situation

_FENCED_IN = frozenset(["markdown", "mdx", "quarto", "rmd"])
_FENCE = re.compile(
    r"[ \t]*+(?:>[ \t]*+)?(?P<marks>`{3,}+|~{3,}+)[ \t]*+\{?\.?(?P<name>[\w+#-]*+)[^`]*+"
)
_ELEMENT = re.compile(
    r"<(?P<kind>script|style)(?=[\s>])(?P<attributes>[^<>]*)>|</(?:script|style)\s*>", re.IGNORECASE
)
_WRITTEN_IN = re.compile(r"(?:lang|type)=[\"']?(?:\w+/)?(?P<name>[\w-]+)")
_SHORT = {
    "js": "javascript",
    "mjs": "javascript",
    "module": "javascript",
    "node": "javascript",
    "jsx": "javascriptreact",
    "ts": "typescript",
    "tsx": "typescriptreact",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "golang": "go",
    "kt": "kotlin",
    "cs": "csharp",
    "c++": "cpp",
    "yml": "yaml",
    "shell": "shellscript",
    "console": "shellscript",
    "ex": "elixir",
    "objc": "objective-c",
    "vimscript": "viml",
    "make": "makefile",
    "postcss": "css",
    "md": "markdown",
}


@lru_cache(maxsize=8)
def innermost(situation: Situation) -> Situation:
    """Give the situation in the code that the cursor stands in, without what is around it."""
    language_id = situation.language_id
    if language_id in _FENCED_IN:
        return _in_fence(situation)
    if language_of(language_id).has_tags:
        return _in_element(situation)
    return situation


def _in_fence(situation: Situation) -> Situation:
    above = situation.lines_above
    marks, name, first = _open_fence(above)
    if not marks:
        return situation
    end = re.search(rf"^[ \t>]*{re.escape(marks)}", situation.suffix, re.MULTILINE)
    suffix = situation.suffix[: end.start()] if end else situation.suffix
    prefix = "\n".join([*above[first:], situation.line_prefix])
    return Situation(prefix, suffix, _language_id(name, name), closer=marks)


def _open_fence(lines: list[str]) -> tuple[str, str, int]:
    """Give the fence that is open after the lines: its marks, its name, and where it begins.

    One with a name begins something. Of the others their surroundings tell, all together, whether
    the text was clipped inside of a fence.
    """
    marks, name, first, doubts = "", "", 0, 0
    for number, line in enumerate(lines):
        fence = _FENCE.fullmatch(line)
        if not fence:
            continue
        before, after = (not text.strip() for text in _around(lines, number))
        is_closing = bool(marks) and fence["marks"].startswith(marks) and not fence["name"]
        if before != after:
            doubts += 1 if before == is_closing else -1
        if is_closing:
            marks = ""
        elif not marks or (fence["name"] and fence["marks"] == marks):
            marks, name, first = fence["marks"], fence["name"], number + 1
            doubts = min(doubts, 0) if name else doubts
    if doubts > 0:
        marks = "" if marks else "```"
        first = max(n + 1 for n, line in enumerate(lines) if _FENCE.fullmatch(line))
    return marks, name if marks else "", first


def _around(lines: list[str], number: int) -> tuple[str, str]:
    """Give the line above and the one below; below the last there is the cursor's."""
    return lines[number - 1] if number else "", lines[number + 1] if number + 1 < len(
        lines
    ) else "."


def _in_element(situation: Situation) -> Situation:
    last = next(reversed([*_ELEMENT.finditer(situation.prefix)]), None)
    if last is None or not last["kind"]:
        return situation
    default = "css" if last["kind"].lower() == "style" else "javascript"
    written_in = _WRITTEN_IN.search(last["attributes"])
    end = re.search(rf"</{last['kind']}", situation.suffix, re.IGNORECASE)
    return Situation(
        situation.prefix[last.end() :],
        situation.suffix[: end.start()] if end else situation.suffix,
        _language_id(written_in["name"] if written_in else "", default),
        closer=f"</{last['kind']}",
    )


def _language_id(name: str, default: str) -> str:
    name = name.lower()
    name = _SHORT.get(name, name)
    return name if name in LANGUAGES else default
