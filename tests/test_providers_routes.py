"""Where requests go."""

import pytest
from pydantic import SecretStr

from config.rendered import (
    AzureOpenAIProvider,
    Endpoint,
    GatewayProvider,
    OpenAICompatibleProvider,
    Provider,
)
from providers.errors import ConfigurationError
from providers.routes import Route, routes_for
from tests.provider_models import model_named, provider_at


def route_of(provider: Provider, name: str = "m", api_model: str | None = None) -> Route:
    (route,) = routes_for(provider, model_named(name, api_model=api_model))
    return route


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h:8080/v1", "http://h:8080/v1/chat/completions"),
        ("http://h:8080/v1///", "http://h:8080/v1/chat/completions"),
        ("  http://h/v1 \n", "http://h/v1/chat/completions"),
        ("http://h:8080", "http://h:8080/v1/chat/completions"),
        ("http://h:8080/", "http://h:8080/v1/chat/completions"),
        ("https://h/v2/serve", "https://h/v2/serve/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
        ("http://h/v1/chat/completions/", "http://h/v1/chat/completions"),
        ("http://h/v1/completions", "http://h/v1/chat/completions"),
        ("http://h/v1/models", "http://h/v1/chat/completions"),
        ("http://h/infill", "http://h/v1/chat/completions"),
        ("http://h/a%2Fb/v1", "http://h/a%2Fb/v1/chat/completions"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1/chat/completions"),
        (
            "https://r.azure.test/openai/deployments/d/chat/completions?api-version=1",
            "https://r.azure.test/openai/deployments/d/chat/completions?api-version=1",
        ),
        ("http://h?key=1", "http://h/v1/chat/completions?key=1"),
    ],
)
def test_url_rule(url: str, expected: str) -> None:
    assert route_of(provider_at(url)).chat_url == expected


def test_completions_are_beside_chat() -> None:
    route = route_of(provider_at("http://h/v1?a=b"))
    assert route.completions_url == "http://h/v1/completions?a=b"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://user:pa55@h/v1", "user name or password"),
        ("http://h/v1#part", "fragment"),
        ("http://h/v1#", "fragment"),
        ("h:8080/v1", "http:// or https://"),
        ("ftp://h/v1", "http:// or https://"),
        ("http:///v1", "names no host"),
        ("http://[::1/v1", "cannot be read"),
        ("http://h:99999/v1", "cannot be read"),
        ("http://h/a b", "spaces"),
        ("", "http:// or https://"),
    ],
)
def test_urls_that_cannot_be_endpoints_are_refused(url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        route_of(provider_at(url))
    assert "pa55" not in str(caught.value)
    assert caught.value.kind == "configuration"


def headers_of(route: Route) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in route.address.headers}


def test_a_token_goes_as_bearer() -> None:
    route = route_of(provider_at("http://h", token="t0k"))
    assert headers_of(route) == {"Authorization": "Bearer t0k"}


def test_no_token_means_no_authorization() -> None:
    assert headers_of(route_of(provider_at("http://h"))) == {}


def test_headers_replace_the_token() -> None:
    provider = provider_at("http://h", token="t0k", headers={"Api-Key": "k"})
    assert headers_of(route_of(provider)) == {"Api-Key": "k"}
    assert headers_of(route_of(provider_at("http://h", token="t0k", headers={}))) == {}


def test_blanks_around_a_value_are_not_sent() -> None:
    assert headers_of(route_of(provider_at("http://h", headers={"Key": " k \n"}))) == {"Key": "k"}
    bearer = {"Authorization": "Bearer k"}
    assert headers_of(route_of(provider_at("http://h", token=" k \n"))) == bearer


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("s3cr3t\nX: y", None),
        ("s3cr3té", None),
        (None, {"X-Key": "s3cr3t\r\nY: z"}),
        (None, {"X Key": "s3cr3t"}),
    ],
)
def test_values_that_http_cannot_carry_are_refused_unquoted(
    token: str | None, headers: dict[str, str] | None
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        route_of(provider_at("http://h", token=token, headers=headers))
    assert "s3cr3t" not in str(caught.value)


def test_secrets_are_not_in_the_representation_of_a_route() -> None:
    route = route_of(provider_at("http://h", token="t0k"), api_model="h1dden")
    assert "t0k" not in repr(route)
    assert "h1dden" not in repr(route)


def test_the_api_model_is_the_name_sent() -> None:
    assert route_of(provider_at("http://h")).model_name.get_secret_value() == "m"
    route = route_of(provider_at("http://h"), api_model="other")
    assert route.model_name.get_secret_value() == "other"


def test_each_endpoint_has_a_route() -> None:
    routes = routes_for(provider_at("http://a", "http://b"), model_named())
    assert [route.address.shown_url for route in routes] == ["http://a/v1", "http://b/v1"]


def gateway(url: str) -> Provider:
    side = GatewayProvider(endpoint=url, access_token=SecretStr("gw"))
    return Provider(id="local", server_side=side)


@pytest.mark.parametrize("url", ["https://sg.test", "https://sg.test/"])
def test_a_sourcegraph_instance_is_asked_by_model_ref(url: str) -> None:
    route = route_of(gateway(url))
    assert route.chat_url == "https://sg.test/.api/llm/chat/completions"
    assert headers_of(route) == {"Authorization": "Bearer gw"}
    assert route.model_name.get_secret_value() == "local::v1::m"
    assert not route.address.has_completions


def test_the_path_of_a_sourcegraph_instance_is_kept() -> None:
    route = route_of(gateway("https://h.test/sourcegraph"))
    assert route.chat_url == "https://h.test/sourcegraph/.api/llm/chat/completions"


def test_a_document_gateway_answers_beside_its_document() -> None:
    route = route_of(gateway("https://gw.test/a/models.json"))
    assert route.completions_url == "https://gw.test/a/v1/completions"
    assert route.model_name.get_secret_value() == "m"
    assert route.address.has_completions


@pytest.mark.parametrize(
    "side",
    [
        None,
        OpenAICompatibleProvider(endpoints=()),
        AzureOpenAIProvider(endpoint="https://r.test"),
        GatewayProvider(endpoint="nowhere"),
        GatewayProvider(endpoint=""),
    ],
)
def test_providers_without_a_way_are_a_matter_of_configuration(
    side: AzureOpenAIProvider | OpenAICompatibleProvider | GatewayProvider | None,
) -> None:
    with pytest.raises(ConfigurationError):
        route_of(Provider(id="local", server_side=side))


def test_one_endpoint_stays_one_endpoint() -> None:
    side = OpenAICompatibleProvider(endpoints=(Endpoint(url="http://h"),), enable_verbose_logs=True)
    route = route_of(Provider(id="local", server_side=side))
    assert route.address.is_verbose
