"""The entry point of `foretype`: nothing but a quiet way to `cli.program`."""

# The part of `signal` that is there at once: importing the rest takes longer than all of this.
import _signal  # type: ignore[import-not-found] # has no stub
import importlib
import sys

_PROGRAM = "lsp_server.cli.program"


def main() -> int:
    """Run the program; until it is loaded, an interrupt ends the process without a traceback."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    return int(importlib.import_module(_PROGRAM).run())


if __name__ == "__main__":
    sys.exit(main())
