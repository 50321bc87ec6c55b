"""The time to open and check a file grows with its size, also when everything in it is wrong."""

import gc
import time

import pytest

from config.assist import completions_at, hover_at
from config.collecting import paused_collection
from config.loading import open_document
from tests.benchmarks.configuration import document


def fastest(text: str, rounds: int = 3) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        open_document(text, environ={}, read_file=str).build()
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("faulty", [False, True], ids=["sound", "faulty"])
def test_ten_times_the_models_take_about_ten_times_as_long(faulty: bool) -> None:
    few, many = (fastest(document(models, faulty=faulty)) for models in (200, 2000))

    # What is quadratic takes a hundred times as long; the rest is for a busy machine.
    assert many / few < 20


def test_help_in_a_large_file_comes_at_once() -> None:
    text = document(2000)
    began = time.process_time()

    assert hover_at(text, text.rindex("capabilities")) is not None
    assert completions_at(text, text.rindex('"balanced"') + 1)

    assert time.process_time() - began < 5


def test_collection_of_garbage_is_resumed_after_a_failure() -> None:
    assert gc.isenabled()

    with pytest.raises(ZeroDivisionError), paused_collection():
        _ = 1 / gc.isenabled()

    assert gc.isenabled()
