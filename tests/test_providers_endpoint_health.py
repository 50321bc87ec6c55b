"""When an endpoint is left alone, for how long, and what brings it back."""

import pytest

from providers import limits
from providers.endpoint_health import EndpointHealth
from providers.errors import ErrorKind, ProviderError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> EndpointHealth:
    return EndpointHealth(clock)


def error(kind: ErrorKind, retry_after_s: float | None = None) -> ProviderError:
    return ProviderError("It failed.", kind=kind, retry_after_s=retry_after_s)


def fails(health: EndpointHealth, kind: ErrorKind = "unreachable", times: int = 1) -> None:
    for _ in range(times):
        health.fail(error(kind), was_probe=health.begin())


@pytest.mark.parametrize("kind", ["unreachable", "server", "timeout", "incomplete"])
def test_three_failures_in_a_row_pause_an_endpoint(health: EndpointHealth, kind: ErrorKind) -> None:
    fails(health, kind, limits.FAILURES - 1)
    assert health.is_available
    fails(health, kind)
    assert not health.is_available
    assert health.wait_s == limits.FIRST_PAUSE_S


@pytest.mark.parametrize(
    "kind", ["auth", "not_found_model", "bad_request", "context_overflow", "configuration"]
)
def test_an_endpoint_that_refuses_requests_is_not_paused(
    health: EndpointHealth, kind: ErrorKind
) -> None:
    fails(health, kind, 20)
    assert health.is_available


def test_failures_that_are_not_in_a_row_pause_nothing(health: EndpointHealth) -> None:
    for _ in range(10):
        fails(health, times=limits.FAILURES - 1)
        health.succeed()
    assert health.is_available


def test_one_request_tries_an_endpoint_after_its_pause(
    health: EndpointHealth, clock: Clock
) -> None:
    fails(health, times=limits.FAILURES)
    clock.now += limits.FIRST_PAUSE_S
    assert health.is_due
    assert health.begin()
    assert not health.is_available
    health.succeed(5.0)
    assert health.is_available
    assert not health.is_due


def test_the_pause_doubles_up_to_a_limit(health: EndpointHealth, clock: Clock) -> None:
    fails(health, times=limits.FAILURES)
    pauses = []
    for _ in range(8):
        pauses.append(health.wait_s)
        clock.now += health.wait_s
        fails(health)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_success_makes_the_next_pause_short_again(health: EndpointHealth, clock: Clock) -> None:
    fails(health, times=limits.FAILURES)
    clock.now += 1
    fails(health)
    assert health.wait_s == 2
    health.succeed()
    fails(health, times=limits.FAILURES)
    assert health.wait_s == 1


def test_requests_that_were_running_when_it_broke_cause_one_pause(health: EndpointHealth) -> None:
    for _ in range(40):
        health.fail(error("incomplete"))
    assert health.wait_s == limits.FIRST_PAUSE_S


def test_a_trial_that_is_given_up_leaves_the_next_request_to_try(
    health: EndpointHealth, clock: Clock
) -> None:
    fails(health, times=limits.FAILURES)
    clock.now += 1
    health.give_up(was_probe=health.begin())
    assert health.is_due


@pytest.mark.parametrize(
    ("told_s", "rest_s"),
    [(7.0, 7.0), (None, limits.REST_S), (86_400.0, limits.LONGEST_REST_S)],
    ids=["told", "not-told", "a-day"],
)
def test_an_overloaded_endpoint_rests_as_long_as_it_asks(
    health: EndpointHealth, clock: Clock, told_s: float | None, rest_s: float
) -> None:
    health.fail(error("overloaded", told_s))
    assert health.rest_s == rest_s
    clock.now += rest_s
    assert health.is_available


def test_latency_is_an_average_that_follows(health: EndpointHealth) -> None:
    health.succeed(100.0)
    health.succeed(200.0)
    assert health.first_token_ms == 130
    for _ in range(20):
        health.succeed(200.0)
    assert health.first_token_ms == pytest.approx(200, abs=1)


def test_an_endpoint_that_was_slow_once_is_measured_again(
    health: EndpointHealth, clock: Clock
) -> None:
    assert health.latency_rank == -1
    health.succeed(30_000.0)
    assert health.latency_rank > 20
    clock.now += limits.LATENCY_VALID_S + 1
    assert health.latency_rank == -1
    health.succeed(10.0)
    assert health.first_token_ms == 10


def test_latencies_that_differ_little_rank_alike(health: EndpointHealth, clock: Clock) -> None:
    other = EndpointHealth(clock)
    health.succeed(100.0)
    other.succeed(110.0)
    assert health.latency_rank == other.latency_rank
    other = EndpointHealth(clock)
    other.succeed(200.0)
    assert health.latency_rank < other.latency_rank
