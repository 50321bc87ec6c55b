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
    | \beyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}             # a JSON Web Token
    | \b[a-z][a-z0-9+.-]*://[^\s/:@'"]+:[^\s/:@'"{}$<>]{3,}@  # a password in a URL
    | (?i:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|credentials?)
      \w*["']?\s*(?::=|[:=]|=>)\s*["'][^"'\s{}$<>]{8,}["']
    """,
    re.VERBOSE,
)


def looks_secret(text: str) -> bool:
    """Tell whether a text looks as if it held a key, a token or a password."""
    return _LOOKS.search(text) is not None
