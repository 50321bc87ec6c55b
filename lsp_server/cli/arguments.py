"""The command line: every subcommand with its options; nothing heavy is imported for `--help`."""

import argparse
from typing import NoReturn

from lsp_server import __version__

# The module that runs a subcommand is imported only when the subcommand is asked for.
RUNNERS = {
    "serve": "lsp_server.cli.serve",
    "check": "lsp_server.cli.check",
    "doctor": "lsp_server.cli.doctor",
    "models": "lsp_server.cli.models",
    "complete": "lsp_server.cli.complete",
    "chat": "lsp_server.cli.chat",
    "schema": "lsp_server.cli.schema",
    "demo": "lsp_server.cli.demo",
}
LOG_LEVELS = ("debug", "info", "warning", "error")


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments, without all that there are."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def build_parser() -> argparse.ArgumentParser:
    """Give the parser of the whole command line."""
    parser = _Parser(
        prog="foretype",
        description="Ghost-text completions and chat in any editor, from models you host yourself.",
    )
    parser.add_argument("--version", action="version", version=f"foretype {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _serve(commands.add_parser("serve", help="run the language server (stdio by default)"))
    _check(commands.add_parser("check", help="validate a configuration file"))
    doctor = commands.add_parser("doctor", help="ask every endpoint what it is and what it can do")
    _configuration(doctor)
    _format(doctor)
    models = commands.add_parser("models", help="show the configuration as clients see it")
    _configuration(models)
    _format(models)
    complete = commands.add_parser("complete", help="print one completion at a place in a file")
    complete.add_argument("place", metavar="FILE:LINE:COLUMN", help="line and column count from 1")
    _configuration(complete)
    _chat(commands.add_parser("chat", help="ask one question and stream the answer"))
    commands.add_parser("schema", help="print the JSON Schema of the configuration file")
    demo = commands.add_parser("demo", help="see it work on a small real model on this machine")
    demo.add_argument("--keep", action="store_true", help="keep the model running afterwards")
    demo.add_argument("--port", type=int, default=8642, help="port of the model (default: 8642)")
    return parser


def with_subcommand(words: list[str]) -> list[str]:
    """Give the words of a command line with the subcommand that may be left out.

    Clients made for Copilot's language server start a program with `--stdio` and nothing else.
    """
    return ["serve", *words] if words[:1] == ["--stdio"] else words


def _serve(parser: argparse.ArgumentParser) -> None:
    transport = parser.add_mutually_exclusive_group()
    transport.add_argument(
        "--stdio", action="store_true", help="talk over stdin and stdout (default)"
    )
    transport.add_argument(
        "--tcp", metavar="HOST:PORT", help="listen there for one client, and end with it"
    )
    _configuration(parser)
    parser.add_argument("--log-file", metavar="F", default="", help="log to a file, not to stderr")
    parser.add_argument(
        "--log-level", metavar="L", choices=LOG_LEVELS, default="info", help=", ".join(LOG_LEVELS)
    )


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="default: your own configuration file"
    )
    parser.add_argument("--base", metavar="FILE", help="stands in for the gateway's document")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="every feature must have a model of a fitting category",
    )
    _format(parser)


def _chat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt",
        metavar="PROMPT",
        nargs="?",
        help="the question, to which what is piped in is attached; - reads the question from stdin",
    )
    parser.add_argument(
        "--file",
        metavar="F[:A-B]",
        action="append",
        default=[],
        help="attach a file, or its lines A to B; may be repeated",
    )
    parser.add_argument("--fast", action="store_true", help="ask the fast chat model")
    _configuration(parser, model="the model of --endpoint to use, or another one of the file")


def _configuration(
    parser: argparse.ArgumentParser, model: str = "the model of --endpoint to use"
) -> None:
    group = parser.add_argument_group("where the configuration comes from")
    group.add_argument("--config", metavar="FILE", default="", help="a modelConfiguration file")
    group.add_argument(
        "--gateway", metavar="URL", default="", help="a gateway or Sourcegraph instance"
    )
    group.add_argument("--endpoint", metavar="URL", default="", help="one OpenAI-compatible server")
    group.add_argument("--model", metavar="NAME", default="", help=model)


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")
