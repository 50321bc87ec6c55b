"""The certificate that a server shows, over real TLS: trusted, refused, behind a proxy."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from providers.advice import certificate_advice
from providers.certificates import Certificate, certificate_at
from tests.fake_model_server import FakeModelServer, completes
from tests.test_providers_world import proxy_before


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Our own authority")


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def served_by(authority: trustme.CA, *names: str, days: float = 100) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(UTC) + timedelta(days=days)
    mine = authority.issue_cert(
        *(names or ("127.0.0.1",)), not_before=ends - timedelta(days=365), not_after=ends
    )
    mine.configure_cert(context)
    return context


async def seen(tls: ssl.SSLContext) -> Certificate:
    async with FakeModelServer(completes("a"), tls=tls) as server:
        found = await certificate_at(server.url)
        assert server.requests == []
    assert found is not None
    return found


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "FORETYPE_CA_FILE"])
async def test_a_trusted_certificate_is_described_with_who_vouches_for_it(
    variable: str, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(ca_file))
    found = await seen(served_by(authority, "127.0.0.1", "models.example", days=99.5))
    assert "O=Our own authority" in found.issuer
    assert set(found.names) == {"127.0.0.1", "models.example"}
    assert found.days_left == 99
    assert found.valid_until - datetime.now(UTC) < timedelta(days=100)
    assert found.trusted_by == f"{ca_file} ({variable})"
    assert not found.refused
    assert certificate_advice(found) == ()


async def test_a_file_that_does_not_vouch_for_it_is_not_named(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    found = await seen(served_by(authority))
    assert found.trusted_by == f"{ca_file} (FORETYPE_CA_FILE)"


async def test_a_certificate_of_an_unknown_authority_is_described_all_the_same(
    authority: trustme.CA,
) -> None:
    found = await seen(served_by(authority))
    assert "issuer certificate" in found.refused
    assert "O=Our own authority" in found.issuer
    assert found.names == ("127.0.0.1",)
    assert not found.trusted_by
    (line,) = certificate_advice(found)
    assert "FORETYPE_CA_FILE" in line
    assert "Our own authority" in line


async def test_an_expired_certificate_is_refused_with_its_last_day(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    found = await seen(served_by(authority, days=-2.5))
    assert "expired" in found.refused
    assert found.days_left == -3
    (line,) = certificate_advice(found)
    assert found.valid_until.date().isoformat() in line


async def test_a_certificate_for_another_host_is_refused_with_the_host_it_is_for(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    found = await seen(served_by(authority, "other.example"))
    assert "mismatch" in found.refused
    assert found.names == ("other.example",)
    (line,) = certificate_advice(found)
    assert "other.example" in line


async def test_a_certificate_that_ends_soon_is_to_be_renewed(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    found = await seen(served_by(authority, days=5.5))
    (line,) = certificate_advice(found)
    assert "renew" in line


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_a_certificate_is_seen_through_a_proxy(
    is_trusted: bool, authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_trusted:
        monkeypatch.setenv("FORETYPE_CA_FILE", str(ca_file))
    tls = served_by(authority, "models.example")
    async with (
        FakeModelServer(completes("a"), tls=tls) as server,
        proxy_before(server.port) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        found = await certificate_at("https://models.example/v1")
    assert found is not None
    assert found.names == ("models.example",)
    assert bool(found.refused) is not is_trusted
    assert set(proxy.first_lines) == {"CONNECT models.example:443 HTTP/1.1"}


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/v1", "https://127.0.0.1:9/v1", "https://nowhere.invalid/v1"],
    ids=["no-tls", "nobody-there", "no-such-host"],
)
async def test_where_no_certificate_can_be_seen_there_is_none(url: str) -> None:
    assert await certificate_at(url) is None
