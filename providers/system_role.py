"""Models without a role for instructions: who they are, and what they are sent instead.

The chat template of such a model raises an error, which each server passes on in a form of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.rendered import Model
from providers.errors import ErrorKind, ProviderError
from providers.messages import ChatMessage

# Gemma 1 and 2 in all their sizes and kinds; Gemma 3 puts the instructions where we would.
_REFUSING_NAMES = re.compile(r"gemma[-_ ]?(1\.1[-_ ]|2[-_ ])?\d+b", re.IGNORECASE)

# Gemma 1 and 2: "System role not supported". Bedrock: "This model doesn't support system messages".
# OpenAI's o1-mini: "'messages[0].role' does not support 'system' with this model". Google for
# Gemma: "Developer instruction is not enabled for models/...". Mistral 7B: "Only user and assistant
# roles are supported!". Ministral 3: "Only user, assistant and tool roles are supported, got
# system". Both and Mixtral: "Conversation roles must alternate user/assistant/user/assistant/...".
_REFUSED = re.compile(
    r"\bsystem['\"]?[ _](role|message|prompt|instruction)s?\b[^.;]{0,20}"
    r"\bnot (yet )?(supported|enabled|allowed)"
    r"|\b(does not|doesn't|do not|cannot) support (the )?['\"]?system\b"
    r"|\bdeveloper instruction is not enabled"
    r"|\bonly ['\"]?user['\"]?,? (and )?['\"]?assistant['\"]? roles are supported"
    r"|\broles are supported, got ['\"]?system"
    r"|\b(unknown|unexpected|unsupported|invalid)( message| conversation)? role\b:? ['\"]?system"
    r"|\bconversation roles must alternate",
    re.IGNORECASE,
)

# The newer templates of Mistral, which take one: what they refuse is something else.
_TAKEN = re.compile(r"\boptional system (message|prompt)", re.IGNORECASE)

# What the web servers of Python say when the template raises and nobody catches it: transformers
# serve (5.23), SGLang (2024). mistral.rs (2024) says nothing at all.
_WORDLESS = re.compile(r"(internal server error)?\W*", re.IGNORECASE)

# Neither says anything of the request itself.
_NOT_OF_THE_REQUEST: frozenset[ErrorKind] = frozenset({"auth", "overloaded"})


def stated_system_role(model: Model) -> bool | None:
    """Return whether a model takes a system role, as stated, or as its names tell; None: unknown.

    The name that is sent to the server is looked at first.
    """
    if model.system_role is not None:
        return model.system_role
    names = (model.name_for_api, model.model_name, model.model_ref.model_id)
    return False if any(_REFUSING_NAMES.search(name) for name in names) else None


def without_system_role(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return the conversation with its instructions at the beginning of the first user's turn.

    Templates of such models want turns that alternate and begin with the user's: where the
    conversation begins with an answer, the instructions become a turn before it.
    """
    instructions = [message for message in messages if message.role == "system"]
    if not instructions:
        return tuple(messages)
    head = ChatMessage("user", "\n\n".join(_texts(instructions)))
    turns = [message for message in messages if message.role != "system"]
    return _joined([head, *turns] if head.content else turns)


class SystemRoles:
    """Which models at one endpoint take a system role, as far as their answers have shown it."""

    def __init__(self) -> None:
        self._taking: set[str] = set()
        self._refusing: set[str] = set()
        # Of those that refuse, the ones whose refusal had no words, until they answer without it.
        self._suspected: set[str] = set()

    def known(self, model_ref: str, stated: bool | None) -> bool | None:
        """Return whether the role is taken: as stated, else as learned; None: not known."""
        return False if stated is None and model_ref in self._refusing else stated

    def note_answer(self, model_ref: str, sent: Mapping[str, Any]) -> None:
        """Learn from a request that is being answered."""
        if _has_system_role(sent):
            self._taking.add(model_ref)
            self._clear_suspect(model_ref)
        elif "messages" in sent:
            self._suspected.discard(model_ref)

    def is_refused(self, model_ref: str, error: ProviderError, sent: Mapping[str, Any]) -> bool:
        """Learn from an error; tell whether the request is worth being sent without the role."""
        if "messages" not in sent:
            return False
        if not _has_system_role(sent):
            self._clear_suspect(model_ref)
            return False
        if _says_so(error):
            self._suspected.discard(model_ref)
        elif _says_nothing(error) and model_ref not in self._taking:
            self._suspected |= {model_ref} - self._refusing
        else:
            return False
        self._refusing.add(model_ref)
        return True

    def _clear_suspect(self, model_ref: str) -> None:
        # It fails without the role, too, or is answered with it.
        if model_ref in self._suspected:
            self._suspected.remove(model_ref)
            self._refusing.remove(model_ref)


def _has_system_role(sent: Mapping[str, Any]) -> bool:
    return any(turn["role"] == "system" for turn in sent.get("messages", ()))


def _says_so(error: ProviderError) -> bool:
    if error.kind in _NOT_OF_THE_REQUEST or _TAKEN.search(error.said):
        return False
    return _REFUSED.search(error.said) is not None


def _says_nothing(error: ProviderError) -> bool:
    return error.status == 500 and _WORDLESS.fullmatch(error.said) is not None


def _joined(turns: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    # Also where instructions stood between two turns of one side.
    joined: list[ChatMessage] = []
    for turn in turns:
        if joined and joined[-1].role == turn.role:
            both = "\n\n".join(_texts([joined[-1], turn]))
            joined[-1] = ChatMessage(turn.role, both)
        else:
            joined.append(turn)
    return tuple(joined)


def _texts(messages: Iterable[ChatMessage]) -> list[str]:
    return [message.content for message in messages if message.content.strip()]
