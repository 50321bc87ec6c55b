"""One endpoint as it is being used: its connections, what it cannot do, how it fares."""

from dataclasses import dataclass, field
from typing import Literal

from providers.addresses import Address
from providers.endpoint_health import EndpointHealth
from providers.errors import ConfigurationError, ErrorKind, ProviderError, configuration_error
from providers.http_client import HttpClient, open_http_client
from providers.learned_server import LearnedServer, ServerState
from providers.secrecy import Place
from providers.slots import Slots
from providers.thinking import Opening
from providers.trust import BadEnvironmentError

# About the request, not about the endpoint.
_FAULTS_OF_THE_REQUEST: frozenset[ErrorKind] = frozenset({"context_overflow", "bad_request"})


@dataclass(frozen=True, slots=True)
class EndpointState:
    """How one endpoint fares, fit to be shown."""

    provider_id: str
    url: str
    state: Literal["untried", "ok", "failing"]
    last_error: ErrorKind | None = None
    running: int = 0
    served: int = 0
    first_token_ms: float | None = None
    """Averaged over the latest answers."""
    waiting: int = 0
    """Requests that wait for one of the running ones to end."""
    resting_s: float | None = None
    """For how long the endpoint is left alone, because it failed or asked for it."""
    server: ServerState = field(default_factory=ServerState)


class EndpointConnection:
    """The connections to one endpoint, opened at its first request.

    Those who hold it keep it open: every pool that has it does. It is closed when the last one
    lets go of it.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.asked = 0
        self.health = EndpointHealth()
        self.slots = Slots()
        self.refuses_usage: set[str] = set()
        """Operations whose `stream_options` this server has refused."""
        self.server = LearnedServer(address)
        self.thinking: dict[str, Opening] = {}
        """Where the thinking of each model began, as far as its answers have shown."""
        self._client: HttpClient | None = None
        self.is_closed = False
        """Closed for good; requests are refused."""
        self._holders = 0
        self._closes_when_idle = False
        self._state: Literal["untried", "ok", "failing"] = "untried"
        self._last_error: ErrorKind | None = None
        self._served = 0

    @property
    def client(self) -> HttpClient:
        """The HTTP client; `ConfigurationError` once the pool is closed, or if none can be had."""
        if self.is_closed:
            raise self._closed_error()
        if self._client is None:
            try:
                self._client = open_http_client(self.address.shown_url)
            except BadEnvironmentError as error:
                raise configuration_error(self._place, str(error)) from error
        return self._client

    def state(self) -> EndpointState:
        """Return how the endpoint fares now."""
        return EndpointState(
            self.address.provider_id,
            self.address.shown_url,
            self._state,
            self._last_error,
            self.slots.running,
            self._served,
            self.health.first_token_ms,
            self.slots.waiting,
            self.health.wait_s or None,
            self.server.state(),
        )

    def begin(self) -> bool:
        """Count a request that starts in a place it holds; tell whether it tries the endpoint."""
        self.asked += 1
        return self.health.begin()

    def note_first_token(self, milliseconds: float) -> None:
        """Remember that the endpoint answers, and how fast."""
        self._state = "ok"
        self._last_error = None
        self.health.succeed(milliseconds)

    def end(
        self,
        error: ProviderError | None = None,
        *,
        is_whole: bool = False,
        was_probe: bool = False,
    ) -> None:
        """Count a request that is over: answered as far as wanted, failed, or given up by us.

        Its place goes to the next one.
        """
        if is_whole:
            self._served += 1
            self._state = "ok"
            self._last_error = None
            self.health.succeed()
        elif error is not None:
            self._last_error = error.kind
            if error.kind not in _FAULTS_OF_THE_REQUEST:
                self._state = "failing"
            self.health.fail(error, was_probe=was_probe)
        else:
            self.health.give_up(was_probe=was_probe)
        self.slots.give_back()

    def hold(self) -> None:
        """Keep the endpoint open until `let_go` is called."""
        self._holders += 1

    async def let_go(self, *, waits: bool = False) -> None:
        """Close the endpoint if nobody else holds it; at once, or when it `waits`, once idle."""
        self._holders -= 1
        if self._holders > 0:
            return
        if waits and self.slots.running:
            self._closes_when_idle = True
        else:
            await self._close()

    async def close_if_abandoned(self) -> None:
        """Close the endpoint if its last running request was all that kept it open."""
        if self._closes_when_idle and not self.slots.running:
            await self._close()

    async def _close(self) -> None:
        self.is_closed = True
        self.server.forget_probe()
        if self._client is not None:
            await self._client.aclose()

    def _closed_error(self) -> ConfigurationError:
        cause = "its configuration has been replaced, ask again"
        return configuration_error(self._place, cause)

    @property
    def _place(self) -> Place:
        return Place(self.address.provider_id, self.address.shown_url)
