"""Help for people who write the file in an editor: what a key means, and what may come here."""

import json
from dataclasses import dataclass

from config.declared import Declared, declared_at, root_keys
from config.document import WRAPPER
from config.document_names import names_in
from config.json_cursor import Cursor, locate
from config.json_places import ParsedText
from config.jsonc import parse
from config.shapes import Key, Tagged
from config.values import described, known_model, values_of
from config.wording import kind_of, markdown_of, summary

# For a file without a word in it: one server, one model.
_FIRST_FILE = """{
  "providerOverrides": [
    {
      "id": "local",
      "serverSideConfig": {
        "type": "openaicompatible",
        "endpoints": [{ "url": "http://localhost:8000/v1" }]
      }
    }
  ],
  "selfHostedModels": [{ "provider": "local", "model": "qwen2.5-coder-7b@v1" }]
}
"""


@dataclass(frozen=True, slots=True)
class Hover:
    """What is known of the key or value between two offsets, as Markdown."""

    markdown: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text to put between two offsets; `documentation` is Markdown."""

    label: str
    insert_text: str
    start: int
    end: int
    detail: str = ""
    documentation: str = ""


def hover_at(text: str, offset: int) -> Hover | None:
    """Describe the key or value at an offset from 0; None where there is nothing to say."""
    parsed = parse(text)
    # The character at the offset is meant, and a cursor behind it touches it.
    cursor = locate(parsed, offset + 1) if 0 <= offset < len(text) else None
    if cursor is None or not cursor.start <= offset < cursor.end:
        return None
    place = declared_at(parsed.value, (*cursor.path, cursor.name))
    if cursor.path == () and cursor.name == WRAPPER:
        place = declared_at(parsed.value, (WRAPPER,))
    if place is None or place.key is None:
        return None
    markdown = markdown_of(place.key)
    if cursor.slot == "value":
        markdown = _of_value(parsed, cursor, place) or markdown
    return Hover(markdown, cursor.start, cursor.end)


def completions_at(text: str, offset: int) -> tuple[Proposal, ...]:
    """Propose keys or values for an offset from 0 of a text that may well be unfinished."""
    if not text.strip():
        return (Proposal("one model server", _FIRST_FILE, offset, offset, "a whole file"),)
    parsed = parse(text)
    cursor = locate(parsed, offset)
    if cursor is None:
        return ()
    return _keys(parsed, cursor) if cursor.slot == "key" else _values(parsed, cursor)


def _of_value(parsed: ParsedText, cursor: Cursor, place: Declared) -> str | None:
    known = known_model(place.shape, place.value)
    if known is not None:
        return described(known)
    holder = declared_at(parsed.value, cursor.path)
    if cursor.name == "type" and holder is not None and isinstance(holder.shape, Tagged):
        case = holder.shape.cases.get(str(place.value))
        return f"**{place.value}**\n\n{summary(case)}" if case is not None else None
    return None


def _keys(parsed: ParsedText, cursor: Cursor) -> tuple[Proposal, ...]:
    others = (m for m in cursor.around.members if m.key is None or m.key[0] != cursor.start)
    present = frozenset(member.name for member in others)
    if cursor.path:
        place = declared_at(parsed.value, cursor.path)
        keys = place.keys() if place is not None else ()
    else:
        keys = root_keys(present)
    # `False` sorts first: what is required leads, and the rest keeps its order.
    missing = [key for key in keys if not present.intersection((key.name, *key.also))]
    missing.sort(key=lambda key: not key.is_required)
    return tuple(_key_proposal(key, cursor) for key in missing)


def _key_proposal(key: Key, cursor: Cursor) -> Proposal:
    name = json.dumps(key.name)
    insert_text = name if cursor.has_colon else f"{name}: "
    detail = kind_of(key.shape) + (", required" if key.is_required else "")
    start, end = cursor.start, cursor.end
    return Proposal(key.name, insert_text, start, end, detail, markdown_of(key))


def _values(parsed: ParsedText, cursor: Cursor) -> tuple[Proposal, ...]:
    place = declared_at(parsed.value, (*cursor.path, cursor.name))
    holder = declared_at(parsed.value, cursor.path)
    if place is None or holder is None:
        return ()
    taken = _other_items(holder.value, cursor)
    return tuple(
        Proposal(
            value.json.strip('"') if value.json.startswith('"') else value.json,
            value.json,
            cursor.start,
            cursor.end,
            value.detail,
            value.documentation,
        )
        for value in values_of(place, holder, names_in(parsed.value))
        if value.json not in taken
    )


def _other_items(holder: object, cursor: Cursor) -> frozenset[str]:
    """The texts that a list holds already, apart from the one at the cursor."""
    items = holder if isinstance(holder, list) else []
    is_new = cursor.start == cursor.end
    others = (x for i, x in enumerate(items) if is_new or str(i) != cursor.name)
    return frozenset(json.dumps(item) for item in others if isinstance(item, str))
