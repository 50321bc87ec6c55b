"""The parts that arguments of commands have in common, read strictly and by their JSON names."""

from typing import Self

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Argument(BaseModel):
    """Root of what clients send: frozen, camelCase in JSON, unknown keys tolerated."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


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
