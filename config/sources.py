"""Decides where the configuration comes from, and makes documents for those without a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from config.addresses import address_fault
from config.model_ref import sanitized_id
from config.options import Options

_TOKEN_VARIABLE = "FORETYPE_GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
FILE_VARIABLE = "FORETYPE_CONFIG"
_UNKNOWN_WINDOW_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What the command line says about the configuration; blank where it says nothing."""

    config: str = ""
    gateway: str = ""
    endpoint: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class InlineDocument:
    """The editor's settings hold the document."""

    value: object = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file holds the document; `origin` says who named it."""

    path: str
    origin: str


@dataclass(frozen=True, slots=True)
class GatewayUrl:
    """A gateway provides everything."""

    url: str


@dataclass(frozen=True, slots=True)
class BareEndpoint:
    """One server is used as it is; a blank model means its first."""

    url: str
    model: str


@dataclass(frozen=True, slots=True)
class NoSource:
    """Nothing is configured."""


Source = InlineDocument | ConfigFile | GatewayUrl | BareEndpoint | NoSource


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where to ask for the base, and with which token."""

    endpoint: str
    token: SecretStr | None = None


def choose_source(
    options: Options,
    command_line: CommandLine,
    environ: Mapping[str, str],
    *,
    user_file: str,
    has_user_file: bool,
) -> Source:
    """Choose the first source that is present; the command line goes before equal settings."""
    if options.model_configuration is not None:
        return InlineDocument(options.model_configuration)
    if command_line.config:
        return ConfigFile(command_line.config, "the command line")
    if options.config_file:
        return ConfigFile(options.config_file, "the editor's settings")
    if gateway := command_line.gateway or options.gateway:
        return GatewayUrl(gateway)
    if endpoint := command_line.endpoint or options.endpoint:
        return BareEndpoint(endpoint, command_line.model or options.model)
    if path := environ.get(FILE_VARIABLE, "").strip():
        return ConfigFile(path, f"the variable {FILE_VARIABLE}")
    if has_user_file:
        return ConfigFile(user_file, "the user's folder")
    return NoSource()


def gateway_of(document: object, environ: Mapping[str, str]) -> Gateway | None:
    """Give the gateway that a site document names, if it names one that can be asked."""
    written = document.get("sourcegraph") if isinstance(document, dict) else None
    if not isinstance(written, dict):
        return None
    endpoint = written.get("endpoint")
    if not isinstance(endpoint, str) or address_fault(endpoint) is not None:
        return None
    token = written.get("accessToken")
    if not isinstance(token, str) or not token:
        token = environ.get(_TOKEN_VARIABLE, "").strip()
    return Gateway(endpoint.strip(), SecretStr(token) if token else None)


def with_gateway_token(document: object, gateway: Gateway | None) -> object:
    """Give the document with the gateway's token written into it, as building needs it."""
    if gateway is None or gateway.token is None or not isinstance(document, dict):
        return document
    written = {**document["sourcegraph"], "accessToken": gateway.token.get_secret_value()}
    return {**document, "sourcegraph": written}


def gateway_document(url: str) -> dict[str, object]:
    """Give the site document that `--gateway URL` is short for."""
    return {"sourcegraph": {"endpoint": url}}


def endpoint_document(
    url: str, model_id: str, context_tokens: int | None = None
) -> dict[str, object]:
    """Give the site document of a bare endpoint: one provider, one model for everything."""
    window = max(context_tokens or _UNKNOWN_WINDOW_TOKENS, 2)
    output = max(window // 4, 1)
    return {
        "sourcegraph": None,
        "providerOverrides": [
            {
                "id": "endpoint",
                "displayName": "Endpoint",
                "serverSideConfig": {"type": "openaicompatible", "endpoints": [{"url": url}]},
            }
        ],
        "modelOverrides": [
            {
                "modelRef": f"endpoint::v1::{sanitized_id(model_id)}",
                "displayName": model_id[:128],
                "modelName": model_id,
                "capabilities": ["chat", "autocomplete"],
                "category": "balanced",
                "status": "stable",
                "contextWindow": {
                    "maxInputTokens": window - output,
                    "maxOutputTokens": output,
                },
            }
        ],
    }
