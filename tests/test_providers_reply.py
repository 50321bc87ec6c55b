"""What each server's chunks mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import IncompleteError, ProviderError
from providers.messages import FinishReason, ReasoningDelta, TextDelta, Usage
from providers.reply import ReplyReader
from providers.secrecy import Place
from providers.sse import EventReader

PLACE = Place("local", "http://127.0.0.1:8080/v1", "local::v1::m")


def read(stream: str) -> tuple[str, str, ReplyReader]:
    reader, reply = EventReader(), ReplyReader(PLACE)
    deltas = []
    for event in reader.feed(stream.encode()):
        deltas += reply.read(event.data, is_error=event.event == "error")
    for event in reader.close():
        deltas += reply.read(event.data, is_error=event.event == "error", is_last=True)
    deltas += reply.finish(reader.first_stray_line)
    text = "".join(delta.content for delta in deltas if isinstance(delta, TextDelta))
    thought = "".join(delta.content for delta in deltas if isinstance(delta, ReasoningDelta))
    return text, thought, reply


def stream(*data: str) -> str:
    return "".join(f"data: {item}\n\n" for item in data)


def chunk(text: str, finish: str = "null", **more: Any) -> str:
    index = more.get("index", 0)
    return f'{{"choices":[{{"index":{index},"text":"{text}","finish_reason":{finish}}}]}}'


def chat(delta: str, finish: str = "null") -> str:
    return f'{{"choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}'


def test_tgi_writes_an_empty_finish_reason_on_every_chunk() -> None:
    text, _, reply = read(stream(chunk("a", '""'), chunk("b", '""'), chunk("", '"eos_token"')))
    assert text == "ab"
    assert reply.finish_reason == "stop"


HALVES: dict[str, tuple[tuple[str, ...], str]] = {
    "in-two-pieces": ((r"a\ud83d", r"\ude00b"), "a😀b"),
    "with-nothing-between": ((r"\ud83d", "", r"\ude00"), "😀"),
    "two-in-a-row": ((r"\ud83d", r"\ude00\ud83d", r"\ude01"), "😀😁"),
    "first-alone": ((r"a\ud83d", "b"), "a\ufffdb"),
    "first-twice": ((r"\ud83d", r"\ud83d", r"\ude00"), "\ufffd😀"),
    "first-at-the-end": (("a", r"\ud83d"), "a\ufffd"),
    "second-alone": (("a", r"\ude00"), "a\ufffd"),
}


@pytest.mark.parametrize("case", HALVES)
def test_a_character_may_be_cut_in_two(case: str) -> None:
    pieces, whole = HALVES[case]
    end = chunk("", '"stop"')
    assert read(stream(*map(chunk, pieces), end))[0] == whole
    infill = [f'{{"content":"{piece}","stop":false}}' for piece in pieces]
    assert read(stream(*infill, '{"content":"","stop":true}'))[0] == whole
    said = [chat(f'{{"content":"{piece}"}}') for piece in pieces]
    assert read(stream(*said, chat("{}", '"stop"')))[0] == whole
    thought = [chat(f'{{"reasoning":"{piece}"}}') for piece in pieces]
    answer = chat('{"content":"ok"}', '"stop"')
    assert read(stream(*thought, answer))[:2] == ("ok", whole)
    assert read(stream(*thought, chat("{}", '"stop"')))[:2] == ("", whole)


def test_a_thought_is_whole_before_the_answer_begins() -> None:
    thought, answer = chat(r'{"reasoning":"\ud83d"}'), chat(r'{"content":"\ude00"}', '"stop"')
    assert read(stream(thought, answer))[:2] == ("\ufffd", "\ufffd")


def test_half_a_character_comes_after_what_was_held_back_before_it() -> None:
    said = chat(r'{"content":"<thi\ud83d"}', '"stop"')
    assert read(stream(said))[0] == "<thi\ufffd"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stop", "stop"),
        ("eos_token", "stop"),
        ("model_length", "length"),
        ("stop_sequence", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("load", "stop"),
        ("abort", "stop"),
        ("something_new", "stop"),
    ],
)
def test_finish_reasons(said: str, meant: FinishReason) -> None:
    _, _, reply = read(stream(chunk("a", f'"{said}"')))
    assert reply.finish_reason == meant


def test_llamacpp_begins_with_a_null_content() -> None:
    first = chat('{"role":"assistant","content":null}')
    text, _, _ = read(stream(first, chat('{"content":"hi"}'), chat("{}", '"stop"'), "[DONE]"))
    assert text == "hi"


def test_azure_begins_without_choices() -> None:
    text, _, _ = read(stream('{"choices":[]}', chat('{"content":"hi"}', '"stop"')))
    assert text == "hi"


def test_null_fields_are_skipped() -> None:
    events = (
        "null",
        '{"choices":null}',
        '{"choices":[{"text":null}]}',
        '{"choices":[{"delta":null,"finish_reason":null}],"usage":null,"error":null}',
        chunk("a", '"stop"'),
    )
    assert read(stream(*events))[0] == "a"


def test_other_choices_are_not_mixed_in() -> None:
    events = (chunk("a"), chunk("X", index=1), chunk("b"), chunk("", '"stop"'))
    assert read(stream(*events))[0] == "ab"


def test_another_choice_does_not_finish_the_answer() -> None:
    events = (chunk("a"), chunk("", '"stop"', index=1), chunk("b", '"length"'))
    text, _, reply = read(stream(*events))
    assert (text, reply.finish_reason) == ("ab", "length")


def test_a_server_that_does_not_stream_is_understood() -> None:
    body = (
        '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},'
        '"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}'
    )
    text, _, reply = read(body)
    assert text == "hi"
    assert reply.usage == Usage(3, 1)


def test_two_objects_in_one_event_are_parsed_apart() -> None:
    both = f"data: {chunk('a')}\ndata: {chunk('b', chr(34) + 'stop' + chr(34))}\n\n"
    assert read(both)[0] == "ab"


def test_json_lines_are_understood() -> None:
    assert read(chunk("a") + "\n" + chunk("b", '"stop"') + "\n")[0] == "ab"


def test_mistral_sends_thinking_and_answer_as_parts() -> None:
    said = stream(
        chat('{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}'),
        chat('{"content":[{"type":"thinking","thinking":[{"type":"text","text":"m"}]},7,null]}'),
        chat('{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"},"x"]}'),
        chat('{"content":"!"}', '"stop"'),
    )
    assert read(said)[:2] == ("hi!", "hmm")


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_is_never_part_of_the_answer(key: str) -> None:
    events = (
        chat(f'{{"{key}":"hmm","content":""}}'),
        chat('{"content":"hi"}'),
        chat("{}", '"stop"'),
    )
    text, thought, _ = read(stream(*events))
    assert (text, thought) == ("hi", "hmm")


@pytest.mark.parametrize(
    ("contents", "text", "thought"),
    [
        (["<think>", "hmm", "</think>", "\\n\\nhi"], "hi", "hmm"),
        (["<th", "ink>hm", "m</th", "ink>hi"], "hi", "hmm"),
        (["\\n<think>\\nhmm</think>hi"], "hi", "hmm"),
        (["<think>never closed"], "", "never closed"),
        (["<thin"], "<thin", ""),
        (["<b>bold</b>"], "<b>bold</b>", ""),
        (["say <think> and </think>"], "say <think> and </think>", ""),
        (["<think></think>hi"], "hi", ""),
    ],
)
def test_thinking_inside_the_content_is_told_apart(
    contents: list[str], text: str, thought: str
) -> None:
    chunks = [chat(f'{{"content":"{content}"}}') for content in contents]
    found = read(stream(*chunks, chat("{}", '"stop"'), "[DONE]"))
    assert found[:2] == (text, thought)


@given(st.text(alphabet="<>/thinkab \n", max_size=40), st.integers(1, 7))
def test_how_thinking_is_split_makes_no_difference(content: str, size: int) -> None:
    def said(pieces: list[str]) -> tuple[str, str]:
        reply = ReplyReader(PLACE)
        deltas = []
        for piece in pieces:
            escaped = piece.replace("\n", "\\n")
            deltas += reply.read(chat(f'{{"content":"{escaped}"}}'))
        deltas += reply.read(chat('{"content":"."}', '"stop"')) + reply.finish()
        text = "".join(delta.content for delta in deltas if isinstance(delta, TextDelta))
        return text, "".join(one.content for one in deltas if isinstance(one, ReasoningDelta))

    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert said(pieces) == said([content]) == said(list(content))


def test_a_whole_answer_whose_thinking_was_opened_by_the_template() -> None:
    body = '{"choices":[{"message":{"content":"hmm</think>hi"},"finish_reason":"stop"}]}'
    assert read(body)[:2] == ("hi", "hmm")


def test_ollama_writes_zero_usage_on_each_chunk() -> None:
    zero = '"usage":{"prompt_tokens":0,"completion_tokens":0}'
    events = (
        f'{{"choices":[{{"text":"a"}}],{zero}}}',
        chunk("", '"stop"'),
        '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}',
        f'{{"choices":[],{zero}}}',
        "[DONE]",
    )
    assert read(stream(*events))[2].usage == Usage(5, 2)


def test_half_a_surrogate_pair_does_not_reach_the_editor() -> None:
    text, _, _ = read(stream(chunk("a\\ud83d", '"stop"')))
    assert text == "a\ufffd"


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((), id="nothing"),
        pytest.param((chunk("a"), chunk("b")), id="ollama-mid-stream-error"),
        pytest.param(("[DONE]",), id="vllm-lost-error"),
        pytest.param(('{"choices":[]}',), id="lm-studio-oversized-prompt"),
    ],
)
def test_an_answer_without_an_end_is_incomplete(events: tuple[str, ...]) -> None:
    with pytest.raises(IncompleteError) as caught:
        read(stream(*events))
    assert caught.value.kind == "incomplete"


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        ('{"text":"","finish_reason":"error","error":{"code":429,"message":"boom"}}', "overloaded"),
        ('{"delta":{},"error":{"code":502,"message":"boom"}}', "server"),
        ('{"delta":{},"error":"boom"}', "server"),
        ('{"text":"","finish_reason":"error"}', "server"),
    ],
)
def test_a_choice_that_fails_is_no_empty_answer(choice: str, kind: str) -> None:
    with pytest.raises(ProviderError, match=r"boom|ended with an error") as caught:
        read(stream(chunk("a"), f'{{"choices":[{choice}]}}', "[DONE]"))
    assert caught.value.kind == kind


@pytest.mark.parametrize("nothing", ["null", "false", '""', "{}", "[]", "0"])
def test_a_choice_without_an_error_says_so_in_many_ways(nothing: str) -> None:
    choice = f'{{"text":"a","finish_reason":"stop","error":{nothing}}}'
    assert read(stream(f'{{"choices":[{choice}]}}'))[0] == "a"


def test_done_is_an_end_even_without_a_finish_reason() -> None:
    text, _, reply = read(stream(chunk("a"), "[DONE]"))
    assert (text, reply.finish_reason) == ("a", "stop")


def test_a_chunk_cut_in_the_middle_is_incomplete() -> None:
    with pytest.raises(IncompleteError):
        read(stream(chunk("a")) + 'data: {"choices":[{"te')


def test_what_is_not_json_is_a_fault_of_the_server() -> None:
    with pytest.raises(ProviderError, match="not JSON") as caught:
        read(stream("hello", chunk("a", '"stop"')))
    assert caught.value.kind == "server"


def test_no_text_and_finish_length_means_a_full_window() -> None:
    with pytest.raises(ProviderError) as caught:
        read(stream(chunk("", '"length"'), "[DONE]"))
    assert caught.value.kind == "context_overflow"


def test_no_text_and_finish_stop_is_an_empty_answer() -> None:
    text, _, reply = read(stream(chunk("", '"stop"'), "[DONE]"))
    assert (text, reply.finish_reason) == ("", "stop")


def test_localai_error_sent_as_text_is_an_error() -> None:
    with pytest.raises(ProviderError, match="rpc error") as caught:
        read(stream(chunk("Internal error: rpc error", '"stop"')))
    assert caught.value.kind == "server"


def test_text_like_localais_error_is_text_when_the_stream_is_whole() -> None:
    assert read(stream(chunk("Internal error: x", '"stop"'), "[DONE]"))[0] == "Internal error: x"
