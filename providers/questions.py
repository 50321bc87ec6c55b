"""Puts a request into the form one model at one endpoint understands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from config.rendered import FimRoute, Model
from providers.bodies import chat_body, completion_body, infill_body, suffix_body
from providers.continuation import Continuation
from providers.dialects import in_dialect
from providers.exchange import Operation, Question
from providers.hole_filling import FenceStripper, hole_filling_messages
from providers.infill_families import Family
from providers.infill_prompts import commented, family_of, render
from providers.messages import ChatMessage, ChatRequest, InfillRequest, Sampling
from providers.routes import Route
from providers.stops import StopCutter, stops_to_send
from providers.system_role import without_system_role
from providers.thinking import may_think


class Stage(Protocol):
    """One step between what a server sends and what was asked for."""

    @property
    def is_stopped(self) -> bool:
        """Nothing more will be let through."""

    def feed(self, text: str) -> str:
        """Return what is certain to be wanted once `text` has arrived."""

    def close(self) -> str:
        """Return what was held back, once nothing can follow it."""


class AnswerFilter:
    """Lets through the part of an answer that was asked for, whatever the server sends."""

    def __init__(self, *stages: Stage) -> None:
        self._stages = stages

    @property
    def is_stopped(self) -> bool:
        """Nothing more will be let through."""
        return any(stage.is_stopped for stage in self._stages)

    def feed(self, text: str) -> str:
        """Return what is certain to be wanted once `text` has arrived."""
        for stage in self._stages:
            text = stage.feed(text)
        return text

    def close(self) -> str:
        """Return what was held back, once nothing can follow it."""
        rest = ""
        for stage in self._stages:
            rest = stage.feed(rest) + stage.close()
        return rest


_OPERATIONS: dict[FimRoute, Operation] = {"infill": "infill", "chat": "chat"}

# Made anew for each endpoint that is tried: routes differ in URL, name and ability.
Asking = Callable[[Route], tuple[Question, AnswerFilter]]


def ask_infill(model: Model, request: InfillRequest) -> Asking:
    """Return how to ask for the text between two others."""

    def ask(route: Route) -> tuple[Question, AnswerFilter]:
        way = route.fim_route if route.has_completions else "chat"
        family = family_of(model)
        is_raw = way in {"infill", "suffix"} or (way == "tokens" and family.uses_suffix)
        thinks = not is_raw and _may_think(route, model, _shown(request))
        special = () if way == "chat" else family.stops
        sampling, stops = _with_stops(request.sampling, _configured_stops(model), special)
        if thinks:
            # A stop such as a blank line would end the thinking; it is enforced here only.
            sampling = replace(sampling, stop=())
        body, stages = _gap(way, family, route, replace(request, sampling=sampling), stops)
        question = Question(
            _OPERATIONS.get(way, "completions"),
            in_dialect(body, route.address.dialect, model),
            request.timeout_s,
            may_think=thinks,
            is_code=True,
        )
        return question, AnswerFilter(*stages)

    return ask


def _gap(
    way: FimRoute, family: Family, route: Route, request: InfillRequest, stops: tuple[str, ...]
) -> tuple[dict[str, Any], list[Stage]]:
    name, sampling = route.model_name.get_secret_value(), request.sampling
    cutter = StopCutter(stops)
    if way == "chat":
        messages = _spoken(hole_filling_messages(request), route)
        return chat_body(name, messages, sampling), [FenceStripper(), cutter]
    if way == "infill":
        return infill_body(name, request), [cutter]
    if way == "suffix":
        # The server adds the tokens, and knows none for other files: to it they are comments.
        prefix = commented(request.context, request.language_id) + request.prefix
        return suffix_body(name, prefix, request.suffix, sampling), [cutter]
    if family.uses_suffix:
        return completion_body(name, render(family, request), sampling), [cutter]
    continuation = Continuation(request.prefix)
    prompt = render(family, replace(request, prefix=continuation.prompt, suffix=""))
    return completion_body(name, prompt, sampling), [cutter, continuation]


def _shown(request: InfillRequest) -> str:
    return "".join([*(one.text for one in request.context), request.prefix, request.suffix])


def ask_chat(model: Model, request: ChatRequest) -> Asking:
    """Return how to ask for the next turn of a conversation."""

    def ask(route: Route) -> tuple[Question, AnswerFilter]:
        sampling, stops = _with_stops(request.sampling, _configured_stops(model), ())
        name = route.model_name.get_secret_value()
        body = chat_body(name, _spoken(request.messages, route), sampling)
        body = in_dialect(body, route.address.dialect, model)
        said = "".join(message.content for message in request.messages)
        thinks = _may_think(route, model, said)
        question = Question("chat", body, request.timeout_s, may_think=thinks)
        return question, AnswerFilter(StopCutter(stops))

    return ask


def _spoken(messages: Sequence[ChatMessage], route: Route) -> Sequence[ChatMessage]:
    return without_system_role(messages) if route.system_role is False else messages


def _may_think(route: Route, model: Model, text: str) -> bool:
    # A text about these tags gets answers about them.
    return not route.address.dialect.hides_thinking and may_think(model) and "</think>" not in text


def _configured_stops(model: Model) -> tuple[str, ...]:
    if model.knobs is None:
        return ()
    end = (model.knobs.end_of_text,) if model.knobs.end_of_text else ()
    return end + (model.knobs.stop_sequences or ())


def _with_stops(
    sampling: Sampling, configured: tuple[str, ...], special: tuple[str, ...]
) -> tuple[Sampling, tuple[str, ...]]:
    # The caller's stops first: they end the answer soonest. The rest is enforced here only.
    sent = stops_to_send(sampling.stop, configured, special)
    return replace(sampling, stop=sent), (*sampling.stop, *configured, *special)
