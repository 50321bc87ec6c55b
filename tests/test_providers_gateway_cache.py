"""What is stored of a gateway's document, and how."""

import json
import logging
import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from providers.fetching import NO_MARKS, Marks
from providers.gateway import GatewayDocument
from providers.gateway_cache import GatewayCache

URL = "https://gw.test/models.json?key=pl4nted-query"
MARKS = Marks('"v1"', "yesterday")
DOCUMENT = GatewayDocument({"schemaVersion": "1.0", "models": [{"modelRef": "a::b::ü"}]}, MARKS)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_is_stored_is_read_again(tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path / "a" / "b")
    assert cache.load(URL) is None
    cache.store(URL, DOCUMENT)
    assert cache.load(f" {URL}\n") == DOCUMENT
    assert cache.load("https://other.test") is None
    assert GatewayCache(tmp_path / "a" / "b").load(URL) == DOCUMENT


def test_a_later_document_takes_the_place_of_the_last(tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path)
    cache.store(URL, DOCUMENT)
    cache.store(URL, GatewayDocument({"revision": "2"}))
    assert cache.load(URL) == GatewayDocument({"revision": "2"}, NO_MARKS)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    folder.mkdir(mode=0o755)
    GatewayCache(folder).store(URL, DOCUMENT)
    assert (mode_of(folder), mode_of(only_file(folder))) == (0o700, 0o600)


def test_no_part_of_the_url_is_in_the_name(tmp_path: Path) -> None:
    GatewayCache(tmp_path).store(URL, DOCUMENT)
    path = only_file(tmp_path)
    assert path.suffix == ".json"
    assert set(path.stem) <= set("0123456789abcdef")
    assert "pl4nted" not in path.read_text()


SERVER_SIDE = {
    "openAICompatible": {
        "endpoints": [
            {
                "url": "https://u:pl4nted@h.test/v1?key=pl4nted",
                "accessToken": "pl4nted",
                "headers": {"X-Key": "pl4nted"},
                "accessTokenQuery": {"url": "https://t.test", "formData": {"k": "pl4nted"}},
            },
            {"url": "http://plain.test/v1/"},
        ],
        "useLegacyCompletions": False,
    },
    "genericProvider": {"serviceName": "openai", "endpoint": "x", "accessToken": "pl4nted"},
    "googleWorkloadIdentity": {"credentialsJSON": "pl4nted"},
    "inventedTomorrow": "pl4nted",
}


def test_nothing_secret_is_stored(tmp_path: Path) -> None:
    value = {
        "providers": [{"id": "p", "serverSideConfig": SERVER_SIDE, "accessToken": "pl4nted"}],
        "models": [
            {
                "modelRef": "p::v1::m",
                "modelName": "echo gw-t0ken",
                "serverSideConfig": {"openAICompatible": {"apiModel": "pl4nted", "arn": "pl4nted"}},
            }
        ],
    }
    cache = GatewayCache(tmp_path)
    cache.store(URL, GatewayDocument(value, MARKS), (SecretStr("gw-t0ken"),))
    text = only_file(tmp_path).read_text()
    assert "pl4nted" not in text
    assert "gw-t0ken" not in text
    loaded = cache.load(URL)
    assert loaded is not None
    assert loaded.marks == NO_MARKS, "the gateway would confirm a document that has lost something"
    assert loaded.value == {
        "providers": [
            {
                "id": "p",
                "serverSideConfig": {
                    "openAICompatible": {
                        "endpoints": [
                            {"url": "https://h.test/v1"},
                            {"url": "http://plain.test/v1/"},
                        ],
                        "useLegacyCompletions": False,
                    },
                    "genericProvider": {"serviceName": "openai", "endpoint": "x"},
                },
            }
        ],
        "models": [
            {
                "modelRef": "p::v1::m",
                "modelName": "echo ***",
                "serverSideConfig": {"openAICompatible": {}},
            }
        ],
    }
    assert "pl4nted" in json.dumps(value), "what was given stays as it is"


def test_a_document_nested_beyond_reason_is_stored_without_its_depths(tmp_path: Path) -> None:
    value: dict[str, object] = {}
    for _ in range(900):
        value = {"a": value}
    cache = GatewayCache(tmp_path)
    cache.store(URL, GatewayDocument(value, MARKS))
    loaded = cache.load(URL)
    assert loaded is not None
    assert loaded.marks == NO_MARKS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"document": ',
        b'{"document": []}',
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"document": {}}' + b" " * (32 * 1024 * 1024),
    ],
    ids=["empty", "cut", "list", "other", "bytes", "deep", "long"],
)
def test_a_broken_file_is_not_used(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    cache = GatewayCache(tmp_path)
    cache.store(URL, DOCUMENT)
    only_file(tmp_path).write_bytes(data)
    with caplog.at_level(logging.WARNING):
        assert cache.load(URL) is None
    (record,) = caplog.records
    assert "is not used" in record.getMessage()
    cache.store(URL, DOCUMENT)
    assert cache.load(URL) == DOCUMENT


def test_marks_of_the_wrong_type_are_none(tmp_path: Path) -> None:
    cache = GatewayCache(tmp_path)
    cache.store(URL, DOCUMENT)
    only_file(tmp_path).write_text('{"etag": 5, "lastModified": [], "document": {}}')
    assert cache.load(URL) == GatewayDocument({}, NO_MARKS)


def test_a_disk_that_cannot_be_written_is_only_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    cache = GatewayCache(tmp_path / "file" / "folder")
    with caplog.at_level(logging.WARNING):
        cache.store(URL, DOCUMENT)
        assert cache.load(URL) is None
    assert "cannot be stored" in caplog.text


def test_a_file_in_the_way_is_left_and_nothing_half_written_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = GatewayCache(tmp_path)
    cache.store(URL, DOCUMENT)
    path = only_file(tmp_path)
    path.unlink()
    path.mkdir()
    with caplog.at_level(logging.WARNING):
        cache.store(URL, DOCUMENT)
    assert list(tmp_path.iterdir()) == [path]
    assert "cannot be stored" in caplog.text
