"""Says in words what a key of the document is: for the reference, and for hovering over it."""

import json
from collections.abc import Mapping

from config.shapes import (
    Anything,
    Flag,
    FlagMap,
    Key,
    ListOf,
    Node,
    Number,
    RecordOf,
    SeenBy,
    Shape,
    Tagged,
    Text,
    TextForm,
    TextMap,
)

SEEN_BY: dict[SeenBy, str] = {
    "document": "Used here only.",
    "server": "Never leaves this program, except to the model server.",
    "clients": "Shown to editors.",
}
_FORMS: dict[TextForm, str] = {
    "plain": "text",
    "provider-id": "provider id",
    "provider": "provider id",
    "model-ref": "model reference",
    "model": "model reference",
    "known-ref": "known model",
    "known-model": "known model",
    "rule": "rule",
}


def kind_of(shape: Shape) -> str:
    """Name the kind of values that a shape stands for."""
    match shape:
        case Text():
            return "secret text" if shape.secret else _FORMS[shape.form]
        case Flag():
            return "true or false"
        case Number():
            return _number(shape)
        case ListOf():
            return f"list of {kind_of(shape.item)}"
        case TextMap():
            return "object of secret texts" if shape.secret else "object of texts"
        case FlagMap():
            return "object of true or false"
        case RecordOf() | Tagged():
            return "object"
        case Anything():
            return "any value"


def choices_of(shape: Shape) -> tuple[str, ...]:
    """Give the known values of a text, or of the texts of a list."""
    match shape:
        case Text():
            return shape.choices
        case ListOf():
            return choices_of(shape.item)
        case Tagged():
            return tuple(shape.cases)
    return ()


def default_of(key: Key) -> str:
    """Give what an absent key stands for, as JSON; blank when there is nothing to say."""
    default = key.default
    if default is None or default in ((), "") or isinstance(default, Mapping):
        return ""
    return json.dumps(default)


def summary(node: type[Node]) -> str:
    """Give the first line of what a class of nodes says of itself."""
    return (node.__doc__ or "").partition("\n")[0]


def markdown_of(key: Key) -> str:
    """Describe a key in a few lines of Markdown."""
    kind = kind_of(key.shape) + (", required" if key.is_required else "")
    lines = [f"**{key.name}**: {kind}", "", key.doc]
    if choices := choices_of(key.shape):
        known = ", ".join(f"`{choice}`" for choice in choices)
        lines += ["", f"Known values: {known}."]
    if default := default_of(key):
        lines += ["", f"Default: `{default}`."]
    return "\n".join([*lines, "", SEEN_BY[key.seen_by]])


def _number(shape: Number) -> str:
    kind = "whole number" if shape.whole else "number"
    return kind if shape.minimum is None else f"{kind}, {shape.minimum} or more"
