"""Which proxy the environment or the system names for a URL: HTTPS_PROXY, NO_PROXY and so on."""

import ipaddress
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(url: str) -> str | None:
    """Return the proxy on the way to a URL, or None; it may hold a user name and password.

    `NO_PROXY` holds host names, which stand for their subdomains too, addresses, networks such as
    `10.0.0.0/8`, and `*`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    # No proxy can reach our loopback.
    if not proxy or is_loopback(host) or _is_excepted(parts, host, proxies.get("no", "")):
        return None
    # Written without a scheme everywhere, as curl takes it.
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_excepted(parts: SplitResult, host: str, exceptions: str) -> bool:
    address = _address(host)
    if address is None:
        return bool(proxy_bypass(parts.netloc) or proxy_bypass(host))
    written = [one.strip().strip("[]") for one in exceptions.split(",")]
    networks = (_network(one) for one in written)
    return "*" in written or any(one is not None and address in one for one in networks)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
