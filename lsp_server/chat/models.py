"""Which model answers a chat."""

from lsp_server.session import Session
from providers.client import ModelClient
from providers.errors import ConfigurationError

_CHAT, _FAST_CHAT = "chat", "fastChat"


def chat_client(session: Session, requested: str | None) -> ModelClient:
    """Give the client of the model asked for: `chat`, `fastChat`, a reference or a name.

    Raises `ProviderError` when there is no such model, or one that is not made for chats. A default
    is taken as it is: whoever wrote the configuration has been warned.
    """
    if requested == _FAST_CHAT:
        return session.client_for("fastChat")
    if not requested or requested == _CHAT:
        return session.client_for("chat")
    client = session.client_for("chat", requested)
    able = client.model.capabilities
    if able and _CHAT not in able:
        raise ConfigurationError(
            f"The model {client.model.model_ref} cannot chat: its capabilities are "
            f'{", ".join(able)}; choose another model, or add "chat" to them.'
        )
    return client
