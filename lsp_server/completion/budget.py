"""How much text a model is shown and how much it may write, from its configuration."""

from dataclasses import dataclass

from config.rendered import Knobs, Model
from lsp_server.sampling import given_top_k, given_top_p

# Code runs at about 3.5 characters a token; 3 leaves room for the text that tokenizes worse.
_CHARACTERS_PER_TOKEN = 3
_LARGEST_CONTEXT = 16_000
_SUFFIX_SHARE = 0.25
_LINE_TOKENS, _BLOCK_TOKENS = 80, 256
_TIMEOUT_MS = 7_000
_TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one completion request."""

    prefix_characters: int
    suffix_characters: int
    max_tokens: int
    timeout_s: float
    temperature: float
    top_p: float | None
    top_k: int | None


def budget_for(model: Model, is_block: bool) -> Budget:
    """Work out the limits: a knob of the model wins, then what its window holds."""
    knobs = model.knobs or Knobs()
    window = model.context_window
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
        tokens or (_BLOCK_TOKENS if is_block else _LINE_TOKENS), window.max_output_tokens
    )
    total = knobs.context_size_hint_total_characters or min(
        _LARGEST_CONTEXT, window.max_input_tokens * _CHARACTERS_PER_TOKEN
    )
    suffix = knobs.context_size_hint_suffix_characters
    suffix = int(total * _SUFFIX_SHARE) if suffix is None else min(suffix, total)
    prefix = knobs.context_size_hint_prefix_characters
    prefix = total - suffix if prefix is None else min(prefix, total)
    temperature = knobs.auto_complete_temperature
    return Budget(
        prefix_characters=max(prefix, 1),
        suffix_characters=suffix,
        max_tokens=max_tokens,
        timeout_s=(timeout or _TIMEOUT_MS) / 1000,
        temperature=_TEMPERATURE if temperature is None else temperature,
        top_p=given_top_p(knobs.auto_complete_top_p),
        top_k=given_top_k(knobs.auto_complete_top_k),
    )
