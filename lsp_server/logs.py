"""Where log records go: standard error or a file, never standard output, which is the protocol."""

import logging
import sys
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# These write whole messages, with documents and settings in them, at INFO and some at ERROR.
_LOUD = ("pygls", "httpx", "httpcore", "asyncio")


class _TemplateOnly(logging.Filter):
    """Keeps a foreign record's fixed text and drops its values, which may be code or settings."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.args or record.exc_info:
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            record.msg = f"{record.msg!s} {kind}".replace("%", "%%").strip()
            record.args = ()
            record.msg = record.msg.replace("%%", "%")
            record.exc_info = None
            record.exc_text = None
        return True


def configure_logs(level: str = "info", file: str = "") -> None:
    """Send our records to standard error, or to a file, from the given level on."""
    handler: logging.Handler = (
        logging.FileHandler(Path(file).expanduser(), encoding="utf-8")
        if file
        else logging.StreamHandler(sys.stderr)
    )
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())


def hush_libraries() -> None:
    """Keep code and settings out of the records of the libraries, once they are loaded."""
    for name in _LOUD:
        loud = logging.getLogger(name)
        loud.setLevel(logging.ERROR)
        for child in [
            name,
            *(n for n in logging.root.manager.loggerDict if n.startswith(f"{name}.")),
        ]:
            logging.getLogger(child).addFilter(_TemplateOnly())
