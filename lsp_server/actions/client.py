"""What the client says it can do with code actions."""

from dataclasses import dataclass

from lsprotocol import types

from lsp_server.edits.workspace_edits import can_create_files
from lsp_server.server import ForetypeServer

_EXPERIMENTAL, _PROMPT = "foretype", "promptCommand"


@dataclass(frozen=True, slots=True)
class ActionClient:
    """The client's capabilities that decide how actions are listed."""

    has_literals: bool
    """Understands code actions and not commands alone."""
    resolves: bool
    """Asks for the edit of an action once it is chosen."""
    understands_tags: bool
    shows_disabled: bool
    creates_files: bool
    prompt_command: str | None
    """The client's own command that asks the user for an instruction and runs `foretype.edit`."""


def action_client(ls: ForetypeServer) -> ActionClient:
    """Read the capabilities of the client at hand."""
    documents = ls.client_capabilities.text_document
    given = (documents and documents.code_action) or types.CodeActionClientCapabilities()
    resolved = given.resolve_support.properties if given.resolve_support else ()
    tags = given.tag_support.value_set if given.tag_support else ()
    return ActionClient(
        has_literals=given.code_action_literal_support is not None,
        resolves="edit" in resolved and bool(given.data_support),
        understands_tags=types.CodeActionTag.LlmGenerated in tags,
        shows_disabled=bool(given.disabled_support),
        creates_files=can_create_files(ls),
        prompt_command=_prompt_command(ls.client_capabilities.experimental),
    )


def _prompt_command(experimental: object) -> str | None:
    ours = experimental.get(_EXPERIMENTAL) if isinstance(experimental, dict) else None
    command = ours.get(_PROMPT) if isinstance(ours, dict) else None
    return command if isinstance(command, str) and command else None
