"""JSON with comments and trailing commas, as people write and paste it: value, places, faults.

Besides whole documents it reads what documentation pages show: members without outer braces.
"""

import re
from dataclasses import replace

from config.json_places import ParsedText, Syntax, existing, line_and_column
from config.json_tokens import Token, decode_scalar, decode_string, tokens
from config.problems import Problem, Severity, shown
from config.shapes import child

_DEEPEST = 100
_MOST_PROBLEMS = 50
_CLOSERS = {"{": "}", "[": "]"}
_NAMES = {"}": "object", "]": "list"}


def parse(text: str) -> ParsedText:
    """Read a text; never raises, and takes time in proportion to its length."""
    line_starts = (0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text)))
    parser = _Parser(text, line_starts)
    value, syntax = parser.read_root()
    # Of a key given twice, the first value is gone, with the places of what is wrong in it.
    found = [replace(p, pointer=existing(p.pointer, value)) for p in parser.problems]
    problems = sorted(found, key=lambda p: (p.line or 0, p.column or 0))
    return ParsedText(text, value, syntax, tuple(problems), line_starts)


class _Parser:
    def __init__(self, text: str, line_starts: tuple[int, ...]) -> None:
        self.problems: list[Problem] = []
        self._line_starts = line_starts
        self._tokens = tokens(text)
        self._path: list[str | int] = []
        self._closers: list[str] = []
        self._is_cut_off = False
        self._faulty_offset = -1
        self._last_end = 0
        self._token = next(self._tokens)
        self._following = next(self._tokens)

    def read_root(self) -> tuple[object, Syntax]:
        syntax = Syntax(self._token.start)
        if self._is_end():
            self._report(self._token, "The text is empty; write an object, { ... }.")
            return None, syntax
        if self._is_key():
            syntax.is_cut_off = True
            value: object = self._members(syntax)
        else:
            value = self._value(syntax)
            if self._is_mark(","):
                self._advance()
        if self._token.kind == "open_comment":
            self._check_end("document")
        elif not self._is_end():
            self._report(self._token, "This stands after the end of the document; remove it.")
        if syntax.is_cut_off:
            syntax.end = self._token.start
        return value, syntax

    def _value(self, syntax: Syntax) -> object:
        token = self._token
        syntax.start = token.start
        value: object = None
        if token.kind == "mark" and token.text in _CLOSERS:
            value = self._container(syntax, token)
        elif token.kind in ("string", "scalar"):
            decode = decode_string if token.kind == "string" else decode_scalar
            value, fault = decode(token.text)
            if fault is not None:
                self._report(token, fault)
            self._advance()
        elif not self._check_end("value"):
            self._report(token, "A value is missing here.")
            if token.text == ":":
                self._advance()
        # A missing value stands, without length, where the next token begins.
        end = self._token.start if syntax.is_cut_off else self._last_end
        syntax.end = max(end, syntax.start)
        return value

    def _container(self, syntax: Syntax, opener: Token) -> object:
        if len(self._closers) >= _DEEPEST:
            message = f"This is nested more than {_DEEPEST} levels deep; make it flatter."
            self._report(opener, message)
            self._skip()
            return None
        self._advance()
        closer = _CLOSERS[opener.text]
        self._closers.append(closer)
        value: object = self._members(syntax) if closer == "}" else self._items(syntax)
        self._closers.pop()
        if self._is_mark(closer):
            self._advance()
            return value
        syntax.is_cut_off = True
        if not self._check_end(_NAMES[closer]):
            message = f"A {closer} is missing before this to close the {_NAMES[closer]}."
            self._report(self._token, message)
        return value

    def _members(self, syntax: Syntax) -> dict[str, object]:
        members: dict[str, object] = {}
        places: list[Syntax] = []
        while not self._is_at_end_of_container():
            token = self._token
            if token.kind not in ("string", "scalar"):
                self._report(token, "A key in double quotes is missing here.")
                self._skip()
                continue
            key, fault = decode_string(token.text) if token.kind == "string" else (token.text, None)
            if token.kind == "scalar":
                fault = "Put this key in double quotes."
            if fault is not None:
                self._report(token, fault)
            self._advance()
            inner = Syntax(self._token.start, self._token.start, key)
            inner.key_start, inner.key_end = token.start, self._last_end
            self._path.append(key)
            if key in members:
                message = f"The key {shown(key)} is here twice; only the last one counts."
                self._report(token, message, "duplicate-key", "warning")
            members[key] = self._member_value(inner)
            self._path.pop()
            places.append(inner)
            self._separator()
        syntax.opener, syntax.members = "{", places
        return members

    def _member_value(self, syntax: Syntax) -> object:
        if self._is_mark(":"):
            self._advance()
            syntax.colon_end = self._last_end
        elif not self._check_end("object"):
            self._report(self._token, "A colon is missing before this, after the key.")
        if self._is_key():
            # While someone writes, the next member often follows a key without a value.
            self._report(self._token, "A value is missing before this key.")
            syntax.start = syntax.end = self._token.start
            return None
        has_value = not self._is_mark(",") and not self._is_at_end_of_container()
        return self._value(syntax) if has_value or syntax.colon_end is not None else None

    def _items(self, syntax: Syntax) -> list[object]:
        items: list[object] = []
        places: list[Syntax] = []
        while not self._is_at_end_of_container():
            inner = Syntax(self._token.start, name=str(len(items)))
            self._path.append(len(items))
            value = self._value(inner)
            self._path.pop()
            places.append(inner)
            items.append(value)
            self._separator()
        syntax.opener, syntax.members = "[", places
        return items

    def _separator(self) -> None:
        if self._is_mark(","):
            self._advance()
        elif not self._is_at_end_of_container():
            self._report(self._token, "A comma is missing before this.")

    def _is_at_end_of_container(self) -> bool:
        token = self._token
        while token.text in ("}", "]") and token.kind == "mark" and token.text not in self._closers:
            self._report(token, f"This {token.text} closes nothing; remove it.")
            self._advance()
            token = self._token
        return token.kind in ("end", "open_comment") or (
            token.kind == "mark" and token.text in ("}", "]")
        )

    def _skip(self) -> None:
        """Pass over one token, or a whole bracketed stretch without looking inside."""
        depth = 0
        while self._token.kind not in ("end", "open_comment"):
            depth += (self._token.text in _CLOSERS) - (self._token.text in _NAMES)
            self._advance()
            if depth <= 0:
                return

    def _check_end(self, what: str) -> bool:
        """Report, once, that the text ends too early."""
        if self._token.kind not in ("end", "open_comment"):
            return False
        if not self._is_cut_off:
            self._is_cut_off = True
            message = f"The text ends before this {what} is complete; close it."
            if self._token.kind == "open_comment":
                message = "This comment is not closed; end it with */."
            self._report(self._token, message)
        return True

    def _is_key(self) -> bool:
        return self._token.kind in ("string", "scalar") and self._is_mark(":", self._following)

    def _is_end(self) -> bool:
        return self._token.kind == "end"

    def _is_mark(self, text: str, token: Token | None = None) -> bool:
        token = token or self._token
        return token.kind == "mark" and token.text == text

    def _advance(self) -> None:
        self._last_end = self._token.start + len(self._token.text)
        self._token, self._following = self._following, next(self._tokens)

    def _report(
        self, token: Token, message: str, code: str = "syntax", severity: Severity = "error"
    ) -> None:
        # What is missing before a token is said once, though several rules may notice.
        is_repeated = code == "syntax" and token.start == self._faulty_offset
        if len(self.problems) >= _MOST_PROBLEMS or is_repeated:
            return
        if code == "syntax":
            self._faulty_offset = token.start
        pointer = ""
        for part in self._path:
            pointer = child(pointer, part)
        line, column = line_and_column(self._line_starts, token.start)
        self.problems.append(Problem(code, severity, pointer, message, line, column))
