"""Braces in globs, spread out: `a{b,c}` is `ab` or `ac`."""

import re

_MOST_TEXTS = 128
_DEEPEST = 20


class UnclearError(ValueError):
    """A glob has no meaning here; the text says why."""


def spread(text: str) -> list[str]:
    """Give the texts that one with braces stands for; `UnclearError` when it cannot be told."""
    parts = [part for part in re.split(r"([{},])", text) if part]
    parts.reverse()
    found = _sequence(parts, 0)
    if parts:
        raise UnclearError('a "}" has no "{"')
    return found


def _sequence(parts: list[str], depth: int) -> list[str]:
    found = [""]
    while parts and parts[-1] != "}" and not (depth and parts[-1] == ","):
        part = parts.pop()
        options = _options(parts, depth + 1) if part == "{" else [part]
        if len(found) * len(options) > _MOST_TEXTS:
            raise UnclearError(f"its braces stand for more than {_MOST_TEXTS} globs")
        found = [head + option for head in found for option in options]
    return found


def _options(parts: list[str], depth: int) -> list[str]:
    if depth > _DEEPEST:
        raise UnclearError("its braces are nested too deeply")
    options, is_choice = _sequence(parts, depth), False
    while parts and parts[-1] == ",":
        parts.pop()
        options += _sequence(parts, depth)
        is_choice = True
    if not parts:
        raise UnclearError('a "{" has no "}"')
    parts.pop()
    if not is_choice:
        # A shell keeps braces around a single option, editors take them away.
        options += [f"{{{option}}}" for option in options]
    return options
