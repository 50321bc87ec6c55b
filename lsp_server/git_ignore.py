"""Whether git ignores a file: not for the way of a request, since it runs a process."""

import os
import shutil
import subprocess
from pathlib import Path

from config.files import working_folder

_TIMEOUT_S = 3.0
_IGNORED, _NOT_IGNORED = 0, 1


def is_git_ignored(path: Path) -> bool | None:
    """Tell whether git ignores a file, or the one that a link leads to.

    None when that cannot be found out.
    """
    found = [_is_ignored(each) for each in dict.fromkeys((path, path.resolve()))]
    return None if None in found else any(found)


def _is_ignored(path: Path) -> bool | None:
    folder = path.parent
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return False
    git = _git()
    if git is None:
        return None
    # Nothing that the folder configures is to be run.
    command = [git, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "check-ignore", "-q"]
    try:
        ended = subprocess.run(  # noqa: S603 - a fixed program; the path follows "--"
            [*command, "--", str(path)],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {_IGNORED: True, _NOT_IGNORED: False}.get(ended.returncode)


def _git() -> str | None:
    """Find git, but not in the working directory, where Windows looks first."""
    found = shutil.which("git")
    if found is None or Path(found).resolve().parent == working_folder():
        return None
    return str(Path(found).absolute())
