"""Reads code line by line: which brackets, strings and comments are open where."""

import re
from functools import lru_cache
from typing import NamedTuple

from lsp_server.completion import tags
from lsp_server.completion.languages import Language, language_of
from lsp_server.completion.patterns import code_of, ending_of

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
# What may stand before a `/` that begins a regular expression.
_BEFORE_REGEX = re.compile(
    r"(?:^|[(,=:\[!&|?{};~+*%<>-]|\b(?:return|typeof|case|and|or|not|if|unless))\s*$"
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/")
# What follows the end of a body and not its beginning.
_AFTER_BODY = re.compile(r"\s*(?:;|language\b)", re.IGNORECASE)


class Open(NamedTuple):
    """Something begun and not yet ended: what ends it, and the indentation of its line.

    `form` is empty for brackets, and tells the kind of text otherwise.
    """

    closer: str
    indent: int
    form: str = ""


Opens = tuple[Open, ...]
NO_MARGIN = 10_000


class Scan(NamedTuple):
    """One line, read: what is open after it, and what it closed."""

    opens: Opens
    lowest: int
    """The fewest that were open at any point of the line."""
    closed: tuple[tuple[int, int], ...]
    """Depth and column of each closed bracket; depth -1 for one that nothing opened."""
    code_end: int
    """Where the code ends and a comment to the end of the line begins."""
    unfinished: str
    """The quote of a one-line string that the line leaves open."""
    margin: int
    """Columns of the statement that the next line may still belong to; `NO_MARGIN` for none."""

    @property
    def is_text(self) -> bool:
        """Whether the next line begins inside a string or comment."""
        return bool(self.opens) and bool(self.opens[-1].form)


def width_of(line: str) -> int:
    """Columns of indentation of a line; where tabs and blanks are mixed, tabs are eight wide."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(8))


@lru_cache(maxsize=8192)
def scan(line: str, opens: Opens, language_id: str, margin: int = NO_MARGIN) -> Scan:
    """Read one line that begins with `opens` open, in a statement that began at `margin`."""
    return _Reader(line, opens, language_of(language_id), margin).read()


class _Reader:
    def __init__(self, line: str, opens: Opens, language: Language, margin: int) -> None:
        self.line = line
        self.language = language
        self.opens = list(opens)
        self.indent = width_of(line)
        self.head = min(self.indent, margin)
        self.margin = margin
        """Columns of the line that what this line opens belongs to."""
        self.lowest = len(opens)
        self.closed: list[tuple[int, int]] = []
        self.heredocs: list[Open] = []
        self.code_end = len(line)
        self.closers_end = len(line) - len(line.lstrip(")]} \t"))
        """Where the closing brackets end that the line begins with."""
        self.unfinished = ""

    def read(self) -> Scan:
        position = 0
        while 0 <= position < len(self.line):
            if self.opens and self.opens[-1].form:
                position = self.read_text(position)
            else:
                position = self.read_code(position)
        self.opens.extend(self.heredocs)
        return Scan(
            tuple(self.opens),
            self.lowest,
            tuple(self.closed),
            self.code_end,
            self.unfinished,
            self.next_margin(),
        )

    def next_margin(self) -> int:
        """Tell where the statement began that this line leaves unfinished."""
        code = self.line[: self.code_end].strip()
        if self.language.shape != "braces" or (not code and self.code_end == len(self.line)):
            return NO_MARGIN
        if not code:
            return self.margin
        is_done = code.endswith((";", "{", "}", ":")) and not code.endswith("::")
        return NO_MARGIN if is_done else min(self.margin, self.indent)

    def read_text(self, position: int) -> int:
        """Read on inside a string or comment; give where its end leaves off, or -1."""
        top = self.opens[-1]
        if top.form == "heredoc":
            if self.line.strip().rstrip(";,)") == top.closer:
                self.pop()
            return -1
        if top.form == "template":
            return self.read_template(position)
        found = ending_of(top.closer, top.form).match(self.line, position)
        if not found or not found["end"]:
            return -1
        self.pop()
        return found.end()

    def read_template(self, position: int) -> int:
        found = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(`|\$\{)?", re.DOTALL).match(
            self.line, position
        )
        if not found or not found[1]:
            return -1
        if found[1] == "`":
            self.pop()
        else:
            self.opens.append(Open("}", self.head))
        return found.end()

    def read_code(self, position: int) -> int:
        """Read up to and over the next thing that matters; give where it ends, or -1."""
        if self.language.has_tags and self.opens:
            position = self.read_inside_element(position)
            if position < 0:
                return -1
        found = code_of(self.language).search(self.line, position)
        if not found:
            return -1
        kind, text, start = found.lastgroup or "", found[0], found.start()
        if kind == "line_comment":
            self.code_end = start
            return -1
        if kind == "tag":
            return self.read_attributes(found["tag_name"], self.indent, found.end())
        if kind == "slash":
            return self.read_slash(start)
        if kind == "quote":
            return self.read_quote(text, found.end())
        if kind == "end_tag":
            self.close_element(found["end_tag_name"], start)
        else:
            self.read_opening_or_closing(kind, text, start)
        return found.end()

    def read_opening_or_closing(self, kind: str, text: str, start: int) -> None:
        """Read what has no more to it than that it opens or closes something."""
        if kind == "bracket":
            self.read_bracket(text, start)
        elif kind == "body_quote":
            self.read_body_quote(text, start)
        elif kind == "heredoc":
            name = text.lstrip("<-~ ").strip("\"'")
            self.heredocs.append(Open(name, self.indent, "heredoc"))
        elif kind == "block_comment":
            closer = next(
                end for begin, end in self.language.block_comments if begin.strip() == text
            )
            self.opens.append(Open(closer, self.indent, "comment"))

    def read_inside_element(self, position: int) -> int:
        """Read what goes on from the line above: a tag, or code between two; -1 to the end."""
        top = self.opens[-1]
        if name := tags.unfinished_name(top.closer):
            self.opens.pop()
            return self.read_attributes(name, top.indent, position)
        return tags.after_code(self.line, top.closer, position)

    def read_attributes(self, name: str, indent: int, position: int) -> int:
        """Read the rest of a tag; give where it ends, or -1 when it goes on on the next line."""
        self.lowest = min(self.lowest, len(self.opens))
        ended = tags.end_of_attributes(self.line, position)
        if ended is None:
            self.opens.append(Open(tags.unfinished(name), indent))
            return -1
        end, is_self_closing = ended
        if not is_self_closing and not tags.is_void(name):
            self.opens.append(Open(tags.closer_of(name), indent))
        return end

    def close_element(self, name: str, column: int) -> None:
        """Close an element with all that is still open in it."""
        for depth in range(len(self.opens) - 1, -1, -1):
            if self.opens[depth].closer == tags.closer_of(name):
                del self.opens[depth:]
                self.lowest = min(self.lowest, depth)
                self.closed.append((depth, column))
                return
        if not tags.is_void(name):
            self.closed.append((-1, column))

    def read_slash(self, start: int) -> int:
        if _BEFORE_REGEX.search(self.line, max(0, start - 20), start):
            regex = _REGEX.match(self.line, start)
            if regex:
                return regex.end()
        return start + 1

    def read_quote(self, text: str, end: int) -> int:
        quote = next(quote for quote in self.language.quotes if quote.opener == text)
        found = ending_of(quote.closer, quote.form).match(self.line, end)
        if found and found["end"] and quote.form != "template":
            return found.end()
        if quote.spans_lines:
            self.opens.append(Open(quote.closer, self.indent, quote.form))
            return end
        self.unfinished = quote.closer
        return -1

    def read_bracket(self, bracket: str, column: int) -> None:
        if bracket in _CLOSERS:
            self.opens.append(Open(_CLOSERS[bracket], self.head))
            return
        is_first = column <= self.closers_end
        depth = self.depth_closed_by(bracket, is_first)
        if depth is not None:
            self.head = min([self.head, *(entry.indent for entry in self.opens[max(depth, 0) :])])
            del self.opens[max(depth, 0) :]
            self.lowest = min(self.lowest, len(self.opens))
            self.closed.append((depth, column))

    def read_body_quote(self, quote: str, column: int) -> None:
        """Open a body, or close the one that began alike, with all that is open in it."""
        for depth, entry in enumerate(self.opens):
            if entry.closer == quote:
                del self.opens[depth:]
                self.lowest = min(self.lowest, depth)
                self.closed.append((depth, column))
                return
        if _AFTER_BODY.match(self.line, column + len(quote)):
            self.closed.append((-1, column))
        else:
            self.opens.append(Open(quote, self.head))

    def depth_closed_by(self, bracket: str, is_first: bool) -> int | None:
        """Find which open bracket a closing one belongs to; None when it is to be ignored.

        One that begins its line goes with the line of the same indentation when the innermost
        one stands deeper, which is how reading recovers from what it has misread.
        """
        top = self.opens[-1] if self.opens else None
        if is_first and (top is None or top.closer != bracket or top.indent > self.indent):
            for depth in range(len(self.opens) - 1, -1, -1):
                entry = self.opens[depth]
                if entry.closer == bracket and entry.indent == self.indent:
                    return depth
        if top is not None:
            return len(self.opens) - 1 if top.closer == bracket else None
        return -1

    def pop(self) -> None:
        self.opens.pop()
        self.lowest = min(self.lowest, len(self.opens))
