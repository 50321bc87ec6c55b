"""`foretype check`: every problem of a configuration file and what it resolves to."""

import argparse
import os
from typing import Any

from config import files
from config.jsonc import parse
from config.loading import open_document
from config.problems import Problem
from config.rendered import ModelConfiguration
from config.sources import FILE_VARIABLE
from lsp_server.cli.output import counted, fail, say, say_json
from lsp_server.configuration import as_json, describe
from lsp_server.status import default_models

_UNREADABLE = 2


def run(arguments: argparse.Namespace) -> int:
    """Print what was found: 0 when the configuration is usable, 1 when not, 2 when unreadable."""
    folder = files.working_folder()
    named = arguments.file or os.environ.get(FILE_VARIABLE) or str(files.user_config_file())
    file = files.read_config_file(named, folder)
    if file.text is None:
        return _unreadable(file)
    base: object = None
    if arguments.base:
        base_file = files.read_config_file(arguments.base, folder)
        if base_file.text is None:
            return _unreadable(base_file)
        parsed = parse(base_file.text)
        if parsed.problems:
            return fail(describe(arguments.base, parsed.problems[0]), _UNREADABLE)
        base = parsed.value
    read_secret = files.secret_reader(file.path.parent)
    opened = open_document(file.text, environ=os.environ, read_file=read_secret)
    configuration, problems = opened.build(base, strict=arguments.strict)
    if arguments.format == "json":
        say_json(_report(configuration, problems))
    else:
        _say_report(named, configuration, problems)
        if opened.gateway is not None and base is None:
            say("The gateway was not asked; --base FILE takes its document.")
    return 0 if configuration is not None else 1


def _unreadable(file: files.FileText) -> int:
    message = file.problem.message if file.problem else f"{file.path} cannot be read."
    return fail(message, _UNREADABLE)


def _report(
    configuration: ModelConfiguration | None, problems: tuple[Problem, ...]
) -> dict[str, Any]:
    usable = configuration or ModelConfiguration()
    return {
        "ok": configuration is not None,
        "problems": [as_json(problem) for problem in problems],
        "default_models": default_models(usable.default_models),
        "models": [str(model.model_ref) for model in usable.models],
    }


def _say_report(
    file: str, configuration: ModelConfiguration | None, problems: tuple[Problem, ...]
) -> None:
    for problem in problems:
        say(f"{problem.severity}: {describe(file, problem)}")
    if configuration is None:
        say(f"{file} cannot be used.")
        return
    say(f"{file} can be used: {counted(len(configuration.models), 'model')}.")
    for feature, ref in default_models(configuration.default_models).items():
        say(f"  {feature}: {ref or 'off'}")
