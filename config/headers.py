"""Rules about what is sent as headers: which names and values HTTP allows."""

import re

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_FRAMING = {"content-length", "transfer-encoding"}


def header_fault(name: str, value: str) -> str | None:
    """Say why a header cannot be sent, or None; neither name nor value is quoted if it is odd.

    Blanks around a value do not count: they are no part of it.
    """
    if not _NAME.fullmatch(name):
        return "a header has a name that HTTP does not allow"
    if name.lower() in _FRAMING:
        return f"header {name} follows from each request's body, so leave it out"
    if not _VALUE.fullmatch(value.strip()):
        return f"the value of header {name} has characters that HTTP does not allow"
    return None
