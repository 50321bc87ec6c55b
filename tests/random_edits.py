"""Random edits of one document, made by the server's store and by the simplest one there is.

    python -m tests.random_edits 1000000 7

makes a million of them in each encoding's turn, from the seed 7, and says how long that took.
"""

import random
import re
import sys
import time

from lsprotocol import types

from lsp_server.documents import Document, Place, split_lines

Encoding = types.PositionEncodingKind
CODECS = {
    Encoding.Utf8: ("utf-8", 1),
    Encoding.Utf16: ("utf-16-le", 2),
    Encoding.Utf32: ("utf-32-le", 4),
}
LINE_ENDS = ("\n", "\r\n", "\r")
# What other programs split lines at, what takes two to four bytes, what is half of something.
_OTHERS = "\t\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\ufeff\u0301\u200d\ufffd\ufffe\uffff"
_HALVES = "\ud800\udbff\udc00\udfff\ud83d\ude00"
_PLANES = 17
_EDITS_OF_ONE, _LONGEST = 200, 400
_FAR = 2**31 - 1
_LINE_END = re.compile("\r\n|\n|\r")


class SimpleDocument:
    """The text as one string, spliced at indices that are counted character by character."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self._codec, self._unit = CODECS[encoding]

    def edit(self, change: types.TextDocumentContentChangeEvent) -> None:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            self.text = change.text
            return
        one, other = self._index(change.range.start), self._index(change.range.end)
        self.text = self.text[: min(one, other)] + change.text + self.text[max(one, other) :]

    @property
    def line_lengths(self) -> list[int]:
        """How many characters each line has, its end among them."""
        starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        ends = [*starts[1:], len(self.text)]
        return [end - start for start, end in zip(starts, ends, strict=True)]

    def _index(self, position: types.Position) -> int:
        ends = list(_LINE_END.finditer(self.text))
        if position.line > len(ends):
            return len(self.text)
        index = ends[position.line - 1].end() if position.line else 0
        stop = ends[position.line].start() if position.line < len(ends) else len(self.text)
        left = position.character
        while index < stop:
            width = len(self.text[index].encode(self._codec, "surrogatepass")) // self._unit
            if width > left:
                break
            left -= width
            index += 1
        return index


def compare(count: int, seed: int, encoding: Encoding) -> None:
    """Make `count` edits; `AssertionError` at the first after which the two stores differ."""
    chance = random.Random(f"{seed} {encoding}")  # noqa: S311 - chance, not secrecy
    for first in range(0, count, _EDITS_OF_ONE):
        simple = SimpleDocument(_text(chance, chance.randrange(_LONGEST)), encoding)
        document = Document("file:///a", "python", 1, split_lines(simple.text))
        for _ in range(min(_EDITS_OF_ONE, count - first)):
            change = _change(chance, simple, len(document.lines))
            before = simple.text
            simple.edit(change)
            document.edit(change, encoding)
            assert document.text == simple.text, (before, change, encoding)
            lengths = simple.line_lengths
            assert list(map(len, document.lines)) == lengths, (before, change, encoding)
            line = chance.randrange(len(lengths))
            assert document.offset(Place(line, 0)) == sum(lengths[:line]), (before, change)


def _change(
    chance: random.Random, simple: SimpleDocument, lines: int
) -> types.TextDocumentContentChangeEvent:
    if chance.random() < 0.005:
        return types.TextDocumentContentChangeWholeDocument(_text(chance, _LONGEST // 2))
    start = _position(chance, lines)
    # Most insert, some replace a little, some cross lines, a few are written backwards.
    reach, crossed = chance.choice(((0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (5, 1)))
    end = types.Position(
        _moved(start.line, chance.randint(-1, 2) * crossed),
        _moved(start.character, chance.randint(-1, 3) * reach),
    )
    longest = 2 if len(simple.text) > _LONGEST else 12
    text = _text(chance, chance.choice((0, 1, 1, 2, longest)))
    return types.TextDocumentContentChangePartial(types.Range(start, end), text)


def _moved(number: int, by: int) -> int:
    return min(max(number + by, 0), _FAR)


def _position(chance: random.Random, lines: int) -> types.Position:
    if chance.random() < 0.01:
        return types.Position(chance.choice((lines, _FAR)), chance.choice((0, _FAR)))
    return types.Position(chance.randrange(lines), int(chance.expovariate(0.1)))


def _text(chance: random.Random, length: int) -> str:
    return "".join(_piece(chance) for _ in range(length))


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.55:
        return chance.choice("abc {}()")
    if kind < 0.7:
        return chance.choice(LINE_ENDS)
    if kind < 0.8:
        return chance.choice(_OTHERS)
    if kind < 0.85:
        return chance.choice(_HALVES)
    return chr(chance.randrange(_PLANES) * 0x10000 + chance.randrange(0x10000))


def main() -> None:
    """Compare as many edits as the command line says, a third in each encoding."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    began = time.perf_counter()
    for encoding in CODECS:
        compare(-(-count // len(CODECS)), seed, encoding)
    took_s = time.perf_counter() - began
    sys.stdout.write(f"{count} edits equal the simple document's ({took_s:.0f} s)\n")


if __name__ == "__main__":
    main()
