"""Asks an endpoint which models it serves."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from config.rendered import Endpoint
from providers.addresses import Address, endpoint_address
from providers.error_bodies import complaint_in, kind_of
from providers.errors import refused
from providers.fetching import fetch_json
from providers.secrecy import Place
from providers.wire_json import as_count, as_object, as_text

_LIMIT_BYTES = 4 * 1024 * 1024

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as the server lists it; `context_tokens` where the server tells."""

    id: str
    context_tokens: int | None = None


async def list_models(endpoint: Endpoint, provider_id: str = "endpoint") -> tuple[ListedModel, ...]:
    """Return the models an endpoint offers; `ProviderError` when it cannot be asked."""
    return await list_models_at(endpoint_address(provider_id, endpoint))


async def list_models_at(address: Address) -> tuple[ListedModel, ...]:
    """Return the models at an address of any provider; `ProviderError` when it cannot be asked."""
    place = Place(address.provider_id, address.shown_url, secrets=address.secrets)
    payload = await fetch_json(
        place,
        address.base.operation("/models"),
        address.headers,
        limit_bytes=_LIMIT_BYTES,
        timeout_s=_TIMEOUT_S,
    )
    items = _items(payload)
    if items is None:
        complaint = complaint_in(payload)
        if complaint is not None:
            raise refused(place, kind_of(complaint, HTTPStatus.OK), complaint.message)
        raise refused(place, "server", "it sent something that is not a list of models")
    return tuple(dict.fromkeys(_listed(items)))


def _items(payload: object) -> list[Any] | None:
    # {"data": [...]}: OpenAI. A bare list: Together. {"models": [...]}: Ollama; llama.cpp sends
    # both, and its `data` says more.
    if isinstance(payload, list):
        return payload
    fields = as_object(payload)
    for key in ("data", "models"):
        if isinstance(fields.get(key), list):
            items: list[Any] = fields[key]
            return items
    # {"object": "list", "data": null}: Ollama without any model.
    return [] if "data" in fields or "models" in fields else None


def _listed(items: list[Any]) -> Iterator[ListedModel]:
    for item in items:
        if isinstance(item, str) and item:
            yield ListedModel(item)
            continue
        fields = as_object(item)
        names = [as_text(fields.get(key)) for key in ("id", "model", "name")]
        if any(names):
            yield ListedModel(next(filter(None, names)), _context_tokens(fields))


def _context_tokens(fields: dict[str, Any]) -> int | None:
    # vLLM: `max_model_len`. llama.cpp: `meta.n_ctx`; older builds tell the training length only.
    meta = as_object(fields.get("meta"))
    told = (fields.get("max_model_len"), meta.get("n_ctx"), meta.get("n_ctx_train"))
    return next((count for value in told if (count := as_count(value))), None)
