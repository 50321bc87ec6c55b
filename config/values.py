"""The values that may be proposed for a place of a document, best first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from config.declared import Declared
from config.default_models import FEATURES
from config.document_names import DefinedNames
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY
from config.recommended_model import RecommendedModel
from config.shapes import Flag, Key, ListOf, Number, RecordOf, Shape, Tagged, Text, keys_of
from config.wording import default_of, summary

_DEFAULT_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as JSON, with a word about it and a longer text."""

    json: str
    detail: str = ""
    documentation: str = ""


def values_of(place: Declared, holder: Declared, names: DefinedNames) -> Iterator[Value]:
    """Give the values for a place, held by an object or list, in a document with these names."""
    match place.shape:
        case Text():
            yield from _texts(place.shape, place.key, holder, names)
        case Flag():
            yield from (Value("true"), Value("false"))
        case Number():
            yield from _default(place.key)
        case Tagged():
            yield from _kinds(place.shape)
        case ListOf() | RecordOf():
            yield Value(json.dumps(_blank(place.shape)))


def described(known: RecommendedModel) -> str:
    """Describe a known model in a few lines of Markdown."""
    lines = [
        f"**{known.display_name}**: {', '.join(known.capabilities)}",
        "",
        f"{known.max_input_tokens} tokens in, {known.max_output_tokens} out,"
        f" of a context of {known.context_tokens}.",
    ]
    return "\n".join([*lines, "", f"Model card: `{known.card}`."] if known.card else lines)


def known_model(shape: Shape, text: object) -> RecommendedModel | None:
    """Give the known model that a text of this shape names."""
    if not isinstance(shape, Text) or not isinstance(text, str):
        return None
    if shape.form == "known-model":
        return BY_SELF_HOSTED_KEY.get(text)
    return BY_REF.get(text) if shape.form in ("known-ref", "model") else None


def _texts(shape: Text, key: Key | None, holder: Declared, names: DefinedNames) -> Iterator[Value]:
    match shape.form:
        case "known-ref":
            yield from (_known(name, known) for name, known in BY_REF.items())
        case "known-model":
            yield from (_known(name, known) for name, known in BY_SELF_HOSTED_KEY.items())
        case "provider":
            yield from (Value(json.dumps(name), "provider") for name in names.providers)
        case "model-ref":
            for name in names.providers:
                yield Value(json.dumps(f"{name}::{_DEFAULT_VERSION}::"), "provider")
        case "model":
            yield from _models(key, names)
        case _:
            cases = holder.shape.cases if isinstance(holder.shape, Tagged) else {}
            for choice in shape.choices:
                doc = summary(cases[choice]) if choice in cases else ""
                yield Value(json.dumps(choice), documentation=doc)
            if not shape.choices:
                yield from _default(key)


def _models(key: Key | None, names: DefinedNames) -> Iterator[Value]:
    needed = {feature.name: feature.capability for feature in FEATURES}
    capability = needed.get(key.name if key is not None else "", "chat")
    # A model without the capability may be named all the same, so it only comes later.
    for is_able in (True, False):
        for ref, capabilities in names.models.items():
            if (capability in capabilities) == is_able:
                yield Value(json.dumps(ref), ", ".join(capabilities))


def _known(name: str, known: RecommendedModel) -> Value:
    return Value(json.dumps(name), ", ".join(known.capabilities), described(known))


def _default(key: Key | None) -> Iterator[Value]:
    default = default_of(key) if key is not None else ""
    if default:
        yield Value(default, "default")


def _kinds(shape: Tagged) -> Iterator[Value]:
    for name, node in shape.cases.items():
        blank = {"type": name, **_required(RecordOf(node))}
        yield Value(json.dumps(blank), documentation=summary(node))


def _blank(shape: Shape) -> object:
    match shape:
        case ListOf():
            item = _blank(shape.item)
            return [item] if item else []
        case RecordOf():
            return _required(shape)
        case Text():
            return ""
    return None


def _required(shape: RecordOf) -> dict[str, object]:
    declared = (key for _, key in keys_of(shape.node).values())
    return {key.name: _blank(key.shape) for key in declared if key.is_required}
