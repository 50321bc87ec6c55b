"""Recognizes text that looks as if it held a secret."""

import re

_LOOKS = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*(?:PRIVATE\ KEY|CERTIFICATE)
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                           # AWS
    | \bAIza[0-9A-Za-z_-]{35}                                 # Google
    | \b(?:gh[pousr]|glpat|github_pat|sgp|hf|npm|pypi|xox[abeprs]|nvapi|dop_v1)
      [-_][0-9A-Za-z_-]{16,}
    | \bsk-[0-9A-Za-z_-]{16,}                                 # OpenAI and others
    | \b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}                  # Stripe
    | \bBearer\s+[0-9A-Za-z._~+/-]{16,}
    | \beyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}             # a JSON Web Token
    | \b[a-z][a-z0-9+.-]*://[^\s/:@'"]+:[^\s/:@'"{}$<>]{3,}@  # a password in a URL
    | (?i:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|credentials?)
      \w*["']?\s*(?::=|[:=]|=>)\s*["'][^"'\s{}$<>]{8,}["']
    """,
    re.VERBOSE,
)


# The lines of a key or certificate between its first and its last, in a string or not.
_BEGIN, _END = re.compile(r"-----BEGIN [A-Z ]+-----"), "-----END "
_KEY_LINE = re.compile(r"\W*(?:[0-9A-Za-z+/=]{16,}|[A-Z][\w-]+: .*|[0-9A-Za-z+/=]*)(?:\\[rn])*\W*")


def is_in_key(line: str, *, was_in_key: bool) -> bool:
    """Tell whether a key or certificate goes on after a line, in which it may have begun."""
    if begin := _BEGIN.search(line):
        return _END not in line[begin.end() :]
    return was_in_key and bool(_KEY_LINE.fullmatch(line))


def looks_secret(text: str) -> bool:
    """Tell whether a text looks as if it held a key, a token or a password."""
    return _LOOKS.search(text) is not None
