"""What stands inside of tags, keys, rules, fences and brackets, on lines of its own."""

from typing import Any

_ELEMENTS = frozenset(["element", "jsx_element"])
_COLLECTIONS = frozenset(["object", "array"])


def inside_of(node: Any, lines: list[str]) -> tuple[int, int, int] | None:
    """Give the first and the last row inside, and the last row of all; None for other nodes.

    The line above the first is the head, and nothing else stands on the line that closes.
    """
    if node.has_error or not node.named_children:
        return None
    rows = _rows(node)
    if rows is None:
        return None
    head, last, is_closed = rows
    before = last if is_closed else last + 1
    inside = [row for row in range(head + 1, before) if lines[row].strip()]
    if not inside or inside[0] != head + 1:
        return None
    if is_closed and lines[last].strip(" \t,;") != _closing(node):
        return None
    return inside[0], inside[-1], last if is_closed else inside[-1]


def _rows(node: Any) -> tuple[int, int, bool] | None:
    """Give the row that the head ends on, the last row, and whether that one closes."""
    first, last = node.named_children[0], node.named_children[-1]
    if node.type in _ELEMENTS and last.type in ("end_tag", "jsx_closing_element"):
        return first.end_point[0], last.start_point[0], True
    if node.type in _COLLECTIONS and node.parent.type == "pair":
        return node.start_point[0], node.end_point[0], True
    if node.type == "column_definitions":
        return node.start_point[0], node.end_point[0], True
    if node.type == "fenced_code_block":
        return node.start_point[0], last.start_point[0], True
    is_below = last.start_point[0] > node.start_point[0]
    if node.type == "block_mapping_pair" and last.type == "block_node" and is_below:
        end = last.end_point[0] - (not last.end_point[1])
        return last.start_point[0] - 1, end, False
    if node.type == "rule" and last.type == "recipe" and last.named_children:
        recipe = last.named_children
        return recipe[0].start_point[0] - 1, recipe[-1].end_point[0], False
    return None


def _closing(node: Any) -> str:
    if node.type == "column_definitions":
        return ")"
    if node.type in _COLLECTIONS:
        return "}" if node.type == "object" else "]"
    return str(node.named_children[-1].text.decode().strip())
