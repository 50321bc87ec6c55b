"""What a chat asks of the model: instructions, conversation, sampling and limits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.rendered import ContextWindow, Knobs, Model
from lsp_server.chat.argument import ChatArgument, Turn
from lsp_server.chat.attachments import Excerpt
from lsp_server.chat.fitting import Conversation, Fitted, fit
from lsp_server.sampling import given_top_k, given_top_p
from lsp_server.session import Session
from providers.messages import ChatMessage, ChatRequest, Sampling

_TIMEOUT_S = 300.0
_PREAMBLE = (
    "You are Foretype, a coding assistant inside the user's editor. "
    "Answer briefly and exactly; put code into fenced blocks."
)
# Of the window for the prompt, whose tokens we can only estimate.
_WINDOW_SHARE = 0.9
_UNKNOWN_WINDOW = 2000


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat that is ready to be asked, with as much of it as the model may be shown."""

    conversation: Conversation
    sampling: Sampling
    budget_tokens: int

    def fitted(self) -> Fitted:
        """Give what fits."""
        return fit(self.conversation, self.budget_tokens)

    def request(self, fitted: Fitted) -> ChatRequest:
        """Give the request for it."""
        return ChatRequest(fitted.messages, self.sampling, timeout_s=_TIMEOUT_S)


def build_prompt(
    asked: ChatArgument, session: Session, model: Model, excerpts: Sequence[Excerpt]
) -> Prompt:
    """Put the instructions, what is attached and the conversation together."""
    knobs = model.knobs or Knobs()
    own = session.options.chat.pre_instruction or knobs.chat_pre_instruction
    system = [turn.content for turn in asked.messages if turn.role == "system"] or [_PREAMBLE]
    parts = [*system, session.configuration.system_pre_instruction, own]
    turns = _alternating(turn for turn in asked.messages if turn.role != "system")
    start = 1 if turns[0].role == "assistant" else 0
    sampling = _sampling(asked, knobs, model.context_window.max_output_tokens)
    return Prompt(
        Conversation(
            "\n\n".join(part for part in parts if part and part.strip()),
            tuple(turns[start:]),
            tuple(excerpts),
            omitted_turns=start,
        ),
        sampling,
        _budget(model.context_window, sampling.max_tokens),
    )


def _budget(window: ContextWindow, max_tokens: int) -> int:
    tokens = window.left_for_prompt(max_tokens) or _UNKNOWN_WINDOW
    return int(tokens * _WINDOW_SHARE)


def _alternating(turns: Iterable[Turn]) -> list[ChatMessage]:
    """Join neighbours of one role and drop blank turns: many chat templates refuse both.

    A blank answer is what is left of one that was cancelled or failed.
    """
    joined: list[ChatMessage] = []
    for turn in turns:
        if not turn.content.strip():
            continue
        if joined and joined[-1].role == turn.role:
            joined[-1] = ChatMessage(turn.role, f"{joined[-1].content}\n\n{turn.content}")
        else:
            joined.append(ChatMessage(turn.role, turn.content))
    return joined


def _sampling(asked: ChatArgument, knobs: Knobs, most_tokens: int) -> Sampling:
    temperature = asked.temperature if asked.temperature is not None else knobs.chat_temperature
    limit = asked.max_tokens or knobs.chat_max_tokens or most_tokens
    return Sampling(
        max_tokens=min(limit, most_tokens) if most_tokens > 0 else limit or _UNKNOWN_WINDOW,
        temperature=temperature,
        top_p=given_top_p(knobs.chat_top_p),
        top_k=given_top_k(knobs.chat_top_k),
    )
