"""What a user's typing costs the model: streams taken over, answers used again, peace kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lsprotocol import types

from tests.fake_model_server import (
    FakeModelServer,
    Handler,
    Reply,
    Request,
    completes,
    hangs,
)
from tests.lsp_client import Client, connected
from tests.test_lsp_server_requests import CANCELLED, answered, disconnected, error_of, settings_for
from tests.typist import Typist

URI = "file:///work/sum.py"
HEAD = "def add(a, b):\n    |"


@asynccontextmanager
async def editing(
    handler: Handler, text: str = HEAD, **inline: Any
) -> AsyncIterator[tuple[Typist, FakeModelServer]]:
    async with FakeModelServer(handler) as model:
        settings = settings_for(model.url)
        settings["inlineCompletion"] |= inline
        async with connected(settings=settings) as client:
            yield Typist(client, URI, text), model


def writes(*pieces: str, pause_s: float = 0.0, then: Handler | None = None) -> Handler:
    """Send pieces of code with a pause before each but the first; then end, or do `then`."""

    async def handler(request: Request, reply: Reply) -> None:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(pause_s)
            await reply.event({"choices": [{"index": 0, "text": piece, "finish_reason": None}]})
        if then is not None:
            await then(request, reply)
        await reply.event({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})
        await reply.event("[DONE]")

    return handler


async def counts(client: Client) -> dict[str, int]:
    status = await answered(client.command("foretype.status"))
    requests = status["requests"] if isinstance(status, dict) else status.requests._asdict()
    return dict(requests)


async def test_text_that_is_typed_through_is_answered_at_every_place_without_the_model() -> None:
    async with editing(completes("return a + b")) as (user, model):
        assert await user.shown() == "return a + b"
        for typed in range(1, len("return a + b")):
            user.type("return a + b"[typed - 1])
            assert await user.shown() == "return a + b"[typed:]

        user.type("b")
        assert await user.shown() is None
        assert len(model.requests) == 1
        assert (await counts(user.client))["typedThrough"] == len("return a + b")


async def test_typing_through_several_lines_allows_for_the_editors_indentation() -> None:
    body = "for x in a:\n        b.append(x)\n    return b"
    async with editing(completes(f"\n    {body}\n"), text="def add(a, b):|\n") as (user, model):
        assert await user.shown() == "\n    " + body
        user.type("\n    ")
        user.type("for x in a:")
        assert await user.shown() == "\n        b.append(x)\n    return b"
        user.type("\n        ")
        assert await user.shown() == "b.append(x)\n    return b"
        assert len(model.requests) == 1


async def test_the_closing_bracket_that_an_editor_adds_is_no_other_way() -> None:
    async with editing(completes("print(a, b)")) as (user, model):
        assert await user.shown() == "print(a, b)"
        user.type("print(", closing=")")

        answer = await answered(user.ask())

        user.accept(answer.items[0])
        assert user.text == "def add(a, b):\n    print(a, b)"
        assert len(model.requests) == 1


async def test_what_is_deleted_and_typed_again_is_known() -> None:
    async with editing(completes("return a + b")) as (user, model):
        await user.shown()
        user.type("retx")
        user.delete()
        assert await user.shown() == "urn a + b"
        user.delete(2)
        assert await user.shown() == "eturn a + b"
        assert len(model.requests) == 1


@pytest.mark.parametrize("cancels", [True, False], ids=["cancelled", "never-cancelled"])
async def test_a_running_stream_is_taken_over_by_the_request_that_types_along(
    cancels: bool,
) -> None:
    handler = writes("return ", "a + b", "\nx", pause_s=0.15)
    async with editing(handler) as (user, model):
        first = user.ask()
        await model.wait_for_requests(1)
        await asyncio.sleep(0.05)
        user.type("re")
        if cancels:
            user.client.cancel(first)

        assert await user.shown() == "turn a + b"
        assert (await error_of(first)).code == CANCELLED
        assert len(model.requests) == 1


async def test_a_stream_that_has_written_nothing_yet_is_waited_for_until_it_goes_another_way() -> (
    None
):
    async def slow_then_wrong(request: Request, reply: Reply) -> None:
        await asyncio.sleep(0.15)
        await completes("yield a" if len(model.requests) == 1 else "urn b")(request, reply)

    async with editing(slow_then_wrong) as (user, model):
        first = user.ask()
        await model.wait_for_requests(1)
        user.type("ret")
        second = user.ask()

        assert (await answered(second)).items[0].insert_text == "return b"
        assert (await error_of(first)).code == CANCELLED
        assert len(model.requests) == 2


async def test_an_edit_that_goes_another_way_closes_the_stream_at_once() -> None:
    async with editing(writes("return a", then=hangs())) as (user, model):
        first = user.ask()
        await model.wait_for_requests(1)
        await asyncio.sleep(0.05)
        user.type("yield")

        await disconnected(model.requests[0])
        assert (await error_of(first)).code == CANCELLED


async def test_a_cancelled_stream_that_nobody_takes_over_is_closed_after_a_moment() -> None:
    async with editing(writes("return a", then=hangs())) as (user, model):
        first = user.ask()
        await model.wait_for_requests(1)
        await asyncio.sleep(0.05)
        user.type("ret")
        user.client.cancel(first)
        began = time.monotonic()

        await disconnected(model.requests[0])
        assert time.monotonic() - began > 0.02


async def test_a_request_in_another_document_ends_the_running_one() -> None:
    async with editing(hangs()) as (user, model):
        first = user.ask(automatic=False)
        await model.wait_for_requests(1)
        other = Typist(user.client, "file:///work/other.py", HEAD)
        second = other.ask(automatic=False)

        await disconnected(model.requests[0])
        assert (await error_of(first)).code == CANCELLED
        await model.wait_for_requests(2)
        user.client.cancel(second)
        await disconnected(model.requests[1])


async def test_a_pure_deletion_asks_no_model_unless_the_user_does() -> None:
    async with editing(completes("return a"), text="def add(a, b):\n    foo|") as (user, model):
        user.delete(3)
        assert await user.shown() is None
        assert model.requests == []
        assert await user.shown(automatic=False) == "return a"
        user.type("r")
        assert await user.shown() == "eturn a"


async def test_accepting_is_seen_in_the_edit_and_leaves_the_user_in_peace() -> None:
    async with editing(completes("return a")) as (user, model):
        item = (await answered(user.ask())).items[0]
        user.accept(item)

        assert await user.shown() is None
        assert len(model.requests) == 1
        user.client.command("foretype.accept", *item.command.arguments)
        told = await counts(user.client)
        assert (told["accepted"], told["acceptedCharacters"]) == (1, len("return a"))
        user.type("\n    ")
        await user.shown()
        assert len(model.requests) == 2


async def test_a_word_that_is_accepted_counts_as_a_part() -> None:
    async with editing(completes("return a + b")) as (user, _):
        await user.shown()
        user.type("return ")
        assert await user.shown() == "a + b"
        user.type("a + b")

        told = await counts(user.client)
        assert told["acceptedPartly"] == 1
        assert told["accepted"] == 1
        assert told["acceptedCharacters"] == len("return a + b")


async def test_what_is_typed_to_its_end_is_not_accepted() -> None:
    async with editing(completes("return a"), prefetch=True) as (user, model):
        for letter in "return a":
            assert await user.shown()
            user.type(letter)
        told = await counts(user.client)
        assert (told["accepted"], told["acceptedCharacters"]) == (0, 0)
        assert len(model.requests) == 1


async def test_any_of_several_candidates_is_seen_to_be_accepted() -> None:
    async def by_turn(request: Request, reply: Reply) -> None:
        await completes(f"return a * {len(model.requests)}")(request, reply)

    async with editing(by_turn, candidates=3) as (user, model):
        items = (await answered(user.ask(automatic=False))).items
        user.accept(items[0])
        assert await user.shown() is None
        told = await counts(user.client)
        assert (told["accepted"], told["passedOver"]) == (1, 0)
        assert len(model.requests) == 3


async def test_each_of_several_candidates_can_be_typed_through() -> None:
    texts = ["total = a + b", "return sum((a, b))", "if a:"]

    async def by_turn(request: Request, reply: Reply) -> None:
        await completes(texts[len(model.requests) - 1])(request, reply)

    async with editing(by_turn, candidates=3) as (user, model):
        items = (await answered(user.ask(automatic=False))).items
        assert await user.shown() == items[0].insert_text
        user.type("ret")
        assert await user.shown() == "urn sum((a, b))"
        user.delete(3)
        user.type("if")
        assert await user.shown() == " a:"
        assert len(model.requests) == 3


async def test_a_text_that_has_changed_meanwhile_is_not_asked_for() -> None:
    async with editing(completes("return a"), debounceMs=300) as (user, model):
        await counts(user.client)  # once it is ready
        asked = user.ask()
        await asyncio.sleep(0.05)
        user.type("x")
        assert (await error_of(asked)).code == CANCELLED
        assert model.requests == []


async def test_nothing_is_sent_of_a_document_that_is_closed() -> None:
    async with editing(completes("return a"), debounceMs=300, completionFallback=True) as (
        user,
        model,
    ):
        await counts(user.client)
        place = types.TextDocumentIdentifier(user.uri)
        params = types.CompletionParams(place, user.position)
        asked = asyncio.ensure_future(user.client.text_document_completion_async(params))
        await asyncio.sleep(0.05)
        user.client.text_document_did_close(types.DidCloseTextDocumentParams(place))
        assert (await error_of(asked)).code == CANCELLED
        assert model.requests == []


async def test_what_follows_an_accepted_suggestion_is_asked_for_ahead_where_that_is_wanted() -> (
    None
):
    texts = ["total = a + b", "\n    return total"]

    async def by_turn(request: Request, reply: Reply) -> None:
        await completes(texts[len(model.requests) - 1])(request, reply)

    async with editing(by_turn, prefetch=True) as (user, model):
        user.accept((await answered(user.ask())).items[0])
        await model.wait_for_requests(2)
        assert model.requests[1].body["prompt"].count("total = a + b") == 1


async def test_an_explicit_request_gets_as_many_candidates_as_the_settings_say() -> None:
    texts = ["return a + b", "return sum((a, b))", "return a + b"]

    async def by_turn(request: Request, reply: Reply) -> None:
        await completes(texts[(len(model.requests) - 1) % 3])(request, reply)

    async with editing(by_turn, candidates=3) as (user, model):
        items = (await answered(user.ask(automatic=False))).items
        assert {item.insert_text for item in items} == set(texts)
        assert len(items) == 2
        assert len(model.requests) == 3

        user.type("\n")
        await answered(user.ask())
        assert len(model.requests) == 4
        status = await user.client.command("foretype.status")
        assert status["requests"]["modelRequests"] == 4


async def test_cancelling_a_request_for_candidates_closes_every_stream() -> None:
    async with editing(hangs(), candidates=3) as (user, model):
        asked = user.ask(automatic=False)
        await model.wait_for_requests(3)
        user.client.cancel(asked)
        for request in model.requests:
            await disconnected(request)


async def test_editors_without_ghost_text_get_an_entry_of_the_menu() -> None:
    async with editing(
        completes("return a + b\n    "), text="def add(a, b):\n    ret|", completionFallback=True
    ) as (user, _):
        params = types.CompletionParams(types.TextDocumentIdentifier(URI), user.position)
        found = await answered(user.client.start(types.TEXT_DOCUMENT_COMPLETION, params))

        (entry,) = found.items
        assert found.is_incomplete
        assert entry.text_edit.new_text.startswith("ret")
        assert entry.filter_text == entry.text_edit.new_text
        assert entry.text_edit.range.start.character == 4
        assert entry.command.command == "foretype.accept"


async def test_the_menu_has_no_entry_unless_it_is_wanted() -> None:
    async with editing(completes("return a")) as (user, model):
        params = types.CompletionParams(types.TextDocumentIdentifier(URI), user.position)
        assert await answered(user.client.start(types.TEXT_DOCUMENT_COMPLETION, params)) is None
        assert model.requests == []


async def test_another_configuration_has_other_answers() -> None:
    async with editing(completes("return a")) as (user, model):
        await user.shown()
        settings = settings_for(model.url)
        settings["modelConfiguration"]["modelOverrides"][0]["displayName"] = "Another"
        user.client.configure(settings)
        await answered(user.client.command("foretype.reload"))
        await user.shown()
        assert len(model.requests) == 2


async def test_what_is_known_stays_known_when_the_configuration_is_loaded_again() -> None:
    async with editing(completes("return a")) as (user, model):
        await user.shown()
        await answered(user.client.command("foretype.reload"))
        assert await user.shown() == "return a"
        assert len(model.requests) == 1
