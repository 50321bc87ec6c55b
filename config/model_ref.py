"""The three-part name of a model: provider, API version, model."""

import re
from dataclasses import dataclass
from typing import Literal, Self

from config.problems import shown

RefCode = Literal["ref-blank", "ref-parts", "ref-provider", "ref-api-version", "ref-model-id"]

# RFC 3986 characters plus `%`, minus the colon; `fullmatch`, since `$` would let a newline through.
ID_PATTERN = r"[A-Za-z0-9\-._~/?#\[\]@!$&'()*+,;=%]+"
REF_PATTERN = f"{ID_PATTERN}::{ID_PATTERN}::{ID_PATTERN}"
_ID = re.compile(ID_PATTERN)
_VERSION_FIRST = re.compile(r"v\d+/")
_ALLOWED = "letters A-Z and a-z, digits and - . _ ~ / ? # [ ] @ ! $ & ' ( ) * + , ; = %"


def is_valid_id(text: str) -> bool:
    """Tell whether `text` may stand as one part of a model reference."""
    return _ID.fullmatch(text) is not None


def sanitized_id(text: str) -> str:
    """Turn any text into a valid part of a reference: what may not stand there becomes `_`."""
    # Byte by byte, as the format does it: one emoji becomes four underscores.
    characters = (chr(byte) for byte in text.encode("utf-8", "replace"))
    return "".join(c if is_valid_id(c) else "_" for c in characters) or "_"


class ModelRefError(ValueError):
    """Why a text is no model reference; `code` is the rule it breaks."""

    def __init__(self, code: RefCode, message: str, replacement: str | None = None) -> None:
        super().__init__(message)
        self.code: RefCode = code
        self.replacement = replacement


@dataclass(frozen=True, slots=True, order=True)
class ModelRef:
    """A parsed `provider::apiVersion::model`."""

    provider_id: str
    api_version_id: str
    model_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference; `ModelRefError` names the rule it breaks."""
        if not text:
            raise ModelRefError(
                "ref-blank",
                "The model reference is blank; write provider::apiVersion::model,"
                ' for example "ollama::v1::llama3.1-8b".',
            )
        parts = text.split("::")
        if len(parts) != 3:
            raise _wrong_parts(text)
        provider_id, api_version_id, model_id = parts
        _check_part("ref-provider", "provider", provider_id, text)
        _check_part("ref-api-version", "API version", api_version_id, text)
        _check_part("ref-model-id", "model", model_id, text)
        return cls(provider_id, api_version_id, model_id)

    def __str__(self) -> str:
        return f"{self.provider_id}::{self.api_version_id}::{self.model_id}"


def _wrong_parts(text: str) -> ModelRefError:
    sentence = (
        f"The model reference {shown(text)} must have exactly three parts joined by '::',"
        " as in provider::apiVersion::model"
    )
    provider, slash, model = text.partition("/")
    model = _VERSION_FIRST.sub("", model)
    if slash and "::" not in text and is_valid_id(provider) and is_valid_id(model):
        meant = f"{provider}::v1::{model}"
        return ModelRefError("ref-parts", f"{sentence}; write {shown(meant)}.", meant)
    return ModelRefError("ref-parts", f"{sentence}.")


def _check_part(code: RefCode, name: str, part: str, text: str) -> None:
    if is_valid_id(part):
        return
    if not part:
        raise ModelRefError(
            code, f"The {name} part of the model reference {shown(text)} is empty; fill it in."
        )
    if code == "ref-model-id" and ":" in part:
        raise ModelRefError(
            code,
            f"The model part of {shown(text)} may not hold a colon; write"
            f" {shown(part.replace(':', '-'))} there and the served name"
            f" {shown(part)} as modelName or apiModel.",
        )
    raise ModelRefError(
        code,
        f"The {name} part {shown(part)} of a model reference may hold only {_ALLOWED}.",
    )
