"""The findings of `foretype doctor` for scripts."""

from typing import Any

from providers.certificates import Certificate
from providers.reports import EndpointReport, ModelReport


def as_json(report: EndpointReport) -> dict[str, Any]:
    """Give what was found at one endpoint, or at the gateway."""
    return {
        "provider": report.provider_id,
        "url": report.url,
        "ok": report.is_working,
        "state": report.state,
        "complete": report.is_complete,
        "server": report.server,
        "models": list(report.models),
        "tls": report.is_tls,
        "certificate": _certificate(report.certificate) if report.certificate else None,
        "proxy": report.proxy or None,
        "trouble": report.trouble or None,
        "answers": [_answer(one) for one in report.answers],
        "advice": list(report.advice),
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": list(certificate.names),
        "validUntil": certificate.valid_until.isoformat(),
        "daysLeft": certificate.days_left,
        "trustedBy": certificate.trusted_by or None,
        "refused": certificate.refused or None,
    }


def _answer(one: ModelReport) -> dict[str, Any]:
    measured = one.measured
    return {
        "model": one.model_ref,
        "feature": one.feature,
        "listed": one.is_listed,
        "fimRoute": one.fim_route,
        "fimFamily": one.fim_family,
        "systemRole": one.has_system_role,
        "streaming": measured.is_streaming,
        "firstTokenMs": _rounded(measured.first_token_ms),
        "tokensPerSecond": _rounded(measured.tokens_per_s),
        "trouble": measured.trouble or None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
