"""Which proxy of the environment the requests to a URL go through."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from providers.endpoint_urls import shown_url


def proxy_for(url: str) -> str:
    """Return the address of the proxy, without its password; blank when there is none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host) or proxy_bypass(parts.netloc):
        return ""
    proxies = getproxies()
    return shown_url(proxies.get(parts.scheme) or proxies.get("all") or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
