"""`foretype.status`: what the server works with and how it has been going; never a secret."""

import asyncio
from contextlib import suppress
from typing import Any

from config.options import Options
from config.rendered import DefaultModels, ModelConfiguration
from lsp_server.server import ForetypeServer
from lsp_server.session import Session
from providers.endpoint_connection import EndpointState
from providers.pool import Pool

# A gateway or a large file may take longer.
_PATIENCE_S = 1.0


async def status(ls: ForetypeServer) -> dict[str, Any]:
    """Describe the session in force; the first one is waited for, but not long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S), ls.session.use():
            pass
    return _describe(ls, ls.session.now or _NOTHING_YET)


def _describe(ls: ForetypeServer, session: Session) -> dict[str, Any]:
    defaults = session.configuration.default_models
    return {
        "revision": session.configuration.revision,
        "isLoading": session is _NOTHING_YET,
        "defaultModels": default_models(defaults),
        "features": {
            "chat": defaults.chat is not None,
            "fastChat": defaults.fast_chat is not None,
            "codeCompletion": defaults.code_completion is not None
            and session.options.inline_completion.enabled,
        },
        "endpoints": [_endpoint(state) for state in session.pool.endpoints()],
        "requests": ls.counters.as_json(),
        "problems": [
            f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message
            for problem in session.problems
        ],
        "troubles": ls.troubles.current(),
    }


_NOTHING_YET = Session(ModelConfiguration(), Options(), Pool(ModelConfiguration()))


def default_models(defaults: DefaultModels) -> dict[str, str | None]:
    """The default models by feature, null where a feature has none."""
    return {
        "chat": str(defaults.chat) if defaults.chat else None,
        "fastChat": str(defaults.fast_chat) if defaults.fast_chat else None,
        "codeCompletion": str(defaults.code_completion) if defaults.code_completion else None,
    }


def _endpoint(state: EndpointState) -> dict[str, Any]:
    return {
        "provider": state.provider_id,
        "url": state.url,
        "state": state.state,
        "lastError": state.last_error,
        "running": state.running,
        "served": state.served,
        "waiting": state.waiting,
        "restingS": _rounded(state.resting_s),
        "firstTokenMs": _rounded(state.first_token_ms),
        "server": {
            "kind": state.server.kind,
            "fimRoutes": dict(state.server.fim_routes),
            "streaming": state.server.is_streaming,
        },
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
