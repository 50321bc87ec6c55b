"""The JSON bodies of the two operations."""

import json
import re
from collections.abc import Sequence
from typing import Any, get_args

from providers.messages import ChatMessage, InfillRequest, Role, Sampling

# Fields of a body that hold text of the user.
_TEXTS = ("prompt", "suffix", "input_prefix", "input_suffix")


class BadMessagesError(ValueError):
    """The conversation cannot be sent; the text says why."""


def completion_body(model_name: str, prompt: str, sampling: Sampling) -> dict[str, Any]:
    """Return the body for `/completions`."""
    return {"model": model_name, "prompt": prompt, **_sampling(sampling)}


def suffix_body(model_name: str, prefix: str, suffix: str, sampling: Sampling) -> dict[str, Any]:
    """Return the body for `/completions` with the text after the gap."""
    # Ollama takes a blank suffix for none, and then wraps the prompt in the chat template.
    return {**completion_body(model_name, prefix, sampling), "suffix": suffix or "\n"}


def infill_body(model_name: str, request: InfillRequest) -> dict[str, Any]:
    """Return the body for `/infill` of llama.cpp."""
    given = _sampling(request.sampling)
    # It has a name of its own for the limit; the model matters where it serves several.
    limit = {"n_predict": given.pop("max_tokens")}
    texts: dict[str, Any] = {"input_prefix": request.prefix, "input_suffix": request.suffix}
    if request.context:
        # It puts them into the model's own form, with its own tokens.
        extra = [{"filename": one.path, "text": one.text} for one in request.context]
        texts["input_extra"] = extra
    return {"model": model_name, **texts, **limit, **given}


def chat_body(
    model_name: str, messages: Sequence[ChatMessage], sampling: Sampling
) -> dict[str, Any]:
    """Return the body for `/chat/completions`; `BadMessagesError` for what no server takes."""
    if not messages:
        raise BadMessagesError("the conversation is empty")
    if any(message.role not in get_args(Role) for message in messages):
        raise BadMessagesError("a message has a role other than system, user and assistant")
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return {"model": model_name, "messages": turns, **_sampling(sampling)}


def with_usage(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with a wish for token counts at the end of the stream."""
    return {**body, "stream_options": {"include_usage": True}}


def texts_in(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the texts of the user in a body: a prompt or a conversation."""
    turns = [turn["content"] for turn in body.get("messages", ())]
    turns += [extra["text"] for extra in body.get("input_extra", ())]
    texts = [body.get(key, "") for key in _TEXTS]
    return tuple(text for text in (*texts, *turns) if text)


def refuses_usage(status: int, message: str) -> bool:
    """Tell whether an error is about the wish for token counts, not about the rest."""
    return status in {400, 422} and re.search(r"stream_options|include_usage", message) is not None


def encoded(body: dict[str, Any]) -> bytes:
    """Return the body as bytes; half surrogate pairs, which editors can hold, become U+FFFD."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Halves that were typed one after another make the whole character.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _sampling(sampling: Sampling) -> dict[str, Any]:
    # max_tokens always: without it vLLM gives 16 tokens for /completions, others never end.
    # temperature 0 is sent: without it Ollama takes 1.0 and vLLM the model's own.
    # Never `n`; top_k only when somebody chose one, since OpenAI refuses it.
    body: dict[str, Any] = {"max_tokens": max(1, sampling.max_tokens)}
    if sampling.temperature is not None:
        body["temperature"] = sampling.temperature
    if sampling.top_p is not None and sampling.top_p >= 0:
        body["top_p"] = sampling.top_p
    if sampling.top_k is not None and sampling.top_k >= 0:
        body["top_k"] = sampling.top_k
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    return {**body, "stream": True}
