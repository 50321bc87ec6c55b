"""Every way a model server can fail, each with one sentence a user can act on.

ProviderError               any failure, told by its `kind`
├── ConfigurationError      configuration: the request cannot be made as configured
├── UnreachableError        unreachable: no connection to the server
│   └── ProxyError          ... because of the proxy before it
├── RefusedError            auth, not_found_model, overloaded, context_overflow, bad_request,
│                           server: the server answered with an error
├── TimedOutError           timeout: the time allowed is over
└── IncompleteError         incomplete: the answer stopped before its end
"""

import re
from typing import Literal

import httpx

from providers.causes import root_cause
from providers.secrecy import Place

ErrorKind = Literal[
    "auth",
    "not_found_model",
    "overloaded",
    "context_overflow",
    "bad_request",
    "server",
    "timeout",
    "incomplete",
    "unreachable",
    "configuration",
]


class ProviderError(Exception):
    """A failed request; its text is one sentence without any secret."""

    kind: ErrorKind = "server"

    def __init__(
        self,
        sentence: str,
        *,
        kind: ErrorKind | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        said: str = "",
        is_loading: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind or type(self).kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.said = said
        """The server's own words, without what must not be shown; longer than a sentence's."""
        self.is_loading = is_loading
        """The server has said that it will answer once its model is loaded."""


class ConfigurationError(ProviderError):
    """The configuration does not say how to make this request."""

    kind = "configuration"


class UnreachableError(ProviderError):
    """No connection to the server could be made."""

    kind = "unreachable"


class ProxyError(UnreachableError):
    """No connection to the server could be made, because of the proxy before it."""


class RefusedError(ProviderError):
    """The server answered, with an error."""


class TimedOutError(ProviderError):
    """The time allowed for the answer is over."""

    kind = "timeout"


class IncompleteError(ProviderError):
    """The answer stopped before its end."""

    kind = "incomplete"


_NEXT_STEPS: dict[ErrorKind, str] = {
    "auth": "check the accessToken or headers of that endpoint",
    "not_found_model": "check the model name and the endpoint URL against what the server offers",
    "overloaded": "try again in a moment",
    "context_overflow": "send less text or lower the model's context window in the configuration",
    "bad_request": "check that the server supports this kind of request",
    "server": "look at the model server's log",
    "timeout": "raise the timeout or use a faster model",
    "incomplete": "try again, and look at the model server's log if it happens again",
    "unreachable": "check that the server runs and that the URL is right",
    "configuration": "correct the configuration",
}

_PROXY_STEP = "check the proxy that the environment names, or add the host to NO_PROXY"

# Where it is not a model that is waited for.
_ANSWER_SLOW = "check that the server is well"

_GATEWAY_STEPS: dict[ErrorKind, str] = {
    "auth": "check sourcegraph.accessToken or the variable FORETYPE_GATEWAY_TOKEN",
    "not_found_model": "check the address of the gateway",
    "bad_request": "check the address of the gateway",
    "server": "look at the gateway's log",
    "timeout": "check that the gateway is well",
    "incomplete": "try again, and look at the gateway's log if it happens again",
}

_ANSWERS: dict[ErrorKind, str] = {
    "auth": "refused the credentials",
    "not_found_model": "does not know the model or the address",
    "overloaded": "is overloaded",
    "context_overflow": "says the prompt is too long for the model",
    "bad_request": "refused the request",
    "server": "failed",
}

_GATEWAY_ANSWERS: dict[ErrorKind, str] = {"not_found_model": "does not know the address"}

# llama.cpp: "Loading model". Hugging Face: "Model NAME is currently loading". Both with status 503.
_LOADING = re.compile(r"\bloading\b", re.IGNORECASE)

# What the paths of such APIs have.
_VERSION = re.compile(r"/v\d\w*(/|$)")

# A server that loads a model takes the request at once and is then silent.
_COLD = "the connection stands, it may still be loading the model"


def configuration_error(place: Place, cause: str) -> ConfigurationError:
    """Return the error for a provider that is configured in a way that cannot work."""
    return ConfigurationError(_sentence(place, "cannot be used", None, cause, "configuration"))


def refused(
    place: Place,
    kind: ErrorKind,
    cause: str,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> RefusedError:
    """Return the error for an answer that is one; `cause` may hold the server's own text."""
    is_loading = status == 503 and _LOADING.search(cause) is not None
    answers = {**_ANSWERS, **_GATEWAY_ANSWERS} if place.is_gateway else _ANSWERS
    text = "is still loading its model" if is_loading else answers.get(kind, "failed")
    return RefusedError(
        _sentence(place, text, status, cause, kind),
        kind=kind,
        status=status,
        retry_after_s=retry_after_s,
        said=place.harmless(cause),
        is_loading=is_loading,
    )


def again(error: ProviderError, retry_after_s: float) -> ProviderError:
    """Return a failure anew, for a request that is not made because it would fail the same way."""
    return type(error)(
        str(error), kind=error.kind, status=error.status, retry_after_s=retry_after_s
    )


def timed_out(
    place: Place, timeout_s: float, status: int | None = None, *, has_begun: bool = True
) -> TimedOutError:
    """Return the error for an answer that did not end in time."""
    text = f"did not finish its answer within {timeout_s:g} seconds"
    cause = "" if has_begun else _COLD
    return TimedOutError(_sentence(place, text, status, cause, "timeout"), status=status)


def silent(
    place: Place, silence_s: float, status: int | None = None, *, has_begun: bool
) -> TimedOutError:
    """Return the error for a connection that stands and brings nothing."""
    text = f"took the request but sent nothing for {silence_s:g} seconds"
    if has_begun:
        text = f"sent nothing for {silence_s:g} seconds in the middle of its answer"
    cause = "" if has_begun else _COLD
    return TimedOutError(_sentence(place, text, status, cause, "timeout"), status=status)


def incomplete(place: Place, cause: str, status: int | None = None) -> IncompleteError:
    """Return the error for an answer that stopped before its end."""
    text = "stopped before the end of its answer"
    return IncompleteError(_sentence(place, text, status, cause, "incomplete"), status=status)


# What each exception of httpx means. Errors of use (`StreamError` and below) are faults of ours,
# but a request must still be answered.
HTTPX_KINDS: dict[type[Exception], tuple[ErrorKind, str]] = {
    httpx.HTTPError: ("server", "failed"),
    httpx.RequestError: ("server", "failed"),
    httpx.TransportError: ("unreachable", "cannot be reached"),
    httpx.TimeoutException: ("timeout", "did not answer in time"),
    httpx.ConnectTimeout: ("unreachable", "did not accept a connection in time"),
    httpx.ReadTimeout: ("timeout", "did not answer in time"),
    httpx.WriteTimeout: ("timeout", "did not take the request in time"),
    httpx.PoolTimeout: ("timeout", "has no free connection"),
    httpx.NetworkError: ("unreachable", "cannot be reached"),
    httpx.ConnectError: ("unreachable", "cannot be reached"),
    httpx.ReadError: ("incomplete", "broke the connection"),
    httpx.WriteError: ("incomplete", "broke the connection"),
    httpx.CloseError: ("incomplete", "broke the connection"),
    httpx.ProxyError: ("unreachable", "cannot be reached through the proxy"),
    httpx.UnsupportedProtocol: ("configuration", "has a URL that is neither http nor https"),
    httpx.ProtocolError: ("incomplete", "broke the connection"),
    httpx.LocalProtocolError: ("configuration", "cannot be sent this request"),
    httpx.RemoteProtocolError: ("incomplete", "broke the connection"),
    httpx.DecodingError: ("server", "sent a body that cannot be decompressed"),
    httpx.TooManyRedirects: ("configuration", "redirects without end"),
    httpx.HTTPStatusError: ("server", "failed"),
    httpx.InvalidURL: ("configuration", "has a URL that cannot be read"),
    httpx.CookieConflict: ("server", "sent cookies that contradict each other"),
    httpx.StreamError: ("server", "was read in the wrong order"),
    httpx.StreamConsumed: ("server", "was read in the wrong order"),
    httpx.StreamClosed: ("server", "was read in the wrong order"),
    httpx.ResponseNotRead: ("server", "was read in the wrong order"),
    httpx.RequestNotRead: ("server", "was read in the wrong order"),
}

# What `except` needs to catch to catch them all.
HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)

_CLASSES: dict[ErrorKind, type[ProviderError]] = {
    "unreachable": UnreachableError,
    "timeout": TimedOutError,
    "incomplete": IncompleteError,
    "configuration": ConfigurationError,
}


def from_httpx(place: Place, error: Exception, status: int | None = None) -> ProviderError:
    """Return what an exception of httpx means for the user."""
    kind, text = next(HTTPX_KINDS[known] for known in type(error).__mro__ if known in HTTPX_KINDS)
    # h11 quotes the header it objects to, and headers hold tokens.
    cause = "" if isinstance(error, httpx.LocalProtocolError) else root_cause(error)
    if isinstance(error, httpx.ProxyError):
        return ProxyError(_sentence(place, text, status, cause, kind, _PROXY_STEP), status=status)
    sentence = _sentence(place, text, status, cause, kind)
    return _CLASSES.get(kind, RefusedError)(sentence, kind=kind, status=status)


def _sentence(
    place: Place, text: str, status: int | None, cause: str, kind: ErrorKind, step: str = ""
) -> str:
    details = [f"status {status}"] if status is not None else []
    cause = place.clip(cause).rstrip(".")
    if cause:
        details.append(cause)
    bracket = f" ({': '.join(details)})" if details else ""
    step = step or _step(place, kind)
    return f"{place} {text}{bracket}; {step}."


def _step(place: Place, kind: ErrorKind) -> str:
    if place.is_gateway:
        return {**_NEXT_STEPS, **_GATEWAY_STEPS}[kind]
    if kind == "timeout" and not place.model_ref:
        return _ANSWER_SLOW  # no time limit of a model is at fault
    if kind == "not_found_model" and not _VERSION.search(place.shown_url):
        return f"{_NEXT_STEPS[kind]}; the URL often ends in /v1"
    return _NEXT_STEPS[kind]
