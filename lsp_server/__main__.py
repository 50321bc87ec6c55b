"""The `foretype` program."""

import importlib
import os
import sys

from lsp_server.bugs import describe_bug
from lsp_server.cli.arguments import RUNNERS, build_parser


def main() -> int:
    """Run one subcommand and give its exit status."""
    arguments = build_parser().parse_args()
    runner = importlib.import_module(RUNNERS[arguments.command])
    try:
        return int(runner.run(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output went away; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        sys.stderr.write(f"foretype: a bug in Foretype, please report it: {describe_bug(error)}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
