"""The findings of `foretype doctor` for people."""

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lsp_server.cli.output import counted, say
from providers.certificates import Certificate
from providers.reports import EndpointReport, ModelReport, State

_SHOWN_MODELS = 5
_FIM = {
    "infill": "/infill",
    "suffix": "suffix",
    "tokens": "in the prompt",
    "chat": "by chat",
}
_MARKS: dict[State, tuple[str, str]] = {
    "ok": ("works", "green"),
    "failing": ("does not work", "red"),
    "unreachable": ("unreachable", "red"),
    "incomplete": ("incomplete: the time was over", "yellow"),
}


def say_report(report: EndpointReport) -> None:
    """Write what was found at one endpoint, or at the gateway, as a table."""
    table = Table(box=ROUNDED, show_header=False, title_justify="left", min_width=60)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    mark = Text(*_MARKS[report.state])
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
    # Who asks for nothing but the document of a gateway has no use for an unknown server.
    facts = [("server", report.server)] if report.answers else []
    if report.answers or report.models:
        facts.append(("models", _models(report.models)))
    facts.append(("connection", _connection(report)))
    if report.certificate is not None:
        facts.append(("certificate", _certificate(report.certificate)))
    return facts


def _models(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN_MODELS
    shown = ", ".join(names[:_SHOWN_MODELS]) + (f" and {more} more" if more > 0 else "")
    return shown or "it does not tell"


def _connection(report: EndpointReport) -> str:
    secured = "TLS" if report.is_tls else "unencrypted"
    return f"{secured}, through the proxy {report.proxy}" if report.proxy else f"{secured}, direct"


def _certificate(certificate: Certificate) -> str:
    day = certificate.valid_until.date().isoformat()
    days = certificate.days_left
    left = "expired" if days < 0 else f"{counted(days, 'day')} left"
    lines = [
        f"of {certificate.subject or 'nobody named'}, for {', '.join(certificate.names) or '-'}",
        f"issued by {certificate.issuer}",
        f"valid until {day}, {left}",
    ]
    if certificate.refused:
        lines.append(f"REFUSED: {certificate.refused}")
    else:
        lines.append(f"trusted through {certificate.trusted_by}")
    return "\n".join(lines)


def _sentence(one: ModelReport) -> str:
    measured = one.measured
    parts = ["NOT in the server's list"] if one.is_listed is False else []
    if measured.trouble:
        return "\n".join([*parts, measured.trouble])
    if one.fim_route:
        family = f" (family {one.fim_family})" if one.fim_family else ""
        parts.append(f"gaps: {_FIM[one.fim_route]}{family}")
    if not one.has_system_role:
        parts.append("no system role")
    if measured.is_streaming is not None:
        parts.append("streams" if measured.is_streaming else "does NOT stream")
    if measured.first_token_ms is not None:
        parts.append(f"first token after {measured.first_token_ms:.0f} ms")
    if measured.tokens_per_s is not None:
        parts.append(f"{measured.tokens_per_s:.0f} tokens/s")
    return ", ".join(parts) or "it answered with nothing"
