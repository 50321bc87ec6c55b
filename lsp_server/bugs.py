"""Names an unexpected error without showing anything that it carries."""

import traceback


def describe_bug(error: BaseException) -> str:
    """Name an unexpected error and where it arose, on one line and without any value in it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "; ".join(f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames[-4:])
    return f"{type(error).__name__} at {place or 'an unknown place'}"


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
