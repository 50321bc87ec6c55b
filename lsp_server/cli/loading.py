"""Loads the configuration for the subcommands that ask a model."""

import argparse
import os

from config.options import Options
from lsp_server.configuration import Invocation, load, without_own_file
from lsp_server.gateways import FollowedGateway
from lsp_server.session import Session
from providers.pool import Pool


async def load_session(arguments: argparse.Namespace) -> Session:
    """Load what the command line names; raises `ProviderError` when there is no configuration."""
    invocation = Invocation.of(arguments, os.environ)
    options = without_own_file(Options(), invocation)
    loaded = await load(options, invocation, FollowedGateway())
    if loaded.configuration is None:
        assert loaded.failure is not None  # noqa: S101 - one of the two is there
        raise loaded.failure
    return Session(loaded.configuration, options, Pool(loaded.configuration), loaded.problems)
