"""Reads a JSON value as a declared node: every problem is found, and what is sound is kept."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from pydantic import SecretStr

from config.problems import Problem, Severity, did_you_mean, error, nearest, shown, warning
from config.shapes import (
    Anything,
    Flag,
    FlagMap,
    Key,
    ListOf,
    N,
    Node,
    Number,
    RecordOf,
    Shape,
    Tagged,
    Text,
    TextMap,
    child,
    keys_of,
    spellings_of,
)

S = TypeVar("S", str, bool)

# Beyond this, JSON numbers are no longer exact everywhere, and no setting comes near it.
_LARGEST = 2**53


class Reader:
    """Reads values into nodes and collects problems on the way; never raises on a JSON value.

    `tolerant` is for documents that newer programs write: unknown keys and values are no news.
    """

    def __init__(self, *, tolerant: bool = False, wrong_type: Severity = "error") -> None:
        self.problems: list[Problem] = []
        self._tolerant = tolerant
        self._wrong_type: Severity = wrong_type

    def read(
        self, node: type[N], value: object, pointer: str = "", *, besides: str = "$schema"
    ) -> N | None:
        """Read `value` as an object of this class; None (and a problem) when it is no object.

        `besides` is a key that is known although the class does not declare it.
        """
        if not isinstance(value, dict):
            self._expected("an object in braces, { ... }", value, pointer)
            return None
        declared = keys_of(node)
        written = self._written_keys(node, value, pointer, besides)
        sound: dict[str, object] = {}
        faulty: set[str] = set()
        for name, (attribute, declaration) in declared.items():
            spelling = written.get(name)
            if spelling is None:
                self._missing(declaration, node, pointer)
                continue
            read = self._value(declaration.shape, value[spelling], child(pointer, spelling))
            if read is not None:
                sound[attribute] = read
            if read is None or (isinstance(read, tuple) and len(read) < len(value[spelling])):
                faulty.add(name)
        return node(
            pointer=pointer,
            written=MappingProxyType(written),
            faulty=frozenset(faulty),
            **sound,
        )

    def _written_keys(
        self, node: type[Node], value: dict[str, object], pointer: str, besides: str
    ) -> dict[str, str]:
        spellings = spellings_of(node)
        written: dict[str, str] = {}
        for spelling, given in value.items():
            name = spellings.get(spelling, "")
            if not name:
                if spelling != besides and not self._tolerant:
                    self._unknown_key(spelling, keys_of(node), pointer)
            elif name in written:
                self._said_twice(written, name, spelling, pointer)
            elif given is not None:
                written[name] = spelling
        return written

    def _said_twice(self, written: dict[str, str], name: str, spelling: str, pointer: str) -> None:
        dropped = written[name] if spelling == name else spelling
        if spelling == name:
            written[name] = spelling
        message = f'"{dropped}" says the same as "{written[name]}", which counts; remove one.'
        self.problems.append(warning("duplicate-key", child(pointer, dropped), message))

    def _missing(self, declaration: Key, node: type[Node], pointer: str) -> None:
        if declaration.is_required:
            message = f'"{declaration.name}" is missing here; add it: {declaration.doc}'
            self.problems.append(error("missing-field", pointer, message))

    def _unknown_key(self, spelling: str, known: Mapping[str, object], pointer: str) -> None:
        message = f"The key {shown(spelling)} is unknown and has no effect"
        meant = nearest(spelling, known, self.problems)
        at = child(pointer, spelling)
        self.problems.append(warning("unknown-key", at, message + did_you_mean(meant), meant))

    def _value(self, shape: Shape, value: object, pointer: str) -> object | None:
        match shape:
            case Text():
                return self._text(shape, value, pointer)
            case Flag():
                return self._scalar(bool, "true or false", value, pointer)
            case Number():
                return self._number(shape, value, pointer)
            case ListOf():
                return self._list(shape, value, pointer)
            case TextMap() | FlagMap():
                return self._map(shape, value, pointer)
            case RecordOf():
                return self.read(shape.node, value, pointer)
            case Tagged():
                return self._tagged(shape, value, pointer)
            case Anything():
                return value

    def _text(self, shape: Text, value: object, pointer: str) -> str | SecretStr | None:
        text = self._scalar(str, "a string in double quotes", value, pointer)
        if text is None or shape.secret:
            return None if text is None else SecretStr(text)
        if text and shape.choices and text not in shape.choices and not self._tolerant:
            known = ", ".join(shape.choices)
            message = f"The value {shown(text)} is unknown (known: {known}) and kept as it is"
            meant = nearest(text, shape.choices, self.problems)
            self.problems.append(
                warning("unknown-enum", pointer, message + did_you_mean(meant), meant)
            )
        return text

    def _number(self, shape: Number, value: object, pointer: str) -> int | float | None:
        expected = "a whole number" if shape.whole else "a number"
        if shape.minimum is not None:
            expected += f" of {shape.minimum} or more"
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(value, int | float) or not is_number or not _is_usable(value, shape):
            self._expected(expected, value, pointer)
            return None
        if value == shape.unset:
            return None
        if shape.minimum is not None and value < shape.minimum:
            self._expected(expected, value, pointer)
            return None
        return int(value) if shape.whole else value

    def _list(self, shape: ListOf, value: object, pointer: str) -> tuple[object, ...] | None:
        if not isinstance(value, list):
            self._expected("a list in brackets, [ ... ]", value, pointer)
            return None
        items = [self._value(shape.item, x, child(pointer, i)) for i, x in enumerate(value)]
        sound = tuple(item for item in items if item is not None)
        # Records know where they stood. Plain items do not, so one bad item gives up the list
        # rather than shift the places of the others.
        is_placed = isinstance(shape.item, RecordOf) or len(sound) == len(items)
        return sound if is_placed else None

    def _map(
        self, shape: TextMap | FlagMap, value: object, pointer: str
    ) -> Mapping[str, object] | None:
        if not isinstance(value, dict):
            self._expected("an object in braces, { ... }", value, pointer)
            return None
        item: Shape = Text(secret=shape.secret) if isinstance(shape, TextMap) else Flag()
        read = {name: self._value(item, x, child(pointer, name)) for name, x in value.items()}
        return MappingProxyType({name: x for name, x in read.items() if x is not None})

    def _tagged(self, shape: Tagged, value: object, pointer: str) -> Node | None:
        if not isinstance(value, dict):
            self._expected("an object in braces, { ... }", value, pointer)
            return None
        tag = value.get("type")
        if tag is None and shape.fallback is not None:
            tag = shape.fallback
        case = shape.cases.get(tag) if isinstance(tag, str) else None
        if case is not None:
            return self.read(case, value, pointer, besides="type")
        known = ", ".join(shape.cases)
        if tag is None:
            message = f'"type" is missing here; write one of: {known}.'
            self.problems.append(error(shape.code, pointer, message))
            return None
        name = tag if isinstance(tag, str) else ""
        meant = nearest(name, shape.cases, self.problems)
        message = f"The type {shown(name)} is unknown; write one of: {known}{did_you_mean(meant)}"
        self.problems.append(error(shape.code, child(pointer, "type"), message, meant))
        return None

    def _scalar(self, kind: type[S], expected: str, value: object, pointer: str) -> S | None:
        if isinstance(value, kind):
            return value
        self._expected(expected, value, pointer)
        return None

    def _expected(self, expected: str, value: object, pointer: str) -> None:
        # Never the value itself: it may be a token written in the wrong place.
        message = f"This must be {expected}, not {_kind_of(value)}."
        self.problems.append(Problem("wrong-type", self._wrong_type, pointer, message))


def _is_usable(value: int | float, shape: Number) -> bool:
    if not -_LARGEST <= value <= _LARGEST:  # also false for NaN
        return False
    return not shape.whole or math.trunc(value) == value


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "this number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"
