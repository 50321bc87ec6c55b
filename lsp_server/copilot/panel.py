"""Several suggestions for one place, each sent as soon as it is there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from lsprotocol import types

from lsp_server.bugs import describe_bug
from lsp_server.completion.candidates import as_they_come
from lsp_server.copilot.legacy import UTF_16, as_agreed, as_json
from lsp_server.copilot.messages import OfDoc, Place
from lsp_server.gaps import gap_at
from lsp_server.inline_completion import Offered, insertion_of, is_wanted, item_of, note_offer
from lsp_server.server import ForetypeServer
from lsp_server.wishes import wanted_at
from providers.errors import ProviderError

# A panel is opened to choose from.
_FEWEST = 3
_PANEL = "panel"
_DONE, _FAILED = "OK", "Error"


class Panel:
    """The panel of a client: the newest one asked for is filled, an older one is given up."""

    def __init__(self, ls: ForetypeServer) -> None:
        self._ls = ls
        self._filling: asyncio.Task[None] | None = None

    async def stream(self, asked: Place) -> dict[str, Any]:
        """Answer `textDocument/copilotPanelCompletion`, under its token or at once at the end."""
        ls, token = self._ls, asked.partial_result_token
        items: list[types.InlineCompletionItem] = []
        with ls.latest.enter(asked.text_document.uri, _PANEL):
            found = _solutions(ls, asked.text_document.uri, asked.position.as_lsp())
            async with aclosing(found) as each_found:
                async for offered in each_found:
                    item = item_of(ls, offered)
                    if token is None:
                        items.append(item)
                    else:
                        ls.progress(types.ProgressParams(token, {"items": [item]}))
        return {"items": items}

    async def fill(self, asked: OfDoc) -> dict[str, Any]:
        """Answer `getPanelCompletions` with their number; they follow as notifications."""
        self.close()
        async with self._ls.session.use() as session:
            count = max(_FEWEST, session.options.inline_completion.candidates)
        self._filling = asyncio.create_task(self._fill(asked))
        return {"solutionCountTarget": count}

    def close(self) -> None:
        """Stop filling the panel."""
        if self._filling is not None:
            self._filling.cancel()

    async def _fill(self, asked: OfDoc) -> None:
        done: dict[str, Any] = {"panelId": asked.panel_id, "status": _DONE}
        try:
            await self._send_each(asked)
        except ProviderError as error:
            done |= {"status": _FAILED, "message": str(error)}
        except Exception as error:  # noqa: BLE001 - the client waits for an end
            done |= {"status": _FAILED, "message": describe_bug(error)}
        self._ls.protocol.notify("PanelSolutionsDone", done)

    async def _send_each(self, asked: OfDoc) -> None:
        ls, document = self._ls, self._ls.documents.get(asked.doc.uri)
        if document is None:
            return
        position = as_agreed(ls, document, asked.doc.position)
        with ls.latest.enter(asked.doc.uri, _PANEL):
            async with aclosing(_solutions(ls, asked.doc.uri, position)) as each_found:
                async for offered in each_found:
                    ls.protocol.notify("PanelSolution", _solution(ls, asked, offered))


async def _solutions(
    ls: ForetypeServer, uri: str, position: types.Position
) -> AsyncGenerator[Offered, None]:
    """Give what there is to offer, in the order in which it is written; none where it is off."""
    async with ls.session.use() as session:
        document = ls.documents.get(uri)
        if document is None or not is_wanted(session, document):
            return
        gap = gap_at(document, position, None, ls.documents.encoding)
        if gap is None:
            return
        wanted = wanted_at(session, ls.nearby, document, gap, is_automatic=False)
        count = max(_FEWEST, session.options.inline_completion.candidates)
        asks = [wanted.wish.ask, *[wanted.ask_another] * (count - 1)]
        cursor = wanted.wish.cursor
        async with aclosing(as_they_come(cursor, asks, ls.counters)) as suggestions:
            async for suggestion in suggestions:
                yield Offered(document, gap, cursor, suggestion)


def _solution(ls: ForetypeServer, asked: OfDoc, offered: Offered) -> dict[str, Any]:
    # From the cursor on: copilot.el inserts the text there, whatever the range is.
    insertion = insertion_of(offered, UTF_16, begin=offered.gap.start.column)
    return {
        "panelId": asked.panel_id,
        "solutionId": note_offer(ls, offered, insertion),
        "completionText": insertion.text,
        "displayText": insertion.text,
        "range": as_json(insertion.range),
        "score": 1,
        "docVersion": offered.document.version,
    }
