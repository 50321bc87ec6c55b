"""Holes in code of any language, found with tree-sitter's grammars.

Needs `tree-sitter-language-pack`, which `make bench` installs; the product does without.
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import tree_sitter_language_pack

from tests.benchmarks.tree_insides import inside_of
from tests.real_holes import Hole

# What statements stand in, by the names that grammars use.
_BLOCKS = frozenset(
    [
        "block",
        "statement_block",
        "compound_statement",
        "body_statement",
        "declaration_list",
        "class_body",
        "field_declaration_list",
        "function_body",
        "source_file",
        "program",
        "translation_unit",
        "chunk",
        "do_group",
        "statements",
        "enum_body",
        "interface_body",
        "then",
        "body",
        "do_block",
        "module",
        "stylesheet",
        "script_file",
        "script",
        "switch_block",
        "constructor_body",
        "declaration_body",
        "template_body",
        "lambda_body",
        "object",
        "interface_declaration_list",
        "object_type",
        "field_declaration_list",
        "implementation_definition",
        "braced_word",
        "array",
        "document",
        "list_item",
        "block_mapping",
        "block_sequence",
        "column_definitions",
        "element",
        "jsx_element",
        "list",
        "makefile",
        "match_block",
        "paragraph",
        "section",
        "table",
    ]
)
# What opens and closes elements, and is no piece by itself.
_TAGS = frozenset(
    ["start_tag", "end_tag", "jsx_opening_element", "jsx_closing_element", "doctype", "jsx_text"]
)
_FUNCTIONS = re.compile(
    r"function|method|constructor|procedure|subroutine|^(?:fn|def|rule_set|init)"
)
_ARGUMENTS = re.compile(r"argument|parameter")
_BODIES = frozenset(
    {
        "block",
        "body",
        "statement_block",
        "compound_statement",
        "braced_word",
        "function_body",
        "do_group",
        "body_statement",
    }
)


@cache
def _parser(grammar: str) -> Any:
    return tree_sitter_language_pack.get_parser(cast(Any, grammar))


def holes_in(
    place: str, text: str, language_id: str, grammar: str, chance: random.Random
) -> Iterator[Hole]:
    """Give the holes of one file.

    Bodies of functions, statements over several lines, ends of lines, and what stands in brackets.
    """
    finder = _Finder(place, text, language_id, chance)
    waiting = [_parser(grammar).parse(finder.encoded).root_node]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.named_children)
        if node.has_error and node.parent is not None and not _is_large(node):
            continue
        yield from finder.holes_of(node)


def _is_large(node: Any) -> bool:
    return bool(node.end_byte - node.start_byte > 3_000)


class _Finder:
    def __init__(self, place: str, text: str, language_id: str, chance: random.Random) -> None:
        self.place = place
        self.text = text
        self.encoded = text.encode()
        self.language_id = language_id
        self.chance = chance
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def holes_of(self, node: Any) -> Iterator[Hole]:
        if _FUNCTIONS.search(node.type) and not node.has_error:
            body = node.child_by_field_name("body") or next(
                (child for child in node.children if child.type in _BODIES), None
            )
            if body is not None:
                yield from self.of_function(node, body)
        if inside := inside_of(node, self.lines):
            first, last_inside, last = inside
            yield self.hole("body", first, last_inside)
            if self.language_id != "markdown":
                yield self.hole("head", first - 1, last, from_end=True)
        if node.type in _BLOCKS:
            yield from self.of_statements(node)
        if _ARGUMENTS.search(node.type) and not node.has_error:
            yield from self.of_arguments(node)

    def of_arguments(self, node: Any) -> Iterator[Hole]:
        """Give all that stands between the brackets of a call, or of a function's head."""
        if node.text[:1] == b"(" and node.text[-1:] == b")":
            start = len(self.encoded[: node.start_byte].decode()) + 1
            end = start + len(node.text.decode()) - 2
            place = f"{self.place}:{node.start_point[0] + 1}"
            yield Hole(place, "arguments", self.language_id, self.text, start, end)

    def of_function(self, node: Any, body: Any) -> Iterator[Hole]:
        """Give the body, and the end of the head with all that follows."""
        rows = [child.start_point[0] for child in body.named_children]
        first = min(rows, default=0)
        last = node.end_point[0]
        head = next((n for n in range(first - 1, -1, -1) if self.lines[n].strip()), 0)
        if self.lines[head].lstrip().startswith(("#", "--", "//", "*", "/*", '"')):
            return
        if head < node.start_point[0] or last <= first or not self.is_whole(node, last):
            return
        closing = self.lines[last].strip()
        if not re.fullmatch(r"(?:\}|end\w*)[;,]?", closing):
            return
        if not closing.startswith("end") and body.text[:1] != b"{":
            return
        inner = max(n for n in range(first, last) if self.lines[n].strip())
        yield self.hole("body", first, inner)
        if self.lines[head].rstrip().endswith(("{", ")", "do", "|")) or closing != "}":
            yield self.hole("head", head, last, from_end=True)

    def of_statements(self, block: Any) -> Iterator[Hole]:
        previous = None
        for node in block.named_children:
            first, last = node.start_point[0], node.end_point[0]
            if node.end_point[1] == 0:
                last -= 1
            is_first = previous is None or "comment" in previous.type
            is_apart = previous is None or previous.end_point[0] < first
            previous = node
            if node.type in _TAGS:
                previous = None
            is_other = node.type == "text" and b"{%" in node.text
            is_other |= self.language_id == "markdown" and node.type != "paragraph"
            if node.type == "import_list" or node.type in _TAGS or is_other:
                continue
            if "comment" in node.type or "preproc" in node.type or node.has_error or not is_apart:
                continue
            if self.is_whole(node, last):
                yield from self.of_statement(first, last, is_first=is_first)

    def of_statement(self, first: int, last: int, *, is_first: bool) -> Iterator[Hole]:
        if self.language_id == "markdown":
            # Prose comes line by line.
            if last > first:
                first = last = self.chance.randrange(first + 1, last + 1)
                yield self.hole("statement", first, last)
        elif last > first and not is_first:
            yield self.hole("statement", first, last)
        line = self.lines[first]
        indent = len(line) - len(line.lstrip())
        if last == first and len(line.rstrip()) - indent > 6:
            column = self.chance.randrange(indent + 2, len(line.rstrip()) - 2)
            while line[column] == " ":
                column += 1
            yield self.hole("line", first, last, column=column)

    def is_whole(self, node: Any, last: int) -> bool:
        """Tell whether the node has its lines for itself."""
        row, column = node.start_point
        before = self.lines[row].encode()[:column]
        after = self.lines[last].encode()[node.end_point[1] :] if last == node.end_point[0] else b""
        return not before.strip() and after.strip() in (b"", b";", b",")

    def hole(
        self,
        kind: str,
        first: int,
        last: int,
        *,
        column: int | None = None,
        from_end: bool = False,
    ) -> Hole:
        line = self.lines[first]
        if column is None:
            column = len(line.rstrip()) if from_end else len(line) - len(line.lstrip())
        start = self.starts[first] + column
        end = self.starts[last] + len(self.lines[last])
        return Hole(f"{self.place}:{first + 1}", kind, self.language_id, self.text, start, end)
