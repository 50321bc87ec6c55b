"""The names that an unchecked, perhaps unfinished document defines and others may refer to."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.document import WRAPPER
from config.recommended import BY_REF, BY_SELF_HOSTED_KEY


@dataclass(frozen=True, slots=True)
class DefinedNames:
    """Ids of providers, and references of models with their capabilities, as far as written."""

    providers: tuple[str, ...]
    models: dict[str, tuple[str, ...]]


def names_in(file: object) -> DefinedNames:
    """Collect the names of a file, which is a document or holds one; never raises."""
    document = file.get(WRAPPER, file) if isinstance(file, dict) else {}
    providers = (entry.get("id") for entry in _objects(document, "providerOverrides"))
    models: dict[str, tuple[str, ...]] = {}
    for entry in _objects(document, "modelOverrides"):
        models.setdefault(_text(entry, "modelRef"), tuple(map(str, _items(entry, "capabilities"))))
    for ref in _items(document, "modelOverridesRecommendedSettings"):
        if isinstance(ref, str) and ref in BY_REF:
            models.setdefault(ref, BY_REF[ref].capabilities)
    for entry in _objects(document, "selfHostedModels"):
        known = BY_SELF_HOSTED_KEY.get(_text(entry, "model"))
        provider = _text(entry, "provider")
        if known is not None and provider:
            version = _text(entry, "apiVersion") or "v1"
            models.setdefault(f"{provider}::{version}::{known.model_name}", known.capabilities)
    models.pop("", None)
    names = dict.fromkeys(name for name in providers if isinstance(name, str) and name)
    return DefinedNames(tuple(names), models)


def _objects(holder: object, key: str) -> Iterator[dict[str, object]]:
    yield from (item for item in _items(holder, key) if isinstance(item, dict))


def _items(holder: object, key: str) -> list[object]:
    items = holder.get(key) if isinstance(holder, dict) else None
    return items if isinstance(items, list) else []


def _text(holder: dict[str, object], key: str) -> str:
    text = holder.get(key)
    return text if isinstance(text, str) else ""
