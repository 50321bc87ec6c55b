"""The events of one answer, read from the chunks of `/completions` and `/chat/completions`."""

from typing import Any

from providers.error_bodies import Complaint, complaint_from_text, complaint_in, kind_of
from providers.errors import ProviderError, incomplete, refused
from providers.messages import FinishReason, ReasoningDelta, TextDelta, Usage
from providers.secrecy import Place
from providers.surrogates import SurrogateJoiner
from providers.thinking import ThinkingSplitter
from providers.wire_json import as_count, as_object, as_string, as_text, read_json_values

Delta = TextDelta | ReasoningDelta

# Every other reason means `stop`: TGI says `eos_token` and `stop_sequence`.
_FINISH_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "model_length": "length",  # Mistral: the window is full
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


class ReplyReader:
    """Collects one answer: what it says, how it finished, what it cost."""

    def __init__(
        self,
        place: Place,
        status: int = 200,
        *,
        thinking: ThinkingSplitter | None = None,
        may_think: bool = False,
    ) -> None:
        self.finish_reason: FinishReason | None = None
        self.usage: Usage | None = None
        self.is_done = False
        """The server said `[DONE]`."""
        self.fingerprint = ""
        """What the server says of its build, which tells some kinds of server."""
        self._place = place
        self._status = status
        self._thinking = thinking or ThinkingSplitter()
        self._splits_thinking = may_think
        self._text_joiner = SurrogateJoiner()
        self._thought_joiner = SurrogateJoiner()
        self._has_text = False
        self._chunks = 0
        self._is_whole = False
        self._suspect = ""

    @property
    def is_finished(self) -> bool:
        """No more text can come."""
        return self.is_done or self.finish_reason is not None

    def read(self, data: str, *, is_error: bool = False, is_last: bool = False) -> list[Delta]:
        """Return what one event adds to the answer; raise what it reports as an error."""
        if self.is_done:
            return []
        if is_error:
            raise self._refusal(complaint_from_text(data))
        text = data.strip()
        self.is_done = text.endswith("[DONE]")
        try:
            values = read_json_values(text.removesuffix("[DONE]"))
        except ValueError as error:
            if self.finish_reason is not None:
                return []  # what is cut off is no part of the answer
            raise self._unreadable(is_last) from error
        return [delta for value in values for delta in self._chunk(value)]

    def note_whole(self) -> None:
        """Take note that the answer was announced as one JSON value, and was read to its end."""
        self._is_whole = self._chunks == 1

    def finish(self, stray_line: str = "") -> list[Delta]:
        """Return the rest of an answer that ended well; raise `IncompleteError` when it did not."""
        if self._suspect and not self.is_done:
            # LocalAI sends its errors as text, finishes and closes without [DONE].
            raise self._refusal(Complaint(self._suspect))
        is_cut = self.finish_reason == "length"
        rest = self._thought("") + self._text(self._text_joiner.close())
        rest += self._answer(self._suspect) + self._thinking.close(is_cut=is_cut)
        self._note(rest)
        is_over = self.is_done or self._is_whole
        if self.finish_reason is None and not (is_over and self._has_text):
            nothing = "" if self._has_text else "it sent nothing"
            raise incomplete(self._place, stray_line or nothing, self._status)
        if self.finish_reason == "length" and not self._has_text:
            self._check_room()
        self.finish_reason = self.finish_reason or "stop"
        return rest

    def _chunk(self, payload: object) -> list[Delta]:
        complaint = complaint_in(payload)
        if complaint is not None:
            raise self._refusal(complaint)
        self._chunks += 1
        chunk = as_object(payload)
        self._read_usage(as_object(chunk.get("usage", chunk)))
        self.fingerprint = self.fingerprint or as_text(chunk.get("system_fingerprint"))
        choices = chunk.get("choices", _as_choices(chunk))
        deltas: list[Delta] = []
        for choice in choices if isinstance(choices, list) else []:
            if as_count(as_object(choice).get("index")) == 0 and self.finish_reason is None:
                deltas += self._choice(as_object(choice))
        self._note(deltas)
        return deltas

    def _choice(self, choice: dict[str, Any]) -> list[Delta]:
        finish = as_text(choice.get("finish_reason"))  # TGI writes "" on every chunk but the last
        # OpenRouter puts an error into the choice; Mistral's reasons have one of this name.
        complaint = complaint_in({"error": choice.get("error"), "choices": []})
        if complaint is not None or finish == "error":
            raise self._refusal(complaint or Complaint("it ended with an error"))
        if finish:
            self.finish_reason = _FINISH_REASONS.get(finish, "stop")
        if "text" in choice:
            if finish == "stop" and as_string(choice["text"]).startswith("Internal error:"):
                self._suspect = as_text(choice["text"])
                return []
            text = self._text_joiner.feed(choice["text"])
            self._has_text = self._has_text or bool(text)
            return self._text(text)
        self._splits_thinking = True
        message = choice.get("message")
        said = as_object(choice.get("delta")) or as_object(message)
        thought = as_string(said.get("reasoning_content")) or as_string(said.get("reasoning"))
        thought_part, text = _said(said.get("content"))
        thought += thought_part
        answer = self._text_joiner.feed(text)
        deltas = self._thought(thought, is_over=bool(answer))
        if message and "</think>" in answer and "<think>" not in answer:
            # Qwen3 and DeepSeek-R1 templates open the tag in the prompt, so only its end is here.
            answer = "<think>" + answer
        return deltas + self._text(answer)

    def _text(self, text: str) -> list[Delta]:
        # A prompt to be continued does not make a model think, unless the server makes a
        # conversation of it (Ollama, LocalAI).
        return self._thinking.feed(text) if self._splits_thinking else self._answer(text)

    def _thought(self, piece: str, *, is_over: bool = True) -> list[Delta]:
        if piece:
            self._thinking.note_separate()
        thought = self._thought_joiner.feed(piece)
        thought += self._thought_joiner.close() if is_over else ""
        return [ReasoningDelta(thought)] if thought else []

    def _answer(self, text: str) -> list[Delta]:
        return [TextDelta(text)] if text else []

    def _note(self, deltas: list[Delta]) -> None:
        self._has_text = self._has_text or bool(deltas)

    def _read_usage(self, usage: dict[str, Any]) -> None:
        prompt = as_count(usage.get("prompt_tokens") or usage.get("tokens_evaluated"))
        completion = as_count(usage.get("completion_tokens") or usage.get("tokens_predicted"))
        if prompt or completion:  # Ollama writes zeros on each chunk of /completions
            self.usage = Usage(prompt, completion)

    def _check_room(self) -> None:
        # "No text, finish length" means that the prompt fills the window (Ollama).
        if self.usage is None or self.usage.completion_tokens <= 1:
            cause = "no room is left for an answer"
            raise refused(self._place, "context_overflow", cause, self._status)

    def _refusal(self, complaint: Complaint) -> ProviderError:
        kind = kind_of(complaint, self._status)
        status = complaint.status or self._status
        return refused(self._place, kind, complaint.message, status)

    def _unreadable(self, is_last: bool) -> ProviderError:
        if is_last:
            return incomplete(self._place, "the last piece is cut off", self._status)
        cause = "it sent something that is not JSON"
        return refused(self._place, "server", cause, self._status)


def _said(content: object) -> tuple[str, str]:
    """Give the thinking and the text of a content, which may be a list of parts.

    Mistral's reasoning models: `[{"type": "thinking", "thinking": [{"type": "text", "text": "x"}]},
    {"type": "text", "text": "y"}]`.
    """
    if not isinstance(content, list):
        return "", as_string(content)
    thought = [_texts(as_object(part).get("thinking")) for part in content]
    return "".join(thought), _texts(content)


def _texts(parts: object) -> str:
    parts = parts if isinstance(parts, list) else []
    return "".join(as_string(as_object(part).get("text")) for part in parts)


def _as_choices(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    # /infill of llama.cpp: {"index": 0, "content": "x", "stop": false, "tokens_predicted": 2, ...},
    # and at the end "stop": true, "stop_type": "limit" | "eos" | "word"; no [DONE] follows.
    if "content" not in chunk:
        return []
    reason = {"limit": "length"}.get(as_text(chunk.get("stop_type")), "stop")
    finish = reason if chunk.get("stop") is True else None
    return [{"index": 0, "text": chunk["content"], "finish_reason": finish}]
