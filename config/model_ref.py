"""The three-part name of a model: provider, API version, model."""

import re
from dataclasses import dataclass
from typing import Self

# RFC 3986 characters plus `%`, minus the colon; `fullmatch`, since `$` would let a newline through.
_ID = re.compile(r"[A-Za-z0-9\-._~/?#\[\]@!$&'()*+,;=%]+")


def is_valid_id(text: str) -> bool:
    """Tell whether `text` may stand as one part of a model reference."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class ModelRef:
    """A parsed `provider::apiVersion::model`."""

    provider_id: str
    api_version_id: str
    model_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference; `ValueError` names the rule it breaks (modelconfig.md section 2.2)."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.provider_id}::{self.api_version_id}::{self.model_id}"
