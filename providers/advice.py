"""What to change in the configuration, as lines that can be copied into it."""

import difflib

from config.rendered import FimRoute, Model
from providers.certificates import Certificate
from providers.errors import ErrorKind, ProviderError, ProxyError
from providers.infill_prompts import family_of
from providers.measuring import Measured

_BY_KIND: dict[ErrorKind, str] = {
    "unreachable": 'endpoints: { "url": "..." } must be where the server listens',
    "auth": 'endpoints: { "url": "...", "accessToken": "${env:NAME}" }',
    "timeout": 'clientSideConfig.openAICompatible: "autocompleteMultilineTimeout": 15000',
    "context_overflow": 'contextWindow: a smaller "maxInputTokens"',
}


_OF_GATEWAY: dict[ErrorKind, str] = {
    "unreachable": 'sourcegraph: { "endpoint": "..." } or --gateway must be where it listens',
    "auth": 'sourcegraph: { "accessToken": "${env:NAME}" } or FORETYPE_GATEWAY_TOKEN',
    "not_found_model": 'sourcegraph: { "endpoint": "..." } or --gateway: another address',
}

_OF_BARE_ENDPOINT: dict[ErrorKind, str] = {
    "unreachable": "--endpoint URL must be where the server listens: start it or correct the URL",
    "auth": 'a configuration file can hold a token: endpoints: { "accessToken": "${env:NAME}" }',
    "not_found_model": "--endpoint URL is the part before /models and /completions, often .../v1",
}

_OF_PROXY = (
    "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY in the environment must name a proxy that runs; "
    "NO_PROXY=HOST goes without it"
)

# Long enough to renew a certificate.
_SOON_DAYS = 14


def endpoint_advice(error: ProviderError) -> tuple[str, ...]:
    """Return the lines that an endpoint's failure calls for."""
    return _line_for(error, _BY_KIND)


def source_advice(error: ProviderError, *, is_gateway: bool) -> tuple[str, ...]:
    """Return the lines that a failure calls for where the configuration itself comes from."""
    return _line_for(error, _OF_GATEWAY if is_gateway else _OF_BARE_ENDPOINT)


def _line_for(error: ProviderError, lines: dict[ErrorKind, str]) -> tuple[str, ...]:
    line = _OF_PROXY if isinstance(error, ProxyError) else lines.get(error.kind)
    return (line,) if line else ()


def certificate_advice(certificate: Certificate | None) -> tuple[str, ...]:
    """Return the lines that a certificate calls for."""
    if certificate is None:
        return ()
    days = certificate.days_left
    if days < 0:
        return (f"the server's certificate has expired on {_day(certificate)}: renew it there",)
    if not certificate.refused:
        soon = f"the server's certificate ends on {_day(certificate)}: renew it there in time"
        return (soon,) if days < _SOON_DAYS else ()
    if "mismatch" in certificate.refused:
        names = ", ".join(certificate.names) or "no host"
        return (f"the URL must name a host that the certificate is for: {names}",)
    return (
        "FORETYPE_CA_FILE=FILE in the environment names a PEM file with the authority "
        f'"{certificate.issuer}"',
    )


def _day(certificate: Certificate) -> str:
    return certificate.valid_until.date().isoformat()


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
            'the cursor is not used; state the family, serverSideConfig: {"type": '
            '"openaicompatible", "fimFamily": "..."}, or use a code model'
        )
    return tuple(lines)


def system_role_advice(model: Model) -> str:
    """Return the line that a system role calls for that the server has refused."""
    return (
        f'{model.model_ref}: serverSideConfig: {{"type": "openaicompatible", "systemRole": false}} '
        "saves the first, futile attempt"
    )


def _name_advice(model: Model, listed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(model.model_name or model.model_ref.model_id, listed, 1, 0.3)
    name = near[0] if near else listed[0]
    return f'{model.model_ref}: "modelName": "{name}"'
