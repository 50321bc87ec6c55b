"""How far a request has come before its answer begins, for whoever shows that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["queued", "connecting", "sent", "loading", "begun"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a request waits for.

    `queued`: a place, since the endpoints are busy with other requests; `connecting`: a
    connection; `sent`: the answer, the connection standing; `loading`: the server, which has said
    that it is loading its model; `begun`: nothing any more.
    """

    phase: Phase
    shown_url: str = ""
    """The endpoint, where one has been chosen."""


Watcher = Callable[[Stage], None]


def unwatched(_: Stage) -> None:
    """Take no notice."""
