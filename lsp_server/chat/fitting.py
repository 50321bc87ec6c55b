"""Makes a conversation fit the model's window, and tells what had to be left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.chat.attachments import Excerpt
from lsp_server.chat.clipping import clip
from lsp_server.chat.tokens import estimate_tokens
from providers.messages import ChatMessage

# What a chat template puts around each turn.
_TURN_TOKENS = 4
# Of what older turns and attachments share, when they do not both fit.
_ATTACHMENTS_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Conversation:
    """All there is to be sent: turns alternate, the first and the last are the user's."""

    system: str
    turns: tuple[ChatMessage, ...]
    excerpts: tuple[Excerpt, ...] = ()
    omitted_turns: int = 0
    """Turns that no model takes where they stood."""


@dataclass(frozen=True, slots=True)
class Omitted:
    """What was left out: whole turns, and characters of what was clipped, with its files' URIs."""

    turns: int = 0
    characters: int = 0
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns or self.characters)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is sent, and what is not."""

    messages: tuple[ChatMessage, ...]
    omitted: Omitted

    @property
    def tokens(self) -> int:
        """About how many tokens it takes."""
        return sum(map(_tokens_of, self.messages))


def fit(conversation: Conversation, budget_tokens: int) -> Fitted:
    """Leave out the oldest turns and clip what is attached, as far as it is needed.

    The instructions and the newest turn always stay; they are clipped when they alone are too much.
    """
    wanted = sum(excerpt.tokens for excerpt in conversation.excerpts)
    system = clip(conversation.system, budget_tokens // 2)
    room = budget_tokens - estimate_tokens(system.text) - 2 * _TURN_TOKENS
    question = clip(conversation.turns[-1].content, max(room - wanted, room // 2))
    newest = ChatMessage("user", question.text)
    room = max(0, room - estimate_tokens(question.text))

    older = conversation.turns[:-1]
    spoken = sum(map(_tokens_of, older))
    if wanted + spoken > room:
        wanted = min(wanted, max(room - spoken, int(room * _ATTACHMENTS_SHARE)))
    shown, clipped = _attached(conversation.excerpts, wanted)
    room -= sum(map(estimate_tokens, shown))
    kept = _newest_pairs(older, room)

    head = ChatMessage("system", "\n\n".join([system.text, *shown]))
    omitted = Omitted(
        turns=conversation.omitted_turns + len(older) - len(kept),
        characters=system.left_out + question.left_out + sum(clipped.values()),
        files=tuple(clipped),
    )
    return Fitted((head, *kept, newest), omitted)


def _attached(excerpts: Sequence[Excerpt], room: int) -> tuple[list[str], dict[str, int]]:
    """Give the excerpts as they are shown, and of the clipped ones what they lack, by URI."""
    shown: list[str] = []
    clipped: dict[str, int] = {}
    for excerpt, limit in zip(excerpts, _shares(excerpts, room), strict=True):
        text, left_out = excerpt.shown(limit)
        shown.append(text)
        if left_out:
            clipped[excerpt.uri] = clipped.get(excerpt.uri, 0) + left_out
    return shown, clipped


def _shares(excerpts: Sequence[Excerpt], room: int) -> list[int]:
    """Divide the room: small excerpts get what they need, large ones equal parts of the rest."""
    needs = [excerpt.tokens for excerpt in excerpts]
    shares = [0] * len(needs)
    left = len(needs)
    for number in sorted(range(len(needs)), key=lambda n: needs[n]):
        shares[number] = min(needs[number], room // left)
        room -= shares[number]
        left -= 1
    return shares


def _newest_pairs(older: tuple[ChatMessage, ...], room: int) -> tuple[ChatMessage, ...]:
    start = len(older)
    while start:
        room -= sum(map(_tokens_of, older[start - 2 : start]))
        if room < 0:
            break
        start -= 2
    return older[start:]


def _tokens_of(message: ChatMessage) -> int:
    return estimate_tokens(message.content) + _TURN_TOKENS
