"""What typing sessions cost the model and gave the user."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.benchmarks.player import Shown

# So many characters of a ghost text tell which stream it is from.
_ALIKE = 5


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer of the model: the end of the text before it, what it wrote, in how many tokens."""

    tail: str
    began: float
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Played:
    """One session: what each key came to, and each stream of the model."""

    keys: Sequence[Shown]
    streams: Sequence[Stream]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the sessions of one client with one server cost and gave."""

    keys: int
    requests_per_key: float
    tokens: int
    tokens_thrown_away: int
    """Tokens of the streams of which nothing was ever shown."""
    median_ms: float
    p95_ms: float
    share_right: float
    """The share of keys where the model knows the rest of the line."""
    share_of_keys: float
    share_where_right: float
    share_of_asked_where_right: float


def figures(sessions: Iterable[Played]) -> Figures:
    """Add sessions up."""
    played = list(sessions)
    keys = [key for each in played for key in each.keys]
    streams = [stream for each in played for stream in each.streams]
    times = [key.after_s * 1000 for key in keys if key.after_s is not None]
    right = [key for key in keys if key.is_right]
    return Figures(
        keys=len(keys),
        requests_per_key=len(streams) / len(keys),
        tokens=sum(stream.tokens for stream in streams),
        tokens_thrown_away=sum(_thrown_away(each) for each in played),
        median_ms=median(times) if times else float("nan"),
        p95_ms=quantiles(times, n=20)[-1] if len(times) > 1 else float("nan"),
        share_right=len(right) / len(keys),
        share_of_keys=_share(keys),
        share_where_right=_share(right),
        share_of_asked_where_right=_share([key for key in right if key.is_asked]),
    )


def _share(keys: Sequence[Shown]) -> float:
    return sum(key.after_s is not None for key in keys) / max(1, len(keys))


def _thrown_away(played: Played) -> int:
    used = {id(_source_of(key, played.streams)) for key in played.keys if key.after_s is not None}
    return sum(stream.tokens for stream in played.streams if id(stream) not in used)


def _source_of(key: Shown, streams: Sequence[Stream]) -> Stream | None:
    """The latest stream before the key's ghost text that goes on like it."""
    for stream in reversed(streams):
        at = key.before.rfind(stream.tail)
        typed = key.before[at + len(stream.tail) :]
        is_alike = stream.text.startswith(typed + key.ghost_text[:_ALIKE])
        if stream.began < key.at and at >= 0 and is_alike:
            return stream
    return None
