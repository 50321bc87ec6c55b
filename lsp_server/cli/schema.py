"""`foretype schema`: the JSON Schema of the configuration file, for editors without us."""

import argparse

from config.schema import json_schema
from lsp_server.cli.output import say_json


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    say_json(json_schema())
    return 0
