"""Every form in which servers report errors, and what each one means."""

import json

import pytest

from providers.error_bodies import Complaint, complaint_from_body, kind_of, retry_after_s
from providers.errors import ErrorKind, ProviderError
from providers.reply import ReplyReader
from providers.secrecy import Place
from providers.sse import EventReader

PLACE = Place("local", "http://127.0.0.1:8080/v1")

FORMS = [
    pytest.param('{"error":{"message":"boom","type":"x","code":null}}', id="1-openai"),
    pytest.param('{"error":{"message":"boom","http_status_code":500}}', id="1-tgi-stream"),
    pytest.param('{"error":{"error":{"message":"boom"}}}', id="1-doubled-lm-studio"),
    pytest.param('{"error":"boom","error_type":"generation"}', id="2-tgi"),
    pytest.param('{"error":"boom"}', id="2-proxy"),
    pytest.param('{"object":"error","message":"boom","type":"InternalServerError"}', id="3-vllm"),
    pytest.param('{"detail":"boom"}', id="4-fastapi-text"),
    pytest.param('{"detail":[{"loc":["body","x"],"msg":"boom","type":"t"}]}', id="4-fastapi-list"),
    pytest.param('{"message":"boom"}', id="5-gateway-message"),
    pytest.param('{"msg":"boom"}', id="5-gateway-msg"),
    pytest.param('{"error":["boom","bang"]}', id="1-list"),
    pytest.param('{"error":{"message":{"detail":"boom"}}}', id="1-nested"),
    pytest.param('{"error":{"message":["boom"]}}', id="1-nested-list"),
    pytest.param('{"error":{"detail":"boom"}}', id="1-detail"),
    pytest.param('{"error":"invalid_token","error_description":"boom"}', id="2-oauth"),
    pytest.param('{"statusCode":403,"message":"boom","error":"Forbidden"}', id="2-nest"),
    pytest.param('{"error":true,"message":"boom"}', id="2-flag"),
    pytest.param('{"detail":{"error":"boom"}}', id="4-litellm"),
    pytest.param('{"detail":["boom"]}', id="4-list-of-texts"),
    pytest.param('{"detail":[[{"msg":"boom"}]]}', id="4-nested-list"),
    pytest.param('{"success":false,"errors":[{"message":"boom","code":7003}]}', id="cloudflare"),
    pytest.param('[{"error":{"message":"boom"}}]', id="google-list"),
    pytest.param('{"model":"m","choices":[],"error":{"message":"boom"}}', id="beside-choices"),
]


@pytest.mark.parametrize("body", FORMS)
def test_error_in_an_error_body(body: str) -> None:
    assert "boom" in complaint_from_body(body, 500).message


@pytest.mark.parametrize("body", FORMS)
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("{}", id="200-body"),
        pytest.param("data: {}\n\n", id="stream"),
        pytest.param("event: error\ndata: {}\n\n", id="8-error-event"),
        pytest.param("error: {}\n\n", id="7-error-field"),
        pytest.param(": ping\n\n{}\n\n", id="9-bare-in-stream"),
    ],
)
def test_error_in_an_answer_that_began_well(body: str, frame: str) -> None:
    reader = EventReader()
    raw = frame.replace("{}", body).encode()
    (event,) = (*reader.feed(raw), *reader.close())
    with pytest.raises(ProviderError, match="boom"):
        ReplyReader(PLACE).read(event.data, is_error=event.event == "error")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("upstream connect error\nmore", "upstream connect error"),
        (
            "<html><head><style>p{}</style><title>502 Bad Gateway</title></head></html>",
            "502 Bad Gateway",
        ),
        ("<!DOCTYPE html><!-- x > y --><h1>Bad gateway</h1>", "Bad gateway"),
        ("<h1>Bad gateway</h1><!-- open", "Bad gateway"),
        ("", ""),
        ('"just text"', "just text"),
        ("{broken", "{broken"),
    ],
)
def test_plain_text_and_html_are_shown_by_their_first_line(body: str, line: str) -> None:
    assert complaint_from_body(body, 502).message == line


@pytest.mark.parametrize(
    "body",
    ['{"Message":"boom"}', '{"fault":{"faultstring":"boom"}}', '["boom"]', '{"x":[{"y":"boom"}]}'],
)
def test_an_error_of_unknown_form_is_shown_as_it_came(body: str) -> None:
    assert complaint_from_body(body, 500).message == body
    with pytest.raises(ProviderError, match="boom"):
        ReplyReader(PLACE).read(body, is_error=True)


