"""What is sent, key by key."""

from typing import Any, cast

import pytest

from providers.bodies import (
    BadMessagesError,
    chat_body,
    completion_body,
    encoded,
    refuses_usage,
)
from providers.messages import ChatMessage, Role, Sampling


def test_zero_is_sent() -> None:
    body = completion_body("m", "p", Sampling(64, temperature=0.0, top_p=0.0, top_k=0))
    assert body == {
        "model": "m",
        "prompt": "p",
        "max_tokens": 64,
        "temperature": 0.0,
        "top_p": 0.0,
        "top_k": 0,
        "stream": True,
    }


def test_what_was_not_chosen_is_left_to_the_server() -> None:
    assert completion_body("m", "p", Sampling(64)) == {
        "model": "m",
        "prompt": "p",
        "max_tokens": 64,
        "stream": True,
    }


def test_minus_one_means_not_chosen() -> None:
    body = completion_body("m", "p", Sampling(64, top_p=-1, top_k=-1))
    assert not {"top_p", "top_k", "n"} & body.keys()


def test_stops_are_an_array() -> None:
    assert completion_body("m", "p", Sampling(1, stop=("\n",)))["stop"] == ["\n"]


def test_chat_messages_keep_their_roles() -> None:
    messages = (ChatMessage("system", "s"), ChatMessage("user", "u"), ChatMessage("assistant", "a"))
    body: dict[str, Any] = chat_body("m", messages, Sampling(1))
    assert body["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
    ]


@pytest.mark.parametrize("messages", [(), (ChatMessage(cast(Role, "human"), "x"),)])
def test_conversations_that_no_server_takes_are_refused(messages: tuple[ChatMessage, ...]) -> None:
    with pytest.raises(BadMessagesError):
        chat_body("m", messages, Sampling(1))


def test_half_a_surrogate_pair_can_be_sent() -> None:
    assert encoded({"prompt": "a\ud83d"}) == '{"prompt":"a\ufffd"}'.encode()
    assert encoded({"prompt": "a\ude00b\ud83d\ude00"}) == '{"prompt":"a\ufffdb😀"}'.encode()


@pytest.mark.parametrize(
    ("status", "message", "refused"),
    [
        (400, "Unrecognized request argument supplied: stream_options", True),
        (422, "body.stream_options: extra fields not permitted", True),
        (400, "unknown field", False),
        (500, "stream_options", False),
    ],
)
def test_a_refusal_of_usage_is_recognised(status: int, message: str, refused: bool) -> None:
    assert refuses_usage(status, message) is refused
