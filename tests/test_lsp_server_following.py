"""Typing along: what is left of a text, and which place was reached from which."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.answers import Answer, Answers
from lsp_server.completion.cursor import Cursor, typed_at, typed_between
from lsp_server.completion.fitting import Suggestion
from lsp_server.completion.following import agrees, rest_after
from lsp_server.completion.generation import Generation
from lsp_server.completion.offers import Offers, Outcome
from lsp_server.completion.pace import Pace
from lsp_server.completion.situation import Situation
from providers.messages import Event

SOURCE = object()
CODE = st.text("ab (){}:=\n\t\"'é𝄞", max_size=80)


def cursor(marked: str, uri: str = "file:///a.py", source: object = SOURCE) -> Cursor:
    before, _, after = marked.partition("|")
    line = before.count("\n")
    column = len(before) - before.rfind("\n") - 1
    return Cursor(uri, 1, line, column, Situation.of(before, after, "python"), source)


@given(text=CODE, length=st.integers(0, 80))
def test_what_was_typed_and_what_is_left_make_the_text(text: str, length: int) -> None:
    typed = text[:length]

    assert rest_after(text, typed) == text[length:]
    assert agrees(text, typed)


@given(text=CODE, typed=CODE)
def test_what_does_not_agree_leaves_nothing(text: str, typed: str) -> None:
    rest = rest_after(text, typed)

    def squeezed(code: str) -> str:
        return "".join(code.split())

    if rest is None:
        assert not text.startswith(typed)
    else:
        assert squeezed(typed + rest) == squeezed(text)


@pytest.mark.parametrize(
    ("text", "typed", "rest"),
    [
        ("return a", "ret", "urn a"),
        ("return a", "rex", None),
        ("x = 1\n    y = 2", "x = 1\n    ", "y = 2"),
        ("x = 1\n    y = 2", "x = 1\n  ", "  y = 2"),
        ("x = 1\n  y = 2", "x = 1\n    ", "y = 2"),
        ("x = 1\n  y = 2", "x = 1\n    z", None),
        ("x = 1\n\n    y", "x = 1\n    \n    ", "y"),
        ("x = 1", "x = 1\n", None),
        ("x", "x", ""),
    ],
)
def test_indentation_is_the_editors_business(text: str, typed: str, rest: str | None) -> None:
    assert rest_after(text, typed) == rest


@given(before=CODE, typed=CODE, after=CODE)
def test_what_is_typed_at_a_place_is_seen_from_the_next_one(
    before: str, typed: str, after: str
) -> None:
    earlier = cursor_at(before, after)
    later = cursor_at(before + typed, after)

    assert typed_between(earlier, later) == typed
    if len(after) < 200 or (typed + after).find(after[:200]) == len(typed):
        assert typed_at(earlier, before, typed + after)[0] == typed


def cursor_at(before: str, after: str) -> Cursor:
    line = before.count("\n")
    column = len(before) - before.rfind("\n") - 1
    situation = Situation.of(before, after, "python")
    return Cursor("file:///a.py", 1, line, column, situation, SOURCE)


@pytest.mark.parametrize(
    ("earlier", "later", "typed"),
    [
        ("f|\n", "foo|\n", "oo"),
        ("f|", "f(|)", "("),
        ("f|", "f(|x", None),
        ("a\nf|", "b\nfo|", None),
        ("fo|", "f|", None),
        ("x|\nend", "x\n    y|\nend", "\n    y"),
        ("x|\nend", "x|\n\nend", None),
    ],
)
def test_only_typing_leads_from_one_place_to_another(
    earlier: str, later: str, typed: str | None
) -> None:
    assert typed_between(cursor(earlier), cursor(later)) == typed


def test_other_documents_and_other_configurations_are_other_places() -> None:
    assert typed_between(cursor("f|"), cursor("fo|", uri="file:///b.py")) is None
    assert typed_between(cursor("f|"), cursor("fo|", source=object())) is None


def test_clipped_texts_are_known_by_what_both_have() -> None:
    long = "x = 1\n" * 100
    earlier, later = cursor_at(long[60:] + "f", long), cursor_at(long[120:] + "foo", long[:-60])

    later = Cursor(later.uri, 2, earlier.line, earlier.column + 2, later.situation, SOURCE)
    assert typed_between(earlier, later) == "oo"


def test_the_newest_answer_that_fits_is_found() -> None:
    answers = Answers()
    answers.keep(Answer(cursor("f|"), "oo = 1"))
    answers.keep(Answer(cursor("f|"), "or x in y:"))
    answers.keep(Answer(cursor("other|"), "thing"))

    for marked, rest in [("f|", "or x in y:"), ("fo|", "r x in y:"), ("foo|", " = 1")]:
        found = answers.find(cursor(marked))
        assert found is not None
        assert found.rest == rest
    assert answers.find(cursor("fx|")) is None


def test_answers_are_bounded_and_forgotten_with_their_document() -> None:
    answers = Answers()
    for number in range(1000):
        answers.keep(Answer(cursor(f"v{number}|", uri=f"file:///{number % 20}.py"), "text"))
    kept = [n for n in range(1000) if answers.find(cursor(f"v{n}|", uri=f"file:///{n % 20}.py"))]
    assert 100 < len(kept) <= 250
    assert kept[-1] == 999

    answers.forget("file:///19.py")
    assert answers.find(cursor("v999|", uri="file:///19.py")) is None


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def typed(pace: Pace, clock: Clock, keys: int, every_s: float, client_s: float) -> None:
    for _ in range(keys):
        clock.now += every_s - client_s
        pace.note_edit()
        clock.now += client_s
        pace.note_request()


def test_a_client_that_waits_by_itself_is_not_made_to_wait_twice() -> None:
    quick, patient = Clock(), Clock()
    at_once, after_a_while = Pace(quick), Pace(patient)
    typed(at_once, quick, 10, 0.3, 0.0)
    typed(after_a_while, patient, 10, 0.3, 0.2)

    assert at_once.debounce_s() > 0
    assert after_a_while.debounce_s() == 0


def test_a_slow_model_and_a_wrong_one_are_asked_less_hastily() -> None:
    clock = Clock()
    plain, slow, wrong = Pace(clock), Pace(clock), Pace(clock)
    for pace in (plain, slow, wrong):
        typed(pace, clock, 10, 0.2, 0.0)
    for _ in range(9):
        slow.note_latency(1.0)
        wrong.note_outcome(is_right=False)
    for pace in (plain, slow, wrong):
        pace.note_served()
        pace.note_edit()

    assert plain.debounce_s() < slow.debounce_s() <= 0.3
    assert plain.debounce_s() < wrong.debounce_s() <= 0.3


def test_a_user_who_never_pauses_is_served_after_some_keys_all_the_same() -> None:
    clock = Clock()
    pace = Pace(clock)
    typed(pace, clock, 10, 0.2, 0.0)
    for _ in range(9):
        pace.note_outcome(is_right=False)
    pace.note_served()

    waits = []
    for _ in range(4):
        clock.now += 0.15
        pace.note_edit()
        waits.append(pace.debounce_s())
    assert min(waits[:3]) > 0.15
    assert waits[3] < 0.1


def test_a_stream_is_held_no_longer_than_a_tenth_of_a_second() -> None:
    clock = Clock()
    pace = Pace(clock)
    typed(pace, clock, 10, 0.5, 0.4)
    assert pace.hold_s == pytest.approx(0.1)


def offered(text: str, replaces: int = 0, marked: str = "x = |)\nend") -> tuple[Offers, Cursor]:
    offers, place = Offers(), cursor(marked)
    offers.add(place, Suggestion(text, replaces))
    return offers, place


def edited(offers: Offers, place: Cursor, typed: str, replaces: int = 0) -> Outcome | None:
    around = (place.situation.prefix, typed + place.situation.suffix[replaces:])
    return offers.edited(place.uri, lambda line, column: around)


def test_a_whole_suggestion_in_one_edit_is_accepted() -> None:
    offers, place = offered("call(a)")
    outcome = edited(offers, place, "call(a)")
    assert outcome is not None
    assert (outcome.is_whole, outcome.characters, outcome.end) == (True, 7, (0, 11))


def test_a_suggestion_that_replaces_the_bracket_after_it_is_seen_to_be_accepted() -> None:
    offers, place = offered("call(a))", replaces=1)
    outcome = edited(offers, place, "call(a))", replaces=1)
    assert outcome is not None
    assert outcome.is_whole


def test_a_suggestion_typed_by_hand_is_not_accepted() -> None:
    offers, place = offered("abc")
    outcomes = [edited(offers, place, "abc"[:length]) for length in (1, 2, 3)]
    assert not any(outcome and outcome.characters for outcome in outcomes)


def test_the_last_letter_of_an_offer_that_each_key_renewed_is_typed() -> None:
    offers, place = offered("b", marked="return a + |\nend")
    assert edited(offers, place, "b") == Outcome()


def test_any_of_several_suggestions_may_be_accepted_or_typed() -> None:
    for text in ("call(a)", "copy(a)", "other"):
        offers, place = offered("call(a)")
        offers.add(place, Suggestion("copy(a)", 0))
        offers.add(place, Suggestion("other", 0))
        outcome = edited(offers, place, text)
        assert outcome is not None
        assert (outcome.is_whole, outcome.characters) == (True, len(text))
    offers, place = offered("call(a)")
    offers.add(place, Suggestion("copy(a)", 0))
    assert edited(offers, place, "co") is None
    assert edited(offers, place, "ca") == Outcome(is_over=True)


def test_a_line_end_typed_at_the_end_of_a_file_goes_another_way() -> None:
    place = cursor("def f():\n    |\n")
    assert typed_at(place, place.situation.prefix, "\n    \n") == ["\n    "]


def test_another_text_passes_a_suggestion_over() -> None:
    offers, place = offered("abc")
    outcome = edited(offers, place, "ax")
    assert outcome is not None
    assert outcome.is_over
    assert edited(offers, place, "abc") is None


def test_an_offer_is_settled_once() -> None:
    offers, place = offered("call(a)")
    edited(offers, place, "call(a)")
    assert offers.accept("s1") == 0
    assert Offers().accept("unheard-of") == 0


class Broken(Situation):
    """One that a bug of ours cannot get through."""

    @property
    def is_blank_line(self) -> bool:
        """Fail."""
        raise RuntimeError


async def test_who_waits_is_told_of_a_bug_in_our_own_work() -> None:
    async def nothing() -> AsyncGenerator[Event, None]:
        return
        yield

    place = replace(cursor("x = |"), situation=Broken("x = ", "", "python"))
    generation = Generation(place, nothing(), lambda _: None)
    await asyncio.wait_for(generation.over(), 30)
    assert isinstance(generation.error, RuntimeError)