@pytest.mark.parametrize("body", ["{}", "[]", "null", "17", '{"detail": []}', '{"message": {}}'])
@pytest.mark.parametrize("status", [400, 500])
def test_an_error_without_words_is_told_by_its_status(body: str, status: int) -> None:
    kind = "bad_request" if status == 400 else "server"
    assert kind_of(complaint_from_body(body, status)) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"error":{"message":"x","code":"429"}}', "overloaded"),
        ('{"error":{"message":"x","status":401}}', "auth"),
        ('{"error":"x","code":404}', "not_found_model"),
        ('{"error":true,"message":"x","status_code":504}', "timeout"),
        ('{"statusCode":403,"message":"x"}', "auth"),
        ('{"detail":[{"msg":"x"}],"status":"503"}', "overloaded"),
        ('{"error":{"message":"x","code":"40001","status":"INTERNAL"}}', "server"),
        ('{"error":{"message":"x","code":"\u00b2\u00b2\u00b2"}}', "server"),
    ],
)
def test_an_error_in_a_stream_has_the_status_it_names(body: str, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        ReplyReader(PLACE).read(body)
    assert caught.value.kind == kind


def test_an_error_event_may_hold_plain_text() -> None:
    with pytest.raises(ProviderError, match="out of memory"):
        ReplyReader(PLACE).read("out of memory", is_error=True)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, '{"error":"Unauthorized"}', "auth"),
        (403, "", "auth"),
        (404, '{"object":"error","message":"The model `x` does not exist."}', "not_found_model"),
        (400, '{"error":{"message":"invalid model name"}}', "not_found_model"),
        (400, """{"detail":"Server is pinned to 'a/b'; requested 'c/d'."}""", "not_found_model"),
        (400, '{"error":{"message":"this server only serves a/b"}}', "not_found_model"),
        (422, '{"detail":"Unexpected fields in the request: pinned to"}', "bad_request"),
        (429, "", "overloaded"),
        (503, '{"error":{"message":"Loading model","code":503}}', "overloaded"),
        (429, '{"error":"Model is overloaded","error_type":"overloaded"}', "overloaded"),
        (400, '{"error":{"message":"maximum context length is 4096"}}', "context_overflow"),
        (400, '{"error":{"code":400,"type":"exceed_context_size_error"}}', "context_overflow"),
        (422, '{"error":"`inputs` tokens + `max_new_tokens` must be <= 9"}', "context_overflow"),
        (413, '{"error":"too many tokens"}', "context_overflow"),
        (422, '{"error":"`top_p` must be > 0.0 and < 1.0"}', "bad_request"),
        (400, '{"error":{"message":"unknown field"}}', "bad_request"),
        (424, '{"error":"Request failed during generation"}', "server"),
        (500, "", "server"),
        (502, "<html>Bad Gateway</html>", "server"),
        (504, "", "timeout"),
        (408, "", "timeout"),
    ],
)
def test_kinds_by_status(status: int, body: str, kind: ErrorKind) -> None:
    assert kind_of(complaint_from_body(body, status)) == kind


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        (Complaint("too slow", "overloaded"), "overloaded"),
        (Complaint("the request exceeds the available context size"), "context_overflow"),
        (Complaint("inputs must have less tokens", status=422), "bad_request"),
        (Complaint("no such key", "authentication_error"), "auth"),
        (Complaint("x", "incomplete_generation"), "incomplete"),
        (Complaint("x", "validation"), "bad_request"),
        (Complaint("x", "NotFoundError"), "not_found_model"),
        (Complaint("x", status=404), "not_found_model"),
        (Complaint("CUDA error", "generation"), "server"),
    ],
)
def test_kinds_of_errors_inside_a_stream(complaint: Complaint, kind: ErrorKind) -> None:
    assert kind_of(complaint, 200) == kind


UNKNOWN_MODELS = {
    "llamacpp-router": {"error": {"code": 400, "message": "model 'x' not found"}},
    "litellm": {
        "error": {"message": "400: {'error': 'Invalid model name passed in model=gpt-12'}"}
    },
    "lm-studio-name": {
        "error": {
            "message": 'Invalid model identifier "o4-mini". Please specify a valid downloaded model'
            " (e.g., a, b).",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    },
    "lm-studio-none": {"error": "No models loaded. Please load a model in the developer page."},
    "deepseek": {"error": {"message": "Model Not Exist", "type": "invalid_request_error"}},
    "openrouter": {"error": {"message": "a/b is not a valid model ID", "code": 400}},
    "bedrock": {"message": "The provided model identifier is invalid."},
    "llama-swap": {"error": "could not find real modelID for x"},
    "mistral": {"object": "error", "message": "Invalid model: x", "type": "invalid_model"},
    "openai": {"error": {"message": "The model `x` does not exist or you do not have access."}},
    "ollama": {"error": "model is required"},
}


@pytest.mark.parametrize("body", UNKNOWN_MODELS.values(), ids=UNKNOWN_MODELS)
def test_a_refusal_that_does_not_know_the_model(body: object) -> None:
    assert kind_of(complaint_from_body(json.dumps(body), 400)) == "not_found_model"


OF_KNOWN_MODELS = {
    "openai-field": "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "openai-role": "'messages[0].role' does not support 'system' with this model.",
    "anthropic": "`temperature` and `top_p` cannot both be specified for this model.",
    "bedrock": "This model doesn't support system messages.",
    "ollama": '"all-minilm" does not support chat',
    "azure": "The completion operation does not work with the specified model, gpt-4o.",
    "vllm": "The model does not support Completions API",
    "sampling": "For this model, temperature is invalid above 1",
    "lm-studio": 'Failed to load model "gpt-oss-20b". Error: Error loading model.',
}


@pytest.mark.parametrize("message", OF_KNOWN_MODELS.values(), ids=OF_KNOWN_MODELS)
def test_a_refusal_that_speaks_of_a_model_it_knows(message: str) -> None:
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}})
    assert kind_of(complaint_from_body(body, 400)) == "bad_request"


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after_s("3") == 3.0
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after_s("soon") is None
    assert retry_after_s(None) is None


def test_json_nested_without_end_is_plain_text() -> None:
    assert complaint_from_body("[" * 100_000, 500).message.startswith("[")
