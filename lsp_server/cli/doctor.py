"""`foretype doctor`: what every endpoint is and can do, and what to change."""

import argparse
import asyncio
from typing import Any

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lsp_server.cli.loading import load_session
from lsp_server.cli.output import fail, say, say_json
from providers.diagnosis import EndpointReport, ModelReport, diagnose
from providers.errors import ProviderError

_SHOWN_MODELS = 5
_FIM = {
    "infill": "/infill",
    "suffix": "suffix",
    "tokens": "in the prompt",
    "chat": "by chat",
}


def run(arguments: argparse.Namespace) -> int:
    """Print what was found: 0 when every endpoint works, 1 otherwise."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    try:
        session = await load_session(arguments)
    except ProviderError as error:
        return fail(str(error))
    await session.pool.aclose()
    reports = await diagnose(session.configuration)
    is_fine = bool(reports) and all(report.is_working for report in reports)
    if arguments.format == "json":
        say_json({"ok": is_fine, "endpoints": [_as_json(report) for report in reports]})
    else:
        _say_reports(reports)
    return 0 if is_fine else 1


def _as_json(report: EndpointReport) -> dict[str, Any]:
    return {
        "provider": report.provider_id,
        "url": report.url,
        "ok": report.is_working,
        "server": report.server,
        "models": list(report.models),
        "tls": report.is_tls,
        "proxy": report.proxy or None,
        "trouble": report.trouble or None,
        "answers": [_answer_as_json(one) for one in report.answers],
        "advice": list(report.advice),
    }


def _answer_as_json(one: ModelReport) -> dict[str, Any]:
    measured = one.measured
    return {
        "model": one.model_ref,
        "feature": one.feature,
        "listed": one.is_listed,
        "fimRoute": one.fim_route,
        "streaming": measured.is_streaming,
        "firstTokenMs": _rounded(measured.first_token_ms),
        "tokensPerSecond": _rounded(measured.tokens_per_s),
        "trouble": measured.trouble or None,
    }


def _say_reports(reports: tuple[EndpointReport, ...]) -> None:
    if not reports:
        say("The configuration has no endpoint.")
    for report in reports:
        _say_report(report)


def _say_report(report: EndpointReport) -> None:
    table = Table(box=ROUNDED, show_header=False, title_justify="left", min_width=60)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    mark = Text("works", "green") if report.is_working else Text("does not work", "red")
    table.add_row(Text(report.provider_id, "bold"), Text(f"{report.url}  ").append_text(mark))
    for name, value in _facts(report):
        table.add_row(name, Text(value))
    for one in report.answers:
        table.add_row(one.feature, Text(f"{one.model_ref}\n{_sentence(one)}"))
    if report.trouble:
        table.add_row("trouble", Text(report.trouble, "red"))
    for line in report.advice:
        table.add_row("change", Text(line, "yellow"))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    say(capture.get(), end="")


def _facts(report: EndpointReport) -> list[tuple[str, str]]:
    if report.trouble:
        return [("proxy", report.proxy)] if report.proxy else []
    more = len(report.models) - _SHOWN_MODELS
    models = ", ".join(report.models[:_SHOWN_MODELS]) + (f" and {more} more" if more > 0 else "")
    return [
        ("server", report.server),
        ("models", models or "it does not tell"),
        ("connection", _connection(report)),
    ]


def _connection(report: EndpointReport) -> str:
    secured = "TLS" if report.is_tls else "unencrypted"
    return f"{secured}, through the proxy {report.proxy}" if report.proxy else f"{secured}, direct"


def _sentence(one: ModelReport) -> str:
    measured = one.measured
    parts = ["NOT in the server's list"] if one.is_listed is False else []
    if measured.trouble:
        return "\n".join([*parts, measured.trouble])
    if one.fim_route:
        parts.append(f"gaps: {_FIM[one.fim_route]}")
    if measured.is_streaming is not None:
        parts.append("streams" if measured.is_streaming else "does NOT stream")
    if measured.first_token_ms is not None:
        parts.append(f"first token after {measured.first_token_ms:.0f} ms")
    if measured.tokens_per_s is not None:
        parts.append(f"{measured.tokens_per_s:.0f} tokens/s")
    return ", ".join(parts) or "it answered with nothing"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
