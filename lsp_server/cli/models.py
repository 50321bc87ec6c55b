"""`foretype models`: the configuration as clients see it."""

import argparse
import asyncio

from config.redaction import redacted
from config.rendered import ModelConfiguration
from lsp_server.cli.loading import load_session
from lsp_server.cli.output import fail, say, say_json
from providers.errors import ProviderError


def run(arguments: argparse.Namespace) -> int:
    """Print the rendered document, redacted."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    try:
        session = await load_session(arguments)
    except ProviderError as error:
        return fail(str(error))
    if arguments.format == "json":
        say_json(redacted(session.configuration))
    else:
        _say_table(session.configuration)
    await session.pool.aclose()
    return 0


def _say_table(configuration: ModelConfiguration) -> None:
    defaults = configuration.default_models
    uses = {
        "chat": defaults.chat,
        "fastChat": defaults.fast_chat,
        "codeCompletion": defaults.code_completion,
    }
    for model in configuration.models:
        features = [name for name, ref in uses.items() if ref == model.model_ref]
        window = model.context_window
        say(str(model.model_ref) + (f"  (default for {', '.join(features)})" if features else ""))
        say(f"    {', '.join(model.capabilities) or 'no capabilities'}")
        say(f"    {window.max_input_tokens} tokens in, {window.max_output_tokens} out")
    for name, ref in uses.items():
        if ref is None:
            say(f"{name}: no model, so this feature is off")
