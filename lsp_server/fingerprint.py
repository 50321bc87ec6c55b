"""A short name for a text, to tell later whether it is still the same."""

from hashlib import sha256


def fingerprint(text: str) -> str:
    """Give sixteen hexadecimal digits that another text does not have."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
