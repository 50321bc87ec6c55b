"""Asks a server what it is, and a model whether it fills gaps, with a few small requests."""

import asyncio
from typing import Any

import httpx

from config.rendered import FimRoute, Model
from providers.addresses import Address
from providers.bodies import encoded, infill_body, suffix_body
from providers.endpoint_connection import EndpointConnection
from providers.errors import HTTPX_ERRORS
from providers.http_client import BodyTooLongError, HttpClient, open_http_client, read_body
from providers.messages import InfillRequest, Sampling
from providers.routes import Route, route_to
from providers.server_kinds import SIGNS, UNKNOWN, Answer, ServerKind, kind_by_signs
from providers.wire_json import as_count, as_object, as_text, read_json

IDENTIFYING_TIMEOUT_S = 5.0

_LIMIT_BYTES = 4 * 1024 * 1024

_ROOT_PATHS = tuple(dict.fromkeys(sign.path for sign in SIGNS if sign.path))

_PREFIX = "def answer():\n    return "
# Long enough that it shows in the number of tokens the server counts.
_TELLTALE = "\n\nassert answer() == 7391, 'the quick brown fox jumps over the lazy dog'\n"


async def identify(address: Address) -> ServerKind:
    """Return what kind of server answers at an address; `UNKNOWN` when nothing tells."""
    deadline = asyncio.get_running_loop().time() + IDENTIFYING_TIMEOUT_S
    urls = {"/models": address.base.operation("/models")}
    urls |= {path: address.base.at_root(path) for path in _ROOT_PATHS}
    async with open_http_client(address.shown_url) as client:
        asked = (_get(client, address, path, url, deadline) for path, url in urls.items())
        answers = await asyncio.gather(*asked)
    return kind_by_signs(tuple(answer for answer in answers if answer))


def identify_beside(connection: EndpointConnection) -> None:
    """Find out what an unknown server is, while requests to it go on; at most once."""
    server = connection.server
    if server.kind is UNKNOWN and server.probe is None:
        server.probe = asyncio.create_task(_identify(connection))


async def fills_gaps(
    connection: EndpointConnection, model: Model, way: FimRoute, timeout_s: float
) -> bool:
    """Tell by its effect whether a way that leaves the prompt to the server works for a model."""
    route = route_to(connection.address, model)
    deadline = asyncio.get_running_loop().time() + timeout_s
    name = route.model_name.get_secret_value()
    sampling = Sampling(8, temperature=0.0)
    if way == "infill":
        body = infill_body(name, InfillRequest(_PREFIX, _TELLTALE, sampling))
        answer = await _post(connection, route, route.infill_url, body, deadline)
        return "content" in as_object(answer)
    if way != "suffix":
        return False
    with_it = suffix_body(name, _PREFIX, _TELLTALE, sampling)
    without = {key: value for key, value in with_it.items() if key != "suffix"}
    url = route.completions_url
    seen = await _post(connection, route, url, with_it, deadline)
    if seen is None:
        return False
    plain = await _post(connection, route, url, without, deadline)
    return _counts_more(seen, plain)


async def _identify(connection: EndpointConnection) -> None:
    connection.server.note_kind(await identify(connection.address))


def _counts_more(seen: object, plain: object) -> bool:
    # A server that ignores the suffix (llama.cpp, 2026) answers as if it had not been there.
    with_it, without = _prompt_tokens(seen), _prompt_tokens(plain)
    if with_it and without:
        return with_it > without
    return plain is not None and _text(seen) != _text(plain)


def _prompt_tokens(answer: object) -> int:
    return as_count(as_object(as_object(answer).get("usage")).get("prompt_tokens"))


def _text(answer: object) -> str:
    choices = as_object(answer).get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return as_text(as_object(first).get("text"))


async def _get(
    client: HttpClient, address: Address, path: str, url: str, deadline: float
) -> Answer | None:
    headers = {"Accept": "application/json", **_plain(address)}
    try:
        response = await client.send("GET", url, headers, None, deadline)
        body = await _json_of(response, deadline)
    except (TimeoutError, *HTTPX_ERRORS):
        return None
    return Answer(path, {name.lower(): value for name, value in response.headers.items()}, body)


async def _post(
    connection: EndpointConnection, route: Route, url: str, body: dict[str, Any], deadline: float
) -> object:
    headers = {"Content-Type": "application/json", **_plain(route.address)}
    content = encoded({**body, "stream": False})
    try:
        response = await connection.client.send("POST", url, headers, content, deadline)
        return await _json_of(response, deadline)
    except (TimeoutError, *HTTPX_ERRORS):
        return None


async def _json_of(response: httpx.Response, deadline: float) -> object:
    try:
        if not response.is_success:
            return None
        async with asyncio.timeout_at(deadline):
            body = await read_body(response, _LIMIT_BYTES)
        return read_json(body.decode("utf-8-sig", "replace"))
    except (BodyTooLongError, ValueError):
        return None
    finally:
        await response.aclose()


def _plain(address: Address) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in address.headers}
