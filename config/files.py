"""The only module of this package that reads the disk."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from config.credentials import ReadFile
from config.problems import Problem, error

_LARGEST_BYTES = 16 * 1024 * 1024
_LARGEST_SECRET_BYTES = 64 * 1024
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file, or the problem that there is none."""

    path: Path
    text: str | None
    problem: Problem | None = None


def user_config_file() -> Path:
    """Give the path of the user's own configuration file, whether or not it exists."""
    return user_config_path("foretype", appauthor=False) / "config.jsonc"


def working_folder() -> Path:
    """Give the working directory, or where it was if it has been deleted since."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.environ.get("PWD") or os.sep)


def absolute_path(path: str, folder: Path) -> Path:
    """Expand `~`, and resolve a relative path against `folder`, never the working directory."""
    try:
        expanded = Path(path.strip()).expanduser()
    except RuntimeError:  # no home folder is known
        expanded = Path(path.strip())
    return folder / expanded


def read_config_file(path: str, folder: Path) -> FileText:
    """Read a configuration file; never raises."""
    file = absolute_path(path, folder)
    try:
        return FileText(file, _read(file, _LARGEST_BYTES))
    except OSError as fault:
        code = "file-missing" if isinstance(fault, FileNotFoundError) else "file-unreadable"
        reason = fault.strerror or "unknown reason"
    except ValueError as fault:
        code, reason = "file-unreadable", str(fault)
    message = f"The configuration file {file} cannot be read: {reason}."
    return FileText(file, None, error(code, "", message))


def fingerprint(file: Path) -> tuple[int, ...] | None:
    """Give numbers that change when the file does; None while there is no such file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def secret_reader(folder: Path) -> ReadFile:
    """Give a function that reads secret files; relative paths start at `folder`."""

    def read_secret(path: str) -> str:
        return _read(absolute_path(path, folder), _LARGEST_SECRET_BYTES)

    return read_secret


def _read(file: Path, largest: int) -> str:
    if file.is_dir():
        raise ValueError("it is a folder")
    if file.exists() and not file.is_file():
        # Reading a pipe or a device could wait for ever.
        raise ValueError("it is not a regular file")
    with file.open("rb") as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it is larger than {largest // 1024} KiB")
    if content.startswith(_UTF16_MARKS):
        # What Windows PowerShell 5 writes by default.
        raise ValueError("it is in UTF-16; save it as UTF-8")
    if b"\0" in content:
        raise ValueError("it is a binary file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ValueError("it is not in UTF-8; save it as UTF-8") from fault
