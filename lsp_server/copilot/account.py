"""Who is signed in, and with what: there is no account, so nobody ever has to sign in."""

from typing import Any

from config.rendered import Model, ModelConfiguration
from lsp_server import __version__

USER = "foretype"
"""Clients show it as the user's name, and take a missing one for a user who is not signed in."""

CHECKED: dict[str, Any] = {"status": "OK", "user": USER}
SIGNED_IN: dict[str, Any] = {"status": "AlreadySignedIn", "user": USER}
VERSION: dict[str, Any] = {"version": __version__}

_SCOPES = {"autocomplete": "completion", "chat": "chat-panel"}
_INITIALIZATION_KEYS = (
    "authProvider",
    "copilotCapabilities",
    "copilotIntegrationId",
    "editorConfiguration",
    "editorInfo",
    "editorPluginInfo",
    "githubAppId",
    "networkProxy",
    "telemetry",
)


def models(configuration: ModelConfiguration) -> list[dict[str, Any]]:
    """Describe the configured models as `copilot/models` does."""
    default = configuration.default_models.code_completion
    return [
        {**_model(model), "default": model.model_ref == default} for model in configuration.models
    ]


def _model(model: Model) -> dict[str, Any]:
    return {
        "id": str(model.model_ref),
        "modelName": model.display_name or model.model_ref.model_id,
        "modelFamily": model.model_ref.model_id,
        "scopes": [_SCOPES[each] for each in model.capabilities if each in _SCOPES],
        "preview": False,
    }


def introduces_itself(options: object) -> bool:
    """Tell a client made for Copilot's language server by its `initializationOptions`."""
    return isinstance(options, dict) and ("editorInfo" in options or "editorPluginInfo" in options)


def without_introduction(options: object) -> object:
    """Give the `initializationOptions` without what is meant for Copilot's language server."""
    if not introduces_itself(options) or not isinstance(options, dict):
        return options
    return {key: value for key, value in options.items() if key not in _INITIALIZATION_KEYS}
