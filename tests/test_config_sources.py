"""Which source the configuration comes from, and the documents made for those without a file."""

import pytest

from config.build import build
from config.options import read_options
from config.rendered import OpenAICompatibleProvider
from config.sources import (
    BareEndpoint,
    CommandLine,
    ConfigFile,
    GatewayUrl,
    InlineDocument,
    NoSource,
    Source,
    choose_source,
    endpoint_document,
    gateway_document,
    gateway_of,
)

_EVERYTHING: dict[str, object] = {
    "modelConfiguration": {"a": 1},
    "configFile": "settings.jsonc",
    "gateway": "https://settings",
    "endpoint": "http://settings",
    "model": "settings-model",
}


def chosen(
    value: dict[str, object],
    command_line: CommandLine | None = None,
    environ: dict[str, str] | None = None,
    *,
    has_user_file: bool = False,
) -> Source:
    options, problems = read_options(value)
    assert problems == ()
    return choose_source(
        options,
        command_line or CommandLine(),
        environ or {},
        user_file="user.jsonc",
        has_user_file=has_user_file,
    )


def test_sources_go_in_the_promised_order() -> None:
    environ = {"FORETYPE_CONFIG": "variable.jsonc"}
    left = dict(_EVERYTHING)
    order: list[Source] = []
    for key in ("modelConfiguration", "configFile", "gateway", "endpoint", None):
        order.append(chosen(left, None, environ, has_user_file=True))
        left.pop(key or "", None)
    order.append(chosen({}, has_user_file=True))
    order.append(chosen({}))

    assert order == [
        InlineDocument({"a": 1}),
        ConfigFile("settings.jsonc", "the editor's settings"),
        GatewayUrl("https://settings"),
        BareEndpoint("http://settings", "settings-model"),
        ConfigFile("variable.jsonc", "the variable FORETYPE_CONFIG"),
        ConfigFile("user.jsonc", "the user's folder"),
        NoSource(),
    ]


@pytest.mark.parametrize(
    ("command_line", "key", "source"),
    [
        (CommandLine(config="c"), "configFile", ConfigFile("c", "the command line")),
        (CommandLine(gateway="g"), "gateway", GatewayUrl("g")),
        (CommandLine(endpoint="e", model="m"), "endpoint", BareEndpoint("e", "m")),
    ],
)
def test_command_line_goes_before_the_same_setting(
    command_line: CommandLine, key: str, source: Source
) -> None:
    assert chosen({key: "from-settings"}, command_line) == source


def test_file_in_settings_goes_before_a_gateway_on_the_command_line() -> None:
    source = chosen({"configFile": "f"}, CommandLine(gateway="g"))

    assert source == ConfigFile("f", "the editor's settings")


@pytest.mark.parametrize(
    ("document", "environ", "endpoint", "token"),
    [
        ({"sourcegraph": {"endpoint": "https://g", "accessToken": "t"}}, {}, "https://g", "t"),
        (
            {"sourcegraph": {"endpoint": " https://g ", "accessToken": ""}},
            {"FORETYPE_GATEWAY_TOKEN": "v"},
            "https://g",
            "v",
        ),
        (
            {"sourcegraph": {"endpoint": "https://g", "accessToken": "t"}},
            {"FORETYPE_GATEWAY_TOKEN": "v"},
            "https://g",
            "t",
        ),
        (gateway_document("https://g"), {}, "https://g", None),
    ],
)
def test_gateway_is_the_one_the_document_names(
    document: object, environ: dict[str, str], endpoint: str, token: str | None
) -> None:
    gateway = gateway_of(document, environ)

    assert gateway is not None
    assert gateway.endpoint == endpoint
    assert (gateway.token and gateway.token.get_secret_value()) == token


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"sourcegraph": None},
        {"sourcegraph": {}},
        {"sourcegraph": {"endpoint": 7}},
        {"sourcegraph": {"endpoint": "g.example.com"}},
    ],
)
def test_document_without_a_usable_address_has_no_gateway(document: object) -> None:
    assert gateway_of(document, {"FORETYPE_GATEWAY_TOKEN": "v"}) is None


@pytest.mark.parametrize(
    ("model_id", "ref"),
    [
        ("qwen2.5-coder:7b", "endpoint::v1::qwen2.5-coder_7b"),
        ("Qwen/Qwen2.5 Coder", "endpoint::v1::Qwen/Qwen2.5_Coder"),
        ("", "endpoint::v1::_"),
        ("x" * 500, "endpoint::v1::" + "x" * 500),
    ],
)
def test_bare_endpoint_serves_every_feature_with_one_model(model_id: str, ref: str) -> None:
    configuration, problems = build(endpoint_document("http://h:1/v1", model_id), strict=True)

    assert problems == ()
    assert configuration is not None
    (model,) = configuration.models
    defaults = configuration.default_models
    assert {str(defaults.chat), str(defaults.fast_chat), str(defaults.code_completion)} == {ref}
    assert model.name_for_api == (model_id or "_")
    (provider,) = configuration.providers
    assert isinstance(provider.server_side, OpenAICompatibleProvider)
    assert provider.server_side.endpoints[0].url == "http://h:1/v1"


@pytest.mark.parametrize(
    ("context_tokens", "window"),
    [(None, (3072, 1024)), (32768, (24576, 8192)), (1, (1, 1)), (3, (2, 1))],
)
def test_window_of_a_bare_endpoint_is_three_quarters_in_and_one_out(
    context_tokens: int | None, window: tuple[int, int]
) -> None:
    configuration, _ = build(endpoint_document("http://h", "m", context_tokens))

    assert configuration is not None
    limits = configuration.models[0].context_window
    assert (limits.max_input_tokens, limits.max_output_tokens) == window


def test_inline_document_is_not_shown() -> None:
    assert "planted" not in repr(InlineDocument({"accessToken": "planted"}))
