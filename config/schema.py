"""The JSON Schema of the configuration file, from the declarations that reading it uses.

It accepts what the program accepts: unknown keys, and values beside the known ones of a choice, are
warnings there, so here they are only not proposed. Rules over several places are not in it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from config.document import WRAPPER, SiteDocument
from config.model_ref import ID_PATTERN, REF_PATTERN
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY
from config.shapes import (
    Anything,
    Flag,
    FlagMap,
    Key,
    ListOf,
    Node,
    Number,
    RecordOf,
    Shape,
    Tagged,
    Text,
    TextForm,
    TextMap,
    keys_of,
    tag_of,
)
from config.wording import SEEN_BY, summary

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PATTERNS: dict[TextForm, str] = {
    "provider-id": f"^{ID_PATTERN}$",
    "model-ref": f"^{REF_PATTERN}$",
    "model": f"^({REF_PATTERN})?$",
}
_KNOWN: dict[TextForm, Iterable[str]] = {
    "known-ref": BY_REF,
    "known-model": BY_SELF_HOSTED_KEY,
}


def json_schema() -> Schema:
    """Give the schema (draft 2020-12) of the file: the document itself, or an object with it."""
    definitions = _Definitions()
    site = definitions.of(SiteDocument)
    return {
        "$schema": _DIALECT,
        "title": "Foretype configuration",
        "description": "The models to use, and how to reach them.",
        "type": "object",
        "if": {"required": [WRAPPER]},
        "then": {
            "properties": {
                "$schema": {"type": "string", "description": "The address of a schema."},
                WRAPPER: {"description": "The configuration.", **site},
            }
        },
        "else": site,
        "$defs": definitions.made,
    }


class _Definitions:
    """One definition for each class of nodes, under the name of the class."""

    def __init__(self) -> None:
        self.made: dict[str, Schema] = {}

    def of(self, node: type[Node]) -> Schema:
        """Give a reference to the definition of a class, which is made when it is new."""
        name = node.__name__.removesuffix("Node")
        if name not in self.made:
            self.made[name] = {}
            self.made[name] = self._object(node)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, node: type[Node]) -> Schema:
        properties: dict[str, Schema] = {}
        required = []
        for name, (_, key) in keys_of(node).items():
            properties[name] = self._property(key)
            for spelling in key.also:
                description = f"Another spelling of `{name}`."
                properties[spelling] = {**properties[name], "description": description}
            if key.is_required:
                required.append(name)
        made: Schema = {"type": "object", "description": summary(node), "properties": properties}
        return {**made, "required": required} if required else made

    def _property(self, key: Key) -> Schema:
        text = f"{key.doc} {SEEN_BY[key.seen_by]}"
        described: Schema = {"description": text, "markdownDescription": text}
        if key.default is not None and not isinstance(key.default, tuple | Mapping):
            described["default"] = key.default
        shape = self._shape(key.shape)
        # Null says the same as nothing, so it is no answer where one is required.
        return {**described, **(shape if key.is_required else _or_null(shape))}

    def _shape(self, shape: Shape) -> Schema:
        match shape:
            case Text():
                return _text(shape)
            case Flag():
                return {"type": "boolean"}
            case Number():
                return _number(shape)
            case ListOf():
                return {"type": "array", "items": self._shape(shape.item)}
            case TextMap():
                return {"type": "object", "additionalProperties": {"type": "string"}}
            case FlagMap():
                return {"type": "object", "additionalProperties": {"type": "boolean"}}
            case RecordOf():
                return self.of(shape.node)
            case Tagged():
                return self._tagged(shape)
            case Anything():
                return {}

    def _tagged(self, shape: Tagged) -> Schema:
        tag: Schema = {"enum": list(shape.cases), "description": tag_of(shape).doc}
        cases: list[Schema] = [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": self.of(node),
            }
            for name, node in shape.cases.items()
        ]
        made: Schema = {"type": "object", "properties": {"type": tag}}
        if shape.fallback is None:
            return {**made, "required": ["type"], "allOf": cases}
        tag = {**tag, "enum": [*shape.cases, None], "default": shape.fallback}
        absent: Schema = {"not": {"required": ["type"]}}
        null: Schema = {"properties": {"type": {"const": None}}}
        fallback = self.of(shape.cases[shape.fallback])
        cases.append({"if": {"anyOf": [absent, null]}, "then": fallback})
        return {**made, "properties": {"type": tag}, "allOf": cases}


def _text(shape: Text) -> Schema:
    made: Schema = {"type": "string"}
    if shape.form in _KNOWN:
        return {**made, "enum": list(_KNOWN[shape.form])}
    if shape.form in _PATTERNS:
        return {**made, "pattern": _PATTERNS[shape.form]}
    if shape.choices:
        return {"anyOf": [{"enum": list(shape.choices)}, made]}
    return made


def _number(shape: Number) -> Schema:
    made: Schema = {"type": "integer" if shape.whole else "number"}
    if shape.minimum is not None:
        made["minimum"] = shape.minimum
    if shape.unset is None:
        return made
    return {"anyOf": [{"const": shape.unset}, made]}


def _or_null(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]} if shape else {}
