"""The last good document of each gateway on disk, for starts while the gateway is away."""

import json
import logging
import os
import tempfile
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from providers.endpoint_urls import shown_url
from providers.fetching import NO_MARKS, Marks
from providers.gateway import GatewayDocument
from providers.secrecy import mask
from providers.wire_json import as_object, as_text, read_json

logger = logging.getLogger(__name__)

_LIMIT_BYTES = 32 * 1024 * 1024

# No place for a setting lies deeper than this.
_DEEPEST = 20

_SERVER_SIDE = "serverSideConfig"

# Of the server side only this is kept: where the servers are and how they differ. The rest is
# secret, or may be one day.
_KEPT = frozenset(
    {
        "openAICompatible",
        "azureOpenAi",
        "awsBedrock",
        "genericProvider",
        "sourcegraphProvider",
        "type",
        "endpoints",
        "endpoint",
        "url",
        "region",
        "serviceName",
        "enableVerboseLogs",
        "useLegacyCompletions",
        "useDeprecatedCompletionsAPI",
        "apiVersion",
        "urlBuilder",
    }
)

_SECRET_NAMES = frozenset({"accessToken", "accessTokenQuery", "headers", "credentialsJSON"})


class GatewayCache:
    """Keeps documents in a folder of its own, without secrets and for the user's eyes only.

    Neither method raises for what is wrong with the disk: a warning is logged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, endpoint: str) -> GatewayDocument | None:
        """Return the document last stored for a gateway, if there is a readable one."""
        path = self._path(endpoint)
        try:
            with path.open("rb") as file:
                text = file.read(_LIMIT_BYTES + 1)
            if len(text) > _LIMIT_BYTES:
                raise ValueError("it is too long")
            stored = as_object(read_json(text.decode()))
            if not isinstance(stored.get("document"), dict):
                raise ValueError("it holds no document")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # Not the error itself: some quote what they could not read.
            name = type(error).__name__
            logger.warning("the stored gateway document %s is not used: %s", path.name, name)
            return None
        marks = Marks(as_text(stored.get("etag")), as_text(stored.get("lastModified")))
        return GatewayDocument(stored["document"], marks)

    def store(
        self, endpoint: str, document: GatewayDocument, secrets: Iterable[SecretStr] = ()
    ) -> None:
        """Store the document of a gateway in place of the last one; `secrets` are masked in it."""
        value = _without_secrets(document.value, tuple(secrets))
        # With its marks, a document that lost something would be confirmed as the whole one.
        marks = document.marks if value == document.value else NO_MARKS
        stored = {"etag": marks.etag, "lastModified": marks.last_modified, "document": value}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            _write_private(self._path(endpoint), json.dumps(stored).encode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            logger.warning("the gateway's document cannot be stored: %s", reason)

    def _path(self, endpoint: str) -> Path:
        return self._folder / f"{sha256(endpoint.strip().encode()).hexdigest()[:32]}.json"


def _write_private(path: Path, data: bytes) -> None:
    # mkstemp gives the file mode 0600 from the beginning.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise


def _without_secrets(
    value: object, secrets: tuple[SecretStr, ...], *, is_server_side: bool = False, depth: int = 0
) -> Any:
    if isinstance(value, str):
        return mask(value, secrets)
    if not isinstance(value, list | dict):
        return value
    if depth > _DEEPEST:
        return None
    clean = partial(_without_secrets, secrets=secrets, depth=depth + 1)
    if isinstance(value, list):
        return [clean(item, is_server_side=is_server_side) for item in value]
    kept = {}
    for key, member in value.items():
        if key in _SECRET_NAMES or (is_server_side and key not in _KEPT):
            continue
        is_inside = is_server_side or key == _SERVER_SIDE
        if is_inside and key in {"url", "endpoint"} and isinstance(member, str):
            member = _without_credentials(member)
        kept[key] = clean(member, is_server_side=is_inside)
    return kept


def _without_credentials(address: str) -> str:
    # A query or user name can be a key; an address without either stays as it is written.
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return shown_url(address) if parts.query or "@" in address else address
