"""What one endpoint has shown of itself: its kind, what it refused, and what follows from that.

The first request to a server nobody knows goes out on a guess and waits for nothing. Its answer
tells most kinds; a request that is refused for its form is asked again in the next best one, and
what was refused is remembered for as long as the endpoint is in use.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.rendered import FimRoute
from providers.addresses import Address
from providers.errors import ProviderError
from providers.routes import Route
from providers.server_kinds import LISA, UNKNOWN, VENDOR, ServerKind, kind_by_reply
from providers.system_role import SystemRoles

# Fields that not every server takes, and that a request can do without.
_SPARE_FIELDS = ("top_k", "top_p")

# Status of an operation that does not exist, or not for this model.
_NO_SUCH_OPERATION = frozenset({404, 405, 501})

# vLLM: "suffix is not currently supported", since 0.33 "suffix is only supported for models with
# FIM completion rendering". llama.cpp before 2026: "Unsupported param: suffix".
# Ollama: "... does not support insert". TGI: "Suffix is not supported".
_SUFFIX_REFUSED = re.compile(r"suffix|insert", re.IGNORECASE)

# OpenAI: "This is a chat model and not supported in the v1/completions endpoint". Azure: "The
# completion operation does not work with the specified model".
_CHAT_ONLY = re.compile(r"chat model|chat/completions|completion operation does not", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerState:
    """What has been learned of a server, fit to be shown."""

    kind: str = UNKNOWN.name
    fim_routes: tuple[tuple[str, FimRoute], ...] = ()
    """How the gaps of each model have been filled, by its reference."""
    is_streaming: bool | None = None
    """None: not known yet."""


class LearnedServer:
    """The server at one endpoint, as far as its answers have shown it."""

    def __init__(self, address: Address) -> None:
        self._stated = address.fim_route
        self._kind = UNKNOWN if address.dialect.is_learned else VENDOR
        if address.base.path.endswith("/v2/serve") and self._kind is UNKNOWN:
            self._kind = LISA
        self._refused_routes: set[tuple[str, FimRoute]] = set()
        self._refused_fields: set[str] = set()
        self._system_roles = SystemRoles()
        self._filled: dict[str, FimRoute] = {}
        self._is_streaming: bool | None = None
        self.probe: asyncio.Task[None] | None = None
        """Finds out the kind beside the requests; made when one is worth it."""

    @property
    def kind(self) -> ServerKind:
        """What the server is, as far as is known."""
        return self._kind

    def state(self) -> ServerState:
        """Return what is known of the server now."""
        return ServerState(self._kind.name, tuple(self._filled.items()), self._is_streaming)

    def note_answer(self, route: Route, sent: Mapping[str, Any], *, is_filling: bool) -> None:
        """Remember what has been answered, and how a model has filled a gap."""
        self._system_roles.note_answer(route.model_ref, sent)
        if is_filling:
            self._filled[route.model_ref] = route.fim_route

    def note_streaming(self, is_streaming: bool | None) -> None:
        """Remember whether the latest answer came as it was written, where it told."""
        if is_streaming is not None:
            self._is_streaming = is_streaming

    def note_kind(self, kind: ServerKind) -> None:
        """Remember what the server was found to be; what is known already stays."""
        if self._kind is UNKNOWN:
            self._kind = kind

    def note_reply(self, headers: Mapping[str, str], fingerprint: str) -> None:
        """Learn the kind from an answer, where it gives it away."""
        if self._kind is UNKNOWN:
            self._kind = kind_by_reply(headers, fingerprint)

    def refuses(self, route: Route, fim_route: FimRoute) -> None:
        """Remember that this way of filling a gap does not work for a model."""
        self._refused_routes.add((route.model_ref, fim_route))

    def forget_probe(self) -> None:
        """End what is being found out."""
        if self.probe is not None:
            self.probe.cancel()

    def best(self, route: Route) -> Route:
        """Return the way to the model with what is known of this server."""
        system_role = self._system_roles.known(route.model_ref, route.system_role)
        fim_route = self._fim_route(route)
        return replace(route, fim_route=fim_route, system_role=system_role, server=self._kind)

    def fit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body without what this server is not known to take, or has refused.

        A `top_k` goes to a server that nothing is known of once it has been asked what it is.
        """
        left_out = set(self._refused_fields)
        if not self._kind.takes_top_k and not self._is_unheard_of:
            left_out.add("top_k")
        if not self._kind.takes_top_p_ends and not 0 < body.get("top_p", 0.5) < 1:
            left_out.add("top_p")
        return {key: value for key, value in body.items() if key not in left_out}

    @property
    def _is_unheard_of(self) -> bool:
        """Whether it was asked what it is, and nothing told."""
        return self._kind is UNKNOWN and self.probe is not None and self.probe.done()

    def is_corrected(self, route: Route, error: ProviderError, sent: Mapping[str, Any]) -> bool:
        """Learn from an error; tell whether the request is worth being sent in another form."""
        if error.status in {400, 422}:
            named = {key for key in _SPARE_FIELDS if key in sent and key in error.said}
            if named:
                self._refused_fields |= named
                return True
        if route.system_role is not True and self._system_roles.is_refused(
            route.model_ref, error, sent
        ):
            return True
        if "messages" in sent and error.status in _NO_SUCH_OPERATION:
            # Nothing is where it should be, so the address is at fault and nothing was learned.
            self._refused_routes -= {(route.model_ref, way) for way in self._kind.fim_routes}
        if "messages" in sent or self._stated or not _is_about_route(route.fim_route, error):
            return False
        self.refuses(route, route.fim_route)
        return self._fim_route(route) != route.fim_route

    def _fim_route(self, route: Route) -> FimRoute:
        if not route.has_completions:
            return "chat"
        if self._stated:
            return self._stated
        for candidate in self._kind.fim_routes:
            if (route.model_ref, candidate) not in self._refused_routes:
                return candidate
        return self._kind.fim_routes[-1]


def _is_about_route(fim_route: FimRoute, error: ProviderError) -> bool:
    if fim_route == "infill":
        # llama.cpp without FIM tokens: 501. A proxy that does not pass it on: 404.
        return error.status in _NO_SUCH_OPERATION
    if fim_route == "suffix":
        return error.status in {400, 422, 501} and _SUFFIX_REFUSED.search(error.said) is not None
    if error.status in {400, 404} and _CHAT_ONLY.search(error.said):
        return True
    # A 404 that speaks of the model is about the model.
    return error.status in _NO_SUCH_OPERATION and "model" not in error.said.lower()
