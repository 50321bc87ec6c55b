"""What may be said aloud: whom we ask, and text with the secrets masked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import BaseModel, SecretStr

from providers.echoes import without_echoes, without_pieces
from providers.spellings import SHORTEST_CODED, spellings

CLIP_CHARS = 300

MASK = "***"


@dataclass(frozen=True, slots=True)
class Place:
    """Whom we ask, as errors and logs may name it, and what they must not name."""

    provider_id: str
    shown_url: str
    model_ref: str = ""
    secrets: tuple[SecretStr, ...] = ()
    kept_back: tuple[str, ...] = field(default=(), repr=False)
    """Texts of the user that foreign text must not quote."""

    is_gateway: bool = False
    """A gateway is asked for its document, not for text."""

    def __str__(self) -> str:
        if self.is_gateway:
            return f"The gateway at {self.shown_url}"
        model = f", model {self.model_ref}" if self.model_ref else ""
        url = f" at {self.shown_url}" if self.shown_url else ""
        return f'Provider "{self.provider_id}"{url}{model}'

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced."""
        return mask(text, self.secrets)

    def clip(self, text: str) -> str:
        """Return foreign text fit for a sentence: harmless, and at most 300 characters of it."""
        line = self.harmless(text)
        return line if len(line) <= CLIP_CHARS else line[: CLIP_CHARS - 1] + "…"

    def harmless(self, text: str) -> str:
        """Return the beginning of foreign text as one printable line without what is hidden."""
        # Masked first, and in what is kept back too: of a secret cut in two, half would be left.
        hidden = set(_spellings(self.secrets))
        text = without_pieces(mask(text, self.secrets), hidden, SHORTEST_CODED, MASK)
        return without_echoes(text, [self.mask(kept) for kept in self.kept_back])


def secrets_in(value: object) -> tuple[SecretStr, ...]:
    """Return every secret in a part of the configuration, whether or not it is used."""
    return tuple(dict.fromkeys(_secrets(value)))


def _secrets(value: object) -> Iterator[SecretStr]:
    match value:
        case SecretStr():
            yield value
        case BaseModel():
            for _, inner in value:
                yield from _secrets(inner)
        case Mapping():
            for inner in value.values():
                yield from _secrets(inner)
        case tuple() | list():
            for inner in value:
                yield from _secrets(inner)


def mask(text: str, secrets: Iterable[SecretStr]) -> str:
    """Return `text` with every secret replaced, however it is spelled."""
    for spelling in _spellings(tuple(secrets)):
        text = text.replace(spelling, MASK)
    return text


# Remembered because a gateway's document is many strings.
@lru_cache(maxsize=64)
def _spellings(secrets: tuple[SecretStr, ...]) -> tuple[str, ...]:
    found = {form for secret in secrets for form in spellings(secret.get_secret_value())}
    return tuple(sorted(found, key=len, reverse=True))
