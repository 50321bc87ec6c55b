"""The time to open and check a file grows with its size, also when everything in it is wrong."""

import gc
from functools import partial

import pytest

from config.assist import completions_at, hover_at
from config.collecting import paused_collection
from config.loading import open_document
from tests.benchmarks.configuration import document
from tests.effort import grows_linearly


def open_and_check(text: str) -> None:
    open_document(text, environ={}, read_file=str).build()


def ask_for_help(text: str) -> None:
    assert hover_at(text, text.rindex("capabilities")) is not None
    assert completions_at(text, text.rindex('"balanced"') + 1)


@pytest.mark.parametrize("faulty", [False, True], ids=["sound", "faulty"])
def test_the_time_to_check_a_file_grows_with_its_models_only(faulty: bool) -> None:
    assert grows_linearly(
        lambda models: partial(open_and_check, document(models, faulty=faulty)), 200
    )


def test_the_time_to_help_grows_with_the_file_only() -> None:
    assert grows_linearly(lambda models: partial(ask_for_help, document(models)), 200)


def test_collection_of_garbage_is_resumed_after_a_failure() -> None:
    assert gc.isenabled()

    with pytest.raises(ZeroDivisionError), paused_collection():
        _ = 1 / gc.isenabled()

    assert gc.isenabled()
