"""From where the configuration is said to be to a configuration: file, gateway or bare endpoint."""

import argparse
import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from config import files
from config.addresses import address_fault
from config.build import Built
from config.loading import OpenedDocument, open_document, open_value
from config.options import Options
from config.problems import Problem
from config.rendered import Endpoint, ModelConfiguration
from config.sources import (
    BareEndpoint,
    CommandLine,
    ConfigFile,
    GatewayUrl,
    InlineDocument,
    NoSource,
    Source,
    choose_source,
    endpoint_document,
    gateway_document,
)
from lsp_server.gateways import FollowedGateway
from lsp_server.large_documents import LARGE_CHARACTERS, LargeDocument
from providers.discovery import ListedModel, list_models
from providers.endpoint_urls import shown_url
from providers.errors import ConfigurationError, ProviderError

logger = logging.getLogger(__name__)

OWN_NAME = "foretype.jsonc"
"""What configuration files are called wherever they lie."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the command line and the environment say about the configuration."""

    command_line: CommandLine = field(default_factory=CommandLine)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path = Path()
    """Relative paths of the command line start here."""

    @classmethod
    def of(cls, arguments: argparse.Namespace, environ: Mapping[str, str]) -> Self:
        """Read the configuration options of a parsed command line."""
        chosen = CommandLine(
            config=arguments.config,
            gateway=arguments.gateway,
            endpoint=arguments.endpoint,
            model=arguments.model,
        )
        return cls(chosen, dict(environ), files.working_folder())


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outcome of loading; without a configuration, `failure` says why there is none."""

    configuration: ModelConfiguration | None
    origin: str = ""
    problems: tuple[Problem, ...] = ()
    failure: ProviderError | None = None


async def load(options: Options, invocation: Invocation, gateway: FollowedGateway) -> Loaded:
    """Load the configuration that counts; what people wrote never makes it raise."""
    try:
        opened = await _open(options, invocation)
        try:
            base = await gateway.follow(opened.document.gateway)
            configuration, problems = await opened.document.build(base)
        finally:
            opened.document.close()
    except ProviderError as error:
        return Loaded(None, failure=error)
    if configuration is None:
        failure = ConfigurationError(_summary(opened.origin, problems))
        return Loaded(None, opened.origin, problems, failure)
    await gateway.keep(base)
    return Loaded(configuration, opened.origin, problems)


def configuration_file(options: Options, invocation: Invocation) -> Path | None:
    """The file that the configuration is read from, or would be if it were written.

    None where something other than a file holds it.
    """
    match source_of(options, invocation):
        case ConfigFile(path):
            return files.absolute_path(path, invocation.folder)
        case NoSource():
            return files.user_config_file()
        case _:
            return None


def without_own_file(options: Options, invocation: Invocation) -> Options:
    """Keep configuration files from being sent to a model: tokens may stand in them."""
    inline = options.inline_completion
    own = configuration_file(options, invocation)
    kept_back = (*inline.excluded_files, f"**/{OWN_NAME}", *([str(own)] if own else []))
    return replace(options, inline_completion=replace(inline, excluded_files=kept_back))


def source_of(options: Options, invocation: Invocation) -> Source:
    """Where the configuration comes from: what is named first, in the order of the contract."""
    user_file = files.user_config_file()
    return choose_source(
        options,
        invocation.command_line,
        invocation.environ,
        user_file=str(user_file),
        has_user_file=files.fingerprint(user_file) is not None,
    )


class SmallDocument:
    """A document that is quick to build, which is done in a thread."""

    def __init__(self, opened: OpenedDocument) -> None:
        self._opened = opened
        self.gateway = opened.gateway

    async def build(self, base: object) -> Built:
        """Build the configuration upon a base."""
        return await asyncio.to_thread(self._opened.build, base)

    def close(self) -> None:
        """Hold nothing, so there is nothing to let go of."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document and how to name where it came from."""

    document: SmallDocument | LargeDocument
    origin: str


async def _open(options: Options, invocation: Invocation) -> Opened:
    match source_of(options, invocation):
        case InlineDocument(value):
            document = _from_value(value, invocation)
            return Opened(document, "initializationOptions.modelConfiguration")
        case ConfigFile(path):
            return await _from_file(path, invocation)
        case GatewayUrl(url):
            return Opened(_from_gateway(url, invocation), shown_url(url))
        case BareEndpoint(url, model):
            return Opened(await _from_endpoint(url, model, invocation), shown_url(url))
        case NoSource():
            raise ConfigurationError(
                "Foretype has no configuration yet: start it with --endpoint URL, "
                f"or write {files.user_config_file()}."
            )


def _from_value(value: object, invocation: Invocation) -> SmallDocument:
    read_secret = files.secret_reader(invocation.folder)
    return SmallDocument(open_value(value, environ=invocation.environ, read_file=read_secret))


def _from_gateway(url: str, invocation: Invocation) -> SmallDocument:
    # Said here, since there is no document to which a problem could point.
    if (fault := address_fault(url)) is not None:
        raise ConfigurationError(
            f"The gateway's address {shown_url(url)} {fault}; "
            "write a URL like https://gateway.example.com."
        )
    return _from_value(gateway_document(url), invocation)


async def _from_file(path: str, invocation: Invocation) -> Opened:
    file = await asyncio.to_thread(files.read_config_file, path, invocation.folder)
    if file.text is None:
        raise ConfigurationError(file.problem.message if file.problem else f"{path} is empty.")
    origin, folder, environ = str(file.path), file.path.parent, invocation.environ
    if len(file.text) >= LARGE_CHARACTERS:
        try:
            return Opened(await LargeDocument.open(file.text, environ, folder), origin)
        except (OSError, EOFError):
            logger.warning("no process could be started for the configuration; a thread does it")
    read_secret = files.secret_reader(folder)
    opened = await asyncio.to_thread(
        open_document, file.text, environ=environ, read_file=read_secret
    )
    return Opened(SmallDocument(opened), origin)


async def _from_endpoint(url: str, model: str, invocation: Invocation) -> SmallDocument:
    """Ask a bare endpoint for its models; with a model named, one that is away will do."""
    listed: tuple[ListedModel, ...] = ()
    try:
        listed = await list_models(Endpoint(url=url))
    except ProviderError:
        if not model:
            raise
    named = next((entry for entry in listed if not model or entry.id == model), None)
    if named is None and not model:
        raise ConfigurationError(
            f"{shown_url(url)} lists no model; name one with --model NAME, "
            "or load one in the model server."
        )
    name, tokens = (named.id, named.context_tokens) if named else (model, None)
    return _from_value(endpoint_document(url, name, tokens), invocation)


def describe(origin: str, problem: Problem) -> str:
    """Give a problem with its place, on one line."""
    if problem.line:
        place = f"{origin}:{problem.line}:{problem.column}"
    else:
        place = f"{origin} at {problem.pointer}" if problem.pointer else origin
    return f"{place}: {problem.message} [{problem.code}]"


def as_json(problem: Problem) -> dict[str, str | int | None]:
    """Give a problem with the names of the contract."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "pointer": problem.pointer,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
    }


def _summary(origin: str, problems: tuple[Problem, ...]) -> str:
    errors = [problem for problem in problems if problem.severity == "error"]
    # That there is no model is most often the consequence of another mistake.
    errors.sort(key=lambda problem: problem.code == "no-models")
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{describe(origin, errors[0])}{more}"
