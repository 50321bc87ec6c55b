"""Holes in Python code, found with the language's own parser."""

import ast
import random
from collections.abc import Iterator
from itertools import pairwise

from tests.real_holes import Hole

LONGEST = 1_500
COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)


def holes_in(place: str, text: str, chance: random.Random) -> Iterator[Hole]:
    """Give the holes of one file: bodies, statements that open blocks, ends of lines, arguments."""
    lines = _Lines(text)
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(node, (*COMPOUND, ast.AsyncFunctionDef)):
            yield from _in_body(place, lines, node, body, chance)
        if isinstance(node, ast.Call):
            yield from lines.arguments(place, node)


def _in_body(
    place: str, lines: "_Lines", node: ast.stmt, body: list[ast.stmt], chance: random.Random
) -> Iterator[Hole]:
    first, last = _first_line(body[0]), body[-1].end_lineno or 0
    if first > node.lineno and isinstance(node, ast.FunctionDef):
        last = lines.with_comments_after(last, first)
        first = lines.comments_before(first)
        yield lines.hole(place, "body", first, last)
        yield lines.hole(place, "head", first - 1, last, from_end=True)
    for previous, statement in pairwise(body):
        start, end = _first_line(statement), statement.end_lineno or 0
        if start <= (previous.end_lineno or 0) or lines.has_more(statement):
            continue
        if isinstance(statement, COMPOUND) and not _is_docstring(previous):
            yield lines.hole(place, "statement", start, end)
        if start == end:
            begin = statement.col_offset
            line = lines.lines[start - 1]
            if len(line) - begin > 4:
                column = chance.randrange(begin + 2, len(line) - 1)
                column += line[column] == " "
                yield lines.hole(place, "line", start, end, column=column)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min(node.lineno, *(int(decorator.lineno) for decorator in decorators), node.lineno)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _Lines:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def indent(self, number: int) -> int:
        line = self.lines[number - 1]
        return len(line) - len(line.lstrip())

    def has_more(self, node: ast.stmt) -> bool:
        """Tell whether the statement shares its last line with another, or has a wide line."""
        line = self.lines[(node.end_lineno or 0) - 1].encode()
        rest = line[node.end_col_offset or 0 :].strip()
        return not self.lines[node.lineno - 1].isascii() or rest[:1] not in (b"", b"#")

    def comments_before(self, first: int) -> int:
        while self.lines[first - 2].lstrip().startswith("#"):
            first -= 1
        return first

    def with_comments_after(self, last: int, first: int) -> int:
        """Count comments that follow on the body's own level to the body."""
        number = last + 1
        while number <= len(self.lines):
            line = self.lines[number - 1]
            if line.strip():
                if not line.lstrip().startswith("#") or self.indent(number) < self.indent(first):
                    break
                last = number
            number += 1
        return last

    def arguments(self, place: str, call: ast.Call) -> Iterator[Hole]:
        """Give what stands in the brackets of a call."""
        start = self.starts[(call.func.end_lineno or 0) - 1] + (call.func.end_col_offset or 0)
        end = self.starts[(call.end_lineno or 0) - 1] + (call.end_col_offset or 0)
        if self.text[start : start + 1] == "(" and self.text[end - 1 : end] == ")":
            at = f"{place}:{call.lineno}"
            yield Hole(at, "arguments", "python", self.text, start + 1, end - 1)

    def hole(
        self,
        place: str,
        kind: str,
        first: int,
        last: int,
        *,
        column: int | None = None,
        from_end: bool = False,
    ) -> Hole:
        line = self.lines[first - 1]
        if column is None:
            column = len(line.rstrip()) if from_end else self.indent(first)
        start = self.starts[first - 1] + column
        end = self.starts[last - 1] + len(self.lines[last - 1])
        return Hole(f"{place}:{first}", kind, "python", self.text, start, end)
