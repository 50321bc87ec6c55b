"""Local counts of what was asked, offered and accepted; nothing leaves the machine."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counts:
    """Inline completion requests by what became of them, what they cost, chats and edits."""

    requested: int = 0
    answered: int = 0
    cancelled: int = 0
    failed: int = 0
    offered: int = 0
    shown: int = 0
    from_cache: int = 0
    typed_through: int = 0
    accepted: int = 0
    accepted_partly: int = 0
    accepted_characters: int = 0
    passed_over: int = 0
    model_requests: int = 0
    tokens_generated: int = 0
    chats: int = 0
    chat_prompt_tokens: int = 0
    chat_completion_tokens: int = 0
    edits: int = 0


class Counters:
    """Counts; the engine and the handlers tell it what happens."""

    def __init__(self) -> None:
        self.counts = Counts()

    def note_asked(self) -> None:
        """Count a request to a model."""
        self.counts.model_requests += 1

    def note_generated(self, tokens: int) -> None:
        """Count what a model has written, in the server's tokens or in pieces of its stream."""
        self.counts.tokens_generated += tokens

    def note_chat(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count what a chat has cost, as its server counted or as estimated."""
        self.counts.chat_prompt_tokens += prompt_tokens
        self.counts.chat_completion_tokens += completion_tokens

    def note_reused(self, *, is_typed_through: bool) -> None:
        """Count a request that was answered without asking a model."""
        if is_typed_through:
            self.counts.typed_through += 1
        else:
            self.counts.from_cache += 1

    def note_accepted(self, characters: int, *, is_whole: bool) -> None:
        """Count an accepted suggestion, or a part of one."""
        if is_whole:
            self.counts.accepted += 1
        else:
            self.counts.accepted_partly += 1
        self.counts.accepted_characters += characters

    def as_json(self) -> dict[str, int]:
        """The counts with the names of `foretype.status`."""
        return {_camel(name): value for name, value in asdict(self.counts).items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
