"""How much text a model is shown and how much it may write, from its configuration."""

from dataclasses import dataclass

from config.rendered import ContextWindow, Knobs, Model
from lsp_server.sampling import given_top_k, given_top_p

# Code runs at about 3.5 characters a token; 3 leaves room for the text that tokenizes worse.
_CHARACTERS_PER_TOKEN = 3
_LARGEST_CONTEXT = 16_000
_PREFIX_SHARE, _SUFFIX_SHARE = 0.6, 0.25
_LINE_TOKENS, _BLOCK_TOKENS = 80, 256
_TIMEOUT_MS = 7_000
_TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one completion request; what is shown of other files is in the total."""

    total_characters: int
    prefix_characters: int
    suffix_characters: int
    max_tokens: int
    timeout_s: float
    temperature: float
    top_p: float | None
    top_k: int | None

    @property
    def step_characters(self) -> int:
        """By how much at once the beginning of what is shown before the cursor moves."""
        return max(1, self.prefix_characters // 4)


def budget_for(model: Model, is_block: bool) -> Budget:
    """Work out the limits: what the window holds, and within that the knobs of the model."""
    knobs = model.knobs or Knobs()
    if is_block:
        tokens, timeout = (
            knobs.auto_complete_multiline_max_tokens,
            knobs.autocomplete_multiline_timeout,
        )
    else:
        tokens, timeout = (
            knobs.auto_complete_singleline_max_tokens,
            knobs.autocomplete_singleline_timeout,
        )
    max_tokens = min(
        tokens or (_BLOCK_TOKENS if is_block else _LINE_TOKENS),
        model.context_window.max_output_tokens,
    )
    total, prefix, suffix = _characters(knobs, _held_by(model.context_window, max_tokens))
    temperature = knobs.auto_complete_temperature
    return Budget(
        total_characters=total,
        prefix_characters=prefix,
        suffix_characters=suffix,
        max_tokens=max_tokens,
        timeout_s=(timeout or _TIMEOUT_MS) / 1000,
        temperature=_TEMPERATURE if temperature is None else temperature,
        top_p=given_top_p(knobs.auto_complete_top_p),
        top_k=given_top_k(knobs.auto_complete_top_k),
    )


def _held_by(window: ContextWindow, max_tokens: int) -> int:
    return max(window.left_for_prompt(max_tokens), 1) * _CHARACTERS_PER_TOKEN


def _characters(knobs: Knobs, held: int) -> tuple[int, int, int]:
    """Give the limits of everything, of the text before the cursor and of the text after it."""
    total = min(knobs.context_size_hint_total_characters or _LARGEST_CONTEXT, held)
    prefix = knobs.context_size_hint_prefix_characters or int(total * _PREFIX_SHARE)
    suffix = knobs.context_size_hint_suffix_characters
    if suffix is None:
        suffix = int(total * _SUFFIX_SHARE)
    prefix = max(1, min(prefix, total))
    if prefix + suffix > total:
        # Neither is to push the other out.
        prefix = max(1, total * prefix // (prefix + suffix))
    return total, prefix, min(suffix, total - prefix)
