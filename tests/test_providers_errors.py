"""The sentence and the kind of every failure."""

import httpx
import pytest
from pydantic import SecretStr

from providers.errors import (
    HTTPX_ERRORS,
    HTTPX_KINDS,
    ConfigurationError,
    IncompleteError,
    ProviderError,
    UnreachableError,
    from_httpx,
    incomplete,
    refused,
    timed_out,
)
from providers.secrecy import Place, mask

PLACE = Place("local", "http://127.0.0.1:8080/v1", "local::v1::m", (SecretStr("Bearer s3cr3t"),))


def httpx_exceptions() -> list[type[Exception]]:
    public = (getattr(httpx, name) for name in httpx.__all__)
    return [one for one in public if isinstance(one, type) and issubclass(one, Exception)]


@pytest.mark.parametrize("exception", httpx_exceptions())
def test_every_httpx_exception_is_mapped(exception: type[Exception]) -> None:
    assert exception in HTTPX_KINDS
    assert issubclass(exception, HTTPX_ERRORS)


def test_the_mapped_error_has_its_class_and_cause() -> None:
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = OSError("All connection attempts failed")
    error.__cause__.__cause__ = ConnectionRefusedError(111, "Connection refused")
    found = from_httpx(PLACE, error)
    assert isinstance(found, UnreachableError)
    assert str(found) == (
        'Provider "local" at http://127.0.0.1:8080/v1, model local::v1::m cannot be reached '
        "(Connection refused); check that the server runs and that the URL is right."
    )


def test_h11_quoting_a_header_is_not_repeated() -> None:
    error = httpx.LocalProtocolError("Illegal header value b'Bearer other-secret'")
    found = from_httpx(PLACE, error)
    assert isinstance(found, ConfigurationError)
    assert "other-secret" not in str(found)


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (refused(PLACE, "auth", "no", 401), "auth", 401),
        (timed_out(PLACE, 7.0), "timeout", None),
        (incomplete(PLACE, "", 200), "incomplete", 200),
        (ConfigurationError("x"), "configuration", None),
        (IncompleteError("x", kind="server"), "server", None),
    ],
)
def test_errors_carry_kind_and_status(error: ProviderError, kind: str, status: int | None) -> None:
    assert (error.kind, error.status) == (kind, status)


def test_no_model_is_blamed_for_a_silent_server_that_was_not_asked_for_one() -> None:
    assert "use a faster model" in str(timed_out(PLACE, 7.0))
    assert str(timed_out(Place("local", "http://127.0.0.1:8080/v1"), 7.0)) == (
        'Provider "local" at http://127.0.0.1:8080/v1 did not finish its answer within 7 seconds; '
        "check that the server is well."
    )


def test_a_gateway_is_not_said_to_miss_a_model() -> None:
    gateway = Place("sourcegraph", "https://gateway.example.com", is_gateway=True)
    sentence = str(refused(gateway, "not_found_model", "", 404))
    assert "does not know the address (status 404)" in sentence
    assert "model" not in sentence


def test_the_sentence_names_provider_url_status_cause_and_next_step() -> None:
    assert str(refused(PLACE, "auth", "invalid key.", 401)) == (
        'Provider "local" at http://127.0.0.1:8080/v1, model local::v1::m refused the credentials '
        "(status 401: invalid key); check the accessToken or headers of that endpoint."
    )


def test_text_of_the_server_is_one_clipped_line_without_secrets() -> None:
    text = str(refused(PLACE, "server", "a\nb\x1b[31m s3cr3t Bearer s3cr3t " + "x" * 1000, 500))
    assert "s3cr3t" not in text
    assert "\n" not in text
    assert "\x1b" not in text
    assert len(text) < 600


@pytest.mark.parametrize("secret", ["abc", 'qu"ote', "pass word", " padded\n", "ünïcode"])
@pytest.mark.parametrize("around", ["[%s]", '{"echo": "%s"}'])
def test_secrets_are_masked_however_they_are_echoed(secret: str, around: str) -> None:
    echoed = mask(around % secret, [SecretStr(secret)])
    assert secret.strip() not in echoed
    escaped = secret.replace('"', '\\"')
    assert escaped.strip() not in mask(around % escaped, [SecretStr(secret)])
