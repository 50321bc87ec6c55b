"""What lies below an exception of httpx, in words for the user."""

import os
import re
import ssl

_NO_TLS = "it does not speak TLS, so its URL begins with http://"

# "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unknown authority (_ssl.c:1006)"
_PYTHONS_OWN = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


def root_cause(error: BaseException) -> str:
    """Return the text of the deepest exception below this one that says anything."""
    # "All connection attempts failed" hides "Connection refused" two causes down.
    text = str(error)
    seen = error
    while (below := seen.__cause__ or seen.__context__) is not None:
        seen = below
        if isinstance(seen, BaseExceptionGroup):
            seen = seen.exceptions[0]
        text = _said_by(seen) or text
    return text


def _said_by(error: BaseException) -> str:
    match error:
        case ssl.SSLWantReadError() | ssl.SSLWantWriteError():
            return ""  # how Python waits for more
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return _NO_TLS
        case ssl.SSLError():
            return _PYTHONS_OWN.sub("", error.strerror or "")
        case ConnectionError(errno=int(number)) if number:
            return os.strerror(number)  # asyncio words it as a failed call with an address
        case OSError(strerror=str(text)):
            return text
    return ""
