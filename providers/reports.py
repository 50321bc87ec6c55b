"""What was found at an endpoint, as plain values without any secret."""

from dataclasses import dataclass
from typing import Literal

from config.rendered import FimRoute
from providers.certificates import Certificate
from providers.errors import ErrorKind
from providers.measuring import NOT_MEASURED, Measured
from providers.server_kinds import UNKNOWN

State = Literal["ok", "failing", "unreachable", "incomplete"]


@dataclass(frozen=True, slots=True)
class ModelReport:
    """How one model does its work at one endpoint."""

    model_ref: str
    feature: str
    """`codeCompletion` or `chat`."""
    is_listed: bool | None = None
    """None: the endpoint does not tell its models."""
    fim_route: FimRoute | None = None
    fim_family: str | None = None
    """Whose tokens the prompt has; None where the server adds them, or nothing is filled."""
    has_system_role: bool = True
    """False: the instructions stand in the first user's message."""
    measured: Measured = NOT_MEASURED
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What was found at one endpoint; no secret is in it."""

    provider_id: str
    url: str
    server: str = UNKNOWN.name
    models: tuple[str, ...] = ()
    """What it lists."""
    is_tls: bool = False
    certificate: Certificate | None = None
    """What it shows; None where none could be seen."""
    proxy: str = ""
    trouble: str = ""
    """One sentence; blank when it answers."""
    kind: ErrorKind | None = None
    """The kind of the trouble, where it is one of a request."""
    is_complete: bool = True
    """False: the time was over before everything was asked."""
    answers: tuple[ModelReport, ...] = ()
    advice: tuple[str, ...] = ()
    """What to change in the configuration."""

    @property
    def is_working(self) -> bool:
        """Everything that was asked of it was answered."""
        return not self.trouble and not any(one.measured.trouble for one in self.answers)

    @property
    def state(self) -> State:
        """How it fares, in one word."""
        if not self.is_complete:
            return "incomplete"
        if self.kind == "unreachable":
            return "unreachable"
        return "ok" if self.is_working else "failing"
