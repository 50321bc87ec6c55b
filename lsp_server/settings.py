"""Puts settings over settings."""

from typing import Any


def with_settings(below: dict[str, Any], above: object) -> dict[str, Any]:
    """Give the settings below with those above written over them, object by object.

    What the upper ones leave open, with null or an empty text as editors do for their defaults,
    stays as it is below.
    """
    merged = dict(below)
    if not isinstance(above, dict):
        return merged
    for key, value in above.items():
        if value is None or value == "":
            merged.setdefault(key, value)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = (
                value if key == "modelConfiguration" else with_settings(merged[key], value)
            )
        else:
            merged[key] = value
    return merged
