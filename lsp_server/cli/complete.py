"""`foretype complete`: one completion, as the editor would get it."""

import argparse
import asyncio
import re

from config.files import working_folder
from lsp_server.cli.loading import load_session
from lsp_server.cli.output import counted, fail, say
from lsp_server.cli.source_files import BadFileError, read_document
from lsp_server.completion.engine import Engine
from lsp_server.completion.pace import Pace
from lsp_server.counters import Counters
from lsp_server.documents import Document, Documents, Place, without_line_end
from lsp_server.exclusion import is_excluded
from lsp_server.gaps import Gap
from lsp_server.nearby import Nearby
from lsp_server.wishes import wanted_at
from providers.errors import ProviderError

_NUMBER = re.compile(r"[0-9]{1,9}")


def run(arguments: argparse.Namespace) -> int:
    """Print the text that would be offered at the place."""
    try:
        document, place = _open(arguments.place)
    except BadFileError as error:
        return fail(str(error))
    return asyncio.run(_complete(arguments, document, place))


async def _complete(arguments: argparse.Namespace, document: Document, place: Place) -> int:
    try:
        session = await load_session(arguments)
        if is_excluded(document.uri, session.options.inline_completion.excluded_files):
            await session.pool.aclose()
            return fail(f"{arguments.place} is a file that is never sent to a model.")
        nearby = Nearby(Documents(), lambda: [working_folder().as_uri()])
        gap = Gap(place, place, "")
        wanted = wanted_at(session, nearby, document, gap, is_automatic=False)
        suggestion = await Engine(Pace(), Counters()).suggest(wanted.wish)
        await session.pool.aclose()
    except ProviderError as error:
        return fail(str(error))
    if suggestion is None:
        return fail("The model has nothing to offer there.")
    say(suggestion.text.replace("\n", document.line_end_at(place.line)))
    return 0


def _open(text: str) -> tuple[Document, Place]:
    name, line, column = (["", "", *text.rsplit(":", 2)])[-3:]
    if not name or not _NUMBER.fullmatch(line) or not _NUMBER.fullmatch(column):
        raise BadFileError(
            f"Write the place as FILE:LINE:COLUMN, for example src/main.py:10:5, not {text}."
        )
    document = read_document(name)
    lines = document.lines
    place = Place(int(line) - 1, int(column) - 1)
    if not 0 <= place.line < len(lines):
        raise BadFileError(f"{name} has {counted(len(lines), 'line')}; there is no line {line}.")
    longest = len(without_line_end(lines[place.line]))
    if not 0 <= place.column <= longest:
        raise BadFileError(f"Line {line} of {name} has columns 1 to {longest + 1}, not {column}.")
    return document, place
