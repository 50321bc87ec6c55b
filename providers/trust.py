"""Whom we trust over TLS, and as whom we present ourselves: the system's store and files."""

import os
import ssl
import sys
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import NoReturn

import certifi
import truststore

# Authorities beside the system's: OpenSSL's own names, which other tools obey too, and one of ours
# for a setup that must not touch those tools, as NODE_EXTRA_CA_CERTS is elsewhere.
_CA_FILES = ("SSL_CERT_FILE", "FORETYPE_CA_FILE")
_CA_FOLDER = "SSL_CERT_DIR"
_CLIENT_CERT = "FORETYPE_CLIENT_CERT"
_CLIENT_KEY = "FORETYPE_CLIENT_KEY"
_VARIABLES = (*_CA_FILES, _CA_FOLDER, _CLIENT_CERT, _CLIENT_KEY)

# Where distributions keep their store, for a Python that was built elsewhere.
_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, Arch, BSD
)


class BadEnvironmentError(Exception):
    """A variable of the environment cannot be obeyed; the text says which, and why."""


class _PasswordWantedError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Authorities:
    """One place that authorities which we trust come from."""

    variable: str = ""
    """What names it; blank for the system's store."""
    path: str = ""
    """Blank where the system keeps its store to itself."""

    def __str__(self) -> str:
        if self.variable:
            return f"{self.path} ({self.variable})"
        return f"the system's store ({self.path})" if self.path else "the system's store"


def tls_context() -> ssl.SSLContext:
    """Return the terms for TLS as the environment sets them; `BadEnvironmentError` if it cannot."""
    given = {name: os.environ.get(name, "") for name in _VARIABLES}
    return _context(tuple((name, path, _changed(path)) for name, path in given.items() if path))


def authorities_in_use() -> tuple[Authorities, ...]:
    """Return where the authorities that we trust come from, the system's store last."""
    given = {name: os.environ.get(name, "") for name in (*_CA_FILES, _CA_FOLDER)}
    own = [Authorities(name, path) for name, path in given.items() if path]
    return (*own, Authorities(path=_system_store()))


def context_trusting(authorities: Authorities) -> ssl.SSLContext:
    """Return the terms for TLS with these authorities alone; `BadEnvironmentError` if it cannot."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not authorities.variable:
        context = _with_system_store()
    elif authorities.variable == _CA_FOLDER:
        _load_folders(context, authorities.path)
    else:
        _load_file(context, authorities.variable, authorities.path)
    _load_own(context, os.environ.get(_CLIENT_CERT), os.environ.get(_CLIENT_KEY))
    return context


# Reading the authorities takes 20 ms and more, so it is done once, until one of the files changes.
@lru_cache(maxsize=4)
def _context(variables: tuple[tuple[str, str, int], ...]) -> ssl.SSLContext:
    given = {name: path for name, path, _ in variables}
    context = _with_system_store()
    for name in _CA_FILES:
        if path := given.get(name):
            _load_file(context, name, path)
    _load_folders(context, given.get(_CA_FOLDER, ""))
    _load_own(context, given.get(_CLIENT_CERT), given.get(_CLIENT_KEY))
    return context


def _load_file(context: ssl.SSLContext, name: str, path: str) -> None:
    _load(name, partial(context.load_verify_locations, cafile=path))


def _load_folders(context: ssl.SSLContext, paths: str) -> None:
    # A list, as PATH is. OpenSSL reads a folder only when it looks for an authority.
    for path in paths.split(os.pathsep):
        if Path(path).is_dir() and path:
            _load(_CA_FOLDER, partial(context.load_verify_locations, capath=path))


def _load_own(context: ssl.SSLContext, path: str | None, key: str | None) -> None:
    if path:
        given_key = key or None
        _load(_CLIENT_CERT, partial(context.load_cert_chain, path, given_key, _refuse_password))


def _with_system_store() -> ssl.SSLContext:
    if not (path := _system_store()):
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Elsewhere truststore, too, takes OpenSSL's store, but reads it anew for each connection.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if path == _openssl_store():
        context.set_default_verify_paths()
    else:
        context.load_verify_locations(cafile=path)
    return context


def _system_store() -> str:
    if sys.platform in {"darwin", "win32"}:
        return ""
    found = next((path for path in _STORES if Path(path).is_file()), "")
    return _openssl_store() or found or certifi.where()


def _openssl_store() -> str:
    paths = ssl.get_default_verify_paths()
    has_folder = paths.capath and any(Path(paths.capath).iterdir())
    return paths.cafile or (paths.capath or "" if has_folder else "")


def _load(name: str, load: "partial[None]") -> None:
    try:
        load()
    except _PasswordWantedError as error:
        cause = "a key with a password, which cannot be asked for; take the password off"
        raise BadEnvironmentError(f"{name} needs {cause}") from error
    except FileNotFoundError as error:
        raise BadEnvironmentError(f"{_name_of(name)} names a file that does not exist") from error
    except ssl.SSLError as error:
        cause = "holds no PEM certificate"
        if name == _CLIENT_CERT:
            cause += f" with its key; the key may stand in that file or in {_CLIENT_KEY}"
        raise BadEnvironmentError(f"the file that {name} names {cause}") from error
    except OSError as error:
        raise BadEnvironmentError(f"{_name_of(name)} cannot be read: {error.strerror}") from error


def _name_of(name: str) -> str:
    # OpenSSL does not say which of the two files it misses.
    return f"{name} or {_CLIENT_KEY}" if name == _CLIENT_CERT else name


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _refuse_password() -> NoReturn:
    # Without this OpenSSL asks at the terminal, where nobody sits.
    raise _PasswordWantedError
