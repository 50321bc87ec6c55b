"""The parameters of the messages that only clients made for Copilot's language server send."""

from typing import Any, Self

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel


class _Params(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @classmethod
    def read(cls, params: Any) -> Self | None:
        """Read the parameters of a notification, which may be left alone when they are odd."""
        try:
            return cls.model_validate(params)
        except ValidationError:
            return None


class Point(_Params):
    """A position, in UTF-16 code units whatever was agreed upon for LSP's own messages."""

    line: int = Field(ge=0)
    character: int = Field(ge=0)

    def as_lsp(self) -> types.Position:
        """The same position as LSP's own type."""
        return types.Position(self.line, self.character)


class Focused(_Params):
    """A document that is named, or none."""

    uri: str = ""


class DidFocus(_Params):
    """`textDocument/didFocus`."""

    text_document: Focused = Focused()


class _Command(_Params):
    arguments: tuple[Any, ...] = ()


class _Item(_Params):
    # Of the item, clients send as little as its command.
    command: _Command = _Command()


class OfItem(_Params):
    """`textDocument/didShowCompletion` and `didPartiallyAcceptCompletion`."""

    item: _Item = _Item()
    accepted_length: int | None = None
    """In UTF-16 code units, from the beginning of the item's text."""

    @property
    def offer_id(self) -> str:
        """The id of the offer behind the item, empty when it has none."""
        return str(self.item.command.arguments[0]) if self.item.command.arguments else ""


class Place(_Params):
    """`textDocument/copilotPanelCompletion`."""

    text_document: Focused
    position: Point
    partial_result_token: str | int | None = None


class _Doc(_Params):
    uri: str
    position: Point
    version: int | None = None


class OfDoc(_Params):
    """`getCompletions`, `getCompletionsCycling` and `getPanelCompletions`."""

    doc: _Doc
    panel_id: str = ""


class OfIds(_Params):
    """`notifyShown`, `notifyAccepted` and `notifyRejected`."""

    uuid: str = ""
    uuids: tuple[str, ...] = ()
    accepted_length: int | None = None


class _Copilot(_Params):
    selected_completion_model: str = ""


class _GitHub(_Params):
    copilot: _Copilot = _Copilot()


class Settings(_Params):
    """What of `workspace/didChangeConfiguration` these clients say in Copilot's own words."""

    github: _GitHub = _GitHub()
