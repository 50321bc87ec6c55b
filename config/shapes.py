"""What values of a document may look like: one declaration for reading, hover, completion, schema.

Every key of a document is declared once, as a field of a `Node` class made by `key`. `keys_of`
gives the declarations back, so that whatever describes the format is generated from what reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypeVar, dataclass_transform

SeenBy = Literal["document", "server", "clients"]
# What a text names, beside its choices: a new provider or model, or one that is known elsewhere.
TextForm = Literal[
    "plain", "provider-id", "provider", "model-ref", "model", "known-ref", "known-model", "rule"
]


@dataclass(frozen=True, slots=True)
class Text:
    """A string. Values outside `choices` are kept with a warning; a secret one is held masked."""

    choices: tuple[str, ...] = ()
    secret: bool = False
    form: TextForm = "plain"


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number; the value `unset` stands for an absent one."""

    whole: bool = True
    minimum: int | None = 0
    unset: int | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items have one shape; null is the empty list."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class TextMap:
    """An object of strings under free names."""

    secret: bool = False


@dataclass(frozen=True, slots=True)
class FlagMap:
    """An object of true and false under free names."""


@dataclass(frozen=True, slots=True)
class RecordOf:
    """An object with the keys of one node class."""

    node: type["Node"]


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object whose `type` decides its keys; `code` is the rule that an unknown type breaks."""

    cases: Mapping[str, type["Node"]]
    code: str
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value, kept as it is."""


Shape = Text | Flag | Number | ListOf | TextMap | FlagMap | RecordOf | Tagged | Anything


@dataclass(frozen=True, slots=True)
class Key:
    """The declaration of one key: its shape, its sentence of documentation, who sees it."""

    name: str
    shape: Shape
    doc: str
    default: object = None
    is_required: bool = False
    seen_by: SeenBy = "document"
    also: tuple[str, ...] = ()


def key(
    name: str,
    shape: Shape,
    doc: str,
    *,
    default: object = None,
    required: bool = False,
    seen_by: SeenBy = "document",
    also: tuple[str, ...] = (),
) -> Any:  # as dataclasses.field: the declared type of the field is what counts
    """Declare a key of a node; `also` lists other spellings that are read as the same key."""
    if isinstance(shape, ListOf) and default is None:
        default = ()
    declaration = Key(name, shape, doc, default, required, seen_by, also)
    metadata = {"key": declaration}
    if isinstance(default, Mapping):
        frozen = MappingProxyType(dict(default))
        return field(default_factory=lambda: frozen, metadata=metadata)
    return field(
        default=default, metadata=metadata, repr=not isinstance(shape, Anything | RecordOf | Tagged)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An object of a document after reading, which knows where it stood."""

    pointer: str = field(default="", repr=False, compare=False)
    written: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    faulty: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def has(self, name: str) -> bool:
        """Tell whether the document gives this key a value other than null."""
        return name in self.written

    def is_faulty(self, name: str) -> bool:
        """Tell whether this key's value, or an item of it, could not be read."""
        return name in self.faulty

    def at(self, name: str) -> str:
        """Give the pointer of a key's value, or of the whole object when the key is absent."""
        written = self.written.get(name)
        return self.pointer if written is None else child(self.pointer, written)

    def item(self, name: str, index: int) -> str:
        """Give the pointer of one item of a list of this object."""
        return child(self.at(name), index)


N = TypeVar("N", bound=Node)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(key,))
def node(cls: type[N]) -> type[N]:
    """Make a class of declared keys a frozen node."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass(frozen=True, slots=True)
class _Declared:
    keys: Mapping[str, tuple[str, Key]]
    spellings: Mapping[str, str]


# Classes do not change, and reading asks for each object of a document.
_DECLARED: dict[type[Node], _Declared] = {}


def keys_of(node: type[Node]) -> Mapping[str, tuple[str, Key]]:
    """Give the declared keys of a node class: JSON name to attribute name and declaration."""
    return _declared(node).keys


def spellings_of(node: type[Node]) -> Mapping[str, str]:
    """Give everything that is read as a key of a node class: spelling to JSON name."""
    return _declared(node).spellings


def _declared(node: type[Node]) -> _Declared:
    declared = _DECLARED.get(node)
    if declared is None:
        keys: dict[str, tuple[str, Key]] = {}
        spellings: dict[str, str] = {}
        for attribute in fields(node):
            key = attribute.metadata.get("key")
            if isinstance(key, Key):
                keys[key.name] = (attribute.name, key)
                spellings |= dict.fromkeys((key.name, *key.also), key.name)
        declared = _Declared(MappingProxyType(keys), MappingProxyType(spellings))
        _DECLARED[node] = declared
    return declared


def tag_of(shape: Tagged) -> Key:
    """Give the declaration of the key `type` of a tagged object."""
    return Key(
        "type",
        Text(tuple(shape.cases)),
        "Which kind it is; decides about the other keys.",
        default=shape.fallback,
        is_required=shape.fallback is None,
        seen_by="server",
    )


def child(pointer: str, part: str | int) -> str:
    """Extend an RFC 6901 pointer by one key or index."""
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"
