"""What to change in the configuration, as lines that can be copied into it."""

import difflib

from config.rendered import FimRoute, Model
from providers.errors import ErrorKind, ProviderError
from providers.infill_prompts import family_of
from providers.measuring import Measured

_BY_KIND: dict[ErrorKind, str] = {
    "unreachable": 'endpoints: { "url": "..." } must be where the server listens',
    "auth": 'endpoints: { "url": "...", "accessToken": "${env:NAME}" }',
    "timeout": 'clientSideConfig.openAICompatible: "autocompleteMultilineTimeout": 15000',
    "context_overflow": 'contextWindow: a smaller "maxInputTokens"',
}


def endpoint_advice(error: ProviderError) -> tuple[str, ...]:
    """Return the lines that an endpoint's failure calls for."""
    line = _BY_KIND.get(error.kind)
    return (line,) if line else ()


def model_advice(
    model: Model,
    listed: tuple[str, ...],
    is_listed: bool | None,
    fim_route: FimRoute | None,
    measured: Measured,
) -> tuple[str, ...]:
    """Return the lines that what was found of a model calls for."""
    lines = []
    if measured.kind in _BY_KIND:
        lines.append(_BY_KIND[measured.kind])
    if is_listed is False and measured.trouble:
        lines.append(_name_advice(model, listed))
    if fim_route == "chat":
        lines.append('serverSideConfig: "fimRoute": "chat" saves the first, futile attempt')
    if fim_route == "tokens" and not measured.trouble and not family_of(model).uses_suffix:
        lines.append(
            f"{model.model_ref}: its name tells no fill-in-the-middle tokens, so the text after "
            'the cursor is not used; name the family in "modelName", or use a code model'
        )
    return tuple(lines)


def _name_advice(model: Model, listed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(model.model_name or model.model_ref.model_id, listed, 1, 0.3)
    name = near[0] if near else listed[0]
    return f'{model.model_ref}: "modelName": "{name}"'
