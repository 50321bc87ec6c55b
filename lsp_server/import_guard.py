"""Decides what `config` and `providers` mean before anything else is imported.

Editors start the server inside people's projects, and many of those have a `config/` of their own.
This module may import only `os` and `sys`: any other name could already be the project's.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_BUNDLED = os.path.join(_HERE, "_bundled")
_CHECKOUT = os.path.dirname(_HERE)


def guard_imports() -> None:
    """Forget the folder the editor chose, then look in our own home first."""
    if not getattr(sys.flags, "safe_path", False) and sys.path[0] in ("", _working_directory()):
        del sys.path[0]
    sys.path.insert(0, _BUNDLED if os.path.isdir(_BUNDLED) else _CHECKOUT)


def _working_directory() -> str:
    """The folder the editor chose; blank when it has been deleted since."""
    try:
        return os.getcwd()
    except OSError:
        return ""
