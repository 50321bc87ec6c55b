"""The parts that arguments of commands have in common, read strictly and by their JSON names."""

from typing import Any, Self

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class Argument(BaseModel):
    """Root of what clients send: frozen, camelCase in JSON, unknown keys tolerated.

    A key that is null counts as left out: editors write what they have no value for as null.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: member for key, member in value.items() if member is not None}


class Point(Argument):
    """An LSP position."""

    line: int = Field(ge=0)
    character: int = Field(ge=0)


class Span(Argument):
    """An LSP range."""

    start: Point
    end: Point

    @classmethod
    def of(cls, span: types.Range) -> Self:
        """The same range as LSP's own type has it."""
        start, end = span.start, span.end
        return cls(
            start=Point(line=start.line, character=start.character),
            end=Point(line=end.line, character=end.character),
        )

    def as_lsp(self) -> types.Range:
        """The same range as LSP's own type."""
        return types.Range(
            types.Position(self.start.line, self.start.character),
            types.Position(self.end.line, self.end.character),
        )
