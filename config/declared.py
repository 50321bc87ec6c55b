"""What the declarations say of a place in a file: its keys, its shape."""

from dataclasses import dataclass

from config.document import WRAPPER, SiteDocument
from config.shapes import (
    Flag,
    FlagMap,
    Key,
    ListOf,
    Node,
    RecordOf,
    Shape,
    Tagged,
    Text,
    TextMap,
    keys_of,
    tag_of,
)

_SITE = RecordOf(SiteDocument)
_WRAPPER_KEY = Key(WRAPPER, _SITE, "The configuration, in a file that holds other things too.")


@dataclass(frozen=True, slots=True)
class Declared:
    """What may stand at a place: its shape, the key it belongs to, and what stands there."""

    shape: Shape
    key: Key | None
    value: object

    def keys(self) -> tuple[Key, ...]:
        """Give the keys of an object at this place, if it is one."""
        match self.shape:
            case RecordOf():
                return _keys(self.shape.node)
            case Tagged():
                case = _case(self.shape, self.value)
                return (tag_of(self.shape), *(_keys(case) if case is not None else ()))
        return ()

    def inner(self, name: str) -> "Declared | None":
        """Give what may stand under a key, or at an index, of this place."""
        value = _item(self.value, name)
        match self.shape:
            case RecordOf() | Tagged():
                for key in self.keys():
                    if name == key.name or name in key.also:
                        return Declared(key.shape, key, value)
            case ListOf():
                return Declared(self.shape.item, self.key, value)
            case TextMap():
                return Declared(Text(secret=self.shape.secret), self.key, value)
            case FlagMap():
                return Declared(Flag(), self.key, value)
        return None


def declared_at(value: object, path: tuple[str, ...]) -> Declared | None:
    """Give what may stand at a path of a file, which is a document or holds one."""
    place: Declared | None = Declared(_SITE, None, value)
    if path and path[0] == WRAPPER:
        place, path = Declared(_SITE, _WRAPPER_KEY, _item(value, WRAPPER)), path[1:]
    elif path and isinstance(value, dict) and WRAPPER in value:
        return None  # what stands beside the document is not ours
    for name in path:
        place = place.inner(name) if place is not None else None
    return place


def root_keys(present: frozenset[str]) -> tuple[Key, ...]:
    """Give the keys that an object at the root of a file may get beside those it has."""
    if WRAPPER in present:
        return ()
    own = _keys(SiteDocument)
    is_document = any(key.name in present for key in own)
    return own if is_document else (_WRAPPER_KEY, *own)


def _keys(node: type[Node]) -> tuple[Key, ...]:
    return tuple(key for _, key in keys_of(node).values())


def _case(shape: Tagged, value: object) -> type[Node] | None:
    tag = value.get("type") if isinstance(value, dict) else None
    tag = shape.fallback if tag is None else tag
    return shape.cases.get(tag) if isinstance(tag, str) else None


def _item(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None
