"""Reading files: what is accepted, and the sentence when it is not."""

import os
from pathlib import Path

import pytest

from config.files import absolute_path, read_config_file, secret_reader, user_config_file


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_text_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "c.jsonc").write_bytes(start + '{"ä": 1}\r\n'.encode())

    read = read_config_file("c.jsonc", tmp_path)

    assert read.text == '{"ä": 1}\r\n'
    assert read.problem is None
    assert read.path == tmp_path / "c.jsonc"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe{\0", "UTF-16"),
        (b"{\0}", "binary"),
        (b'{"a": "\xe9"}', "not in UTF-8; save it as UTF-8"),
        (b" " * (16 * 1024 * 1024 + 1), "larger than"),
    ],
)
def test_file_that_is_no_text_is_a_problem(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "c").write_bytes(content)

    read = read_config_file("c", tmp_path)

    assert read.text is None
    assert read.problem is not None
    assert read.problem.code == "file-unreadable"
    assert words in read.problem.message


def test_missing_file_is_a_problem_that_names_it(tmp_path: Path) -> None:
    read = read_config_file("gone.jsonc", tmp_path)

    assert read.problem is not None
    assert read.problem.code == "file-missing"
    assert str(tmp_path / "gone.jsonc") in read.problem.message


def test_folder_is_a_problem(tmp_path: Path) -> None:
    read = read_config_file(".", tmp_path)

    assert read.problem is not None
    assert "folder" in read.problem.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_a_problem_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    read = read_config_file("pipe", tmp_path)

    assert read.problem is not None
    assert "regular file" in read.problem.message


def test_name_that_no_file_can_have_is_a_problem(tmp_path: Path) -> None:
    assert read_config_file("a\0b", tmp_path).problem is not None
    assert read_config_file("a" * 5000, tmp_path).problem is not None


def test_relative_path_starts_at_the_given_folder_and_tilde_at_home(tmp_path: Path) -> None:
    assert absolute_path("a/b", tmp_path) == tmp_path / "a" / "b"
    assert absolute_path("~/b", tmp_path) == Path.home() / "b"
    assert absolute_path(str(tmp_path / "c"), Path("elsewhere")) == tmp_path / "c"


def test_secret_file_is_read_from_the_given_folder(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n", encoding="utf-8")

    assert secret_reader(tmp_path)("token") == "secret\n"
    with pytest.raises(OSError, match="No such file"):
        secret_reader(tmp_path)("gone")


def test_users_file_has_its_name_and_an_absolute_path() -> None:
    assert user_config_file().name == "config.jsonc"
    assert user_config_file().parent.name == "foretype"
    assert user_config_file().is_absolute()
