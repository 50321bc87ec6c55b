"""What the servers of one kind refuse, and the request body without it."""

import re
from dataclasses import dataclass
from typing import Any

from config.rendered import Model

# Hidden thinking counts against the limit of the answer: without room for it, nothing is said.
_ROOM_FOR_THINKING = {"low": 1024, "medium": 4096, "high": 16384}

# What the reasoning models of OpenAI answer with status 400.
_REFUSED_BY_REASONING_MODELS = {"max_tokens", "temperature", "top_p", "stop"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of server; the default takes everything, as self-hosted servers do."""

    is_learned: bool = False
    """Nobody says what answers there: it is learned from its answers (`learned_server.py`)."""
    takes_top_k: bool = True
    takes_top_p_beside_temperature: bool = True
    takes_blank_stops: bool = True
    """False: a stop needs a character that is not white space."""
    reasoning_names: str = ""
    """A pattern for the names of models with a request form of their own; blank: there is none."""
    chat_names: str = ""
    """A pattern for the names of models that only chat, whatever the server can do besides."""
    hides_thinking: bool = False
    """The answer never holds the model's thinking."""
    uses_arn: bool = False
    """A model's ARN, where it has one, is its name."""
    user: str = ""
    """Sent with every request, for the vendor's own records."""


COMPATIBLE = Dialect(is_learned=True)
TAKES_ALL = Dialect()


def only_chats(dialect: Dialect, model: Model) -> bool:
    """Tell whether the server has the model for conversations only."""
    return bool(dialect.chat_names) and _is_named(dialect.chat_names, model)


def in_dialect(body: dict[str, Any], dialect: Dialect, model: Model) -> dict[str, Any]:
    """Return the body without what the server would refuse."""
    spoken = {key: value for key, value in body.items() if key not in _refused(body, dialect)}
    if "stop" in spoken and not dialect.takes_blank_stops:
        spoken["stop"] = [stop for stop in spoken["stop"] if stop.strip()]
        if not spoken["stop"]:
            del spoken["stop"]
    if dialect.user:
        spoken["user"] = dialect.user
    if is_reasoning_model(dialect, model):
        return _for_reasoning(spoken, model)
    return spoken


def is_reasoning_model(dialect: Dialect, model: Model) -> bool:
    """Tell whether the model wants the request form of OpenAI's reasoning models."""
    if not dialect.reasoning_names:
        return False
    if model.reasoning_effort or "reasoning" in model.capabilities:
        return True
    return _is_named(dialect.reasoning_names, model)


def _is_named(pattern: str, model: Model) -> bool:
    names = (model.name_for_api, model.model_name)
    return any(re.search(pattern, name.lower()) for name in names)


def _refused(body: dict[str, Any], dialect: Dialect) -> set[str]:
    refused = set() if dialect.takes_top_k else {"top_k"}
    if "temperature" in body and not dialect.takes_top_p_beside_temperature:
        refused.add("top_p")
    return refused


def _for_reasoning(body: dict[str, Any], model: Model) -> dict[str, Any]:
    kept = {key: value for key, value in body.items() if key not in _REFUSED_BY_REASONING_MODELS}
    effort = model.reasoning_effort
    room = _ROOM_FOR_THINKING.get(effort or "medium", _ROOM_FOR_THINKING["medium"])
    wanted = int(body["max_tokens"])
    most = max(wanted, model.context_window.max_output_tokens)
    kept["max_completion_tokens"] = min(wanted + room, most)
    if effort:
        kept["reasoning_effort"] = effort
    return kept
