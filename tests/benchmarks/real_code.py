"""Whether real code comes back: pieces are cut out of it, streamed in again, and compared.

A table by language and by bad habit of models, then the pieces that did not come back.
"""

import random
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests import real_python
from tests.benchmarks.corpus import SOURCES, Source, files_of
from tests.real_holes import NOISES, Hole, accepted, is_fitting, is_restored, stream, written

try:
    from tests.benchmarks import tree_holes
except ImportError:
    tree_holes = None  # type: ignore[assignment]

KINDS = ("body", "head", "statement", "line", "arguments")
A_KIND, A_FILE, LONGEST = 40, 4, 1_500
SEED = 5
MISSES_SHOWN = 3


def report(language_ids: Sequence[str] = ()) -> None:
    """Measure and print, some languages or all."""
    began = time.perf_counter()
    say("real code restored, in percent (pieces)")
    say(f"{'':16}" + "".join(f"{noise:>18}" for noise in NOISES))
    misses: list[str] = []
    if not language_ids or "python" in language_ids:
        misses += _of_language("python", _python_holes())
    if tree_holes is None:
        say("other languages: tree-sitter-language-pack is not installed")
    else:
        wanted = (each for each in SOURCES if not language_ids or each.language_id in language_ids)
        for source in wanted:
            misses += _of_language(source.language_id, _holes(source))
    for miss in misses:
        say(miss)
    say(f"real code took {time.perf_counter() - began:.0f} s")


def _python_holes() -> Iterator[list[Hole]]:
    chance = random.Random(SEED)  # noqa: S311 -- a sample
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    chance.shuffle(paths)
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        if "\t" not in text and "\f" not in text and text.isascii():
            yield [*real_python.holes_in(path.name, text, chance)]


def _holes(source: Source) -> Iterator[list[Hole]]:
    chance = random.Random(SEED)  # noqa: S311 -- a sample
    for path, text in files_of(source, chance):
        found = tree_holes.holes_in(path.name, text, source.language_id, source.grammar, chance)
        yield [*found]


def sample(files: Iterable[list[Hole]], most: int = A_KIND) -> list[Hole]:
    """Take pieces of every kind, a few from each file, or more where there are not enough files."""
    chance = random.Random(SEED)  # noqa: S311 -- a sample
    further: dict[str, list[Hole]] = {kind: [] for kind in KINDS}
    taken: dict[str, list[Hole]] = {kind: [] for kind in KINDS}
    for holes in files:
        for kind, chosen in taken.items():
            fitting = [hole for hole in holes if hole.kind == kind and _is_usual(hole)]
            chance.shuffle(fitting)
            chosen += fitting[:A_FILE]
            further[kind] += fitting[A_FILE:]
        if all(len(chosen) >= most for chosen in taken.values()):
            break
    return [hole for kind in KINDS for hole in (taken[kind] + further[kind])[:most]]


def _is_usual(hole: Hole) -> bool:
    return len(hole.wanted.strip()) > 1 and len(hole.wanted) < LONGEST


def _of_language(name: str, files: Iterable[list[Hole]]) -> list[str]:
    """Print the row of one language and give its misses."""
    holes = sample(files)
    if not holes:
        say(f"{name:16}  no code found on this machine")
        return []
    row, misses = f"{name:16}", []
    for noise in NOISES:
        tried = [hole for hole in holes if is_fitting(hole, noise)]
        failed = [
            hole for hole in tried if not is_restored(hole, stream(hole, written(hole, noise)))
        ]
        share = 100 * (len(tried) - len(failed)) / max(len(tried), 1)
        row += f"{share:11.1f} ({len(tried):4})"
        misses += [_described(hole, noise) for hole in failed[:MISSES_SHOWN]]
    say(row)
    return misses


def _described(hole: Hole, noise: str) -> str:
    got = accepted(hole, stream(hole, written(hole, noise))) or "nothing"
    wanted = hole.wanted
    end = f"{wanted[-30:]!r} / {got[-30:]!r}"
    head = f"{wanted[:50]!r} / {got[:50]!r}"
    return f"  missed {hole.place} {hole.kind} {noise}: head {head}, tail {end}"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    report(sys.argv[1:])
