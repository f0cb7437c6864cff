"""Genesys Cloud regions and their hosts. No other module names a host."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

#: AWS region id → Genesys Cloud domain. Source: the official SDK's
#: ``PureCloudRegionHosts``.
DOMAINS = {
    "us-east-1": "mypurecloud.com",
    "us-east-2": "use2.us-gov-pure.cloud",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "eu-west-1": "mypurecloud.ie",
    "eu-west-2": "euw2.pure.cloud",
    "eu-central-1": "mypurecloud.de",
    "eu-central-2": "euc2.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
    "me-central-1": "mec1.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "ap-southeast-2": "mypurecloud.com.au",
    "ap-northeast-1": "mypurecloud.jp",
    "ap-northeast-2": "apne2.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
}

#: A domain, or the address of one of its hosts, as a browser or a document shows it.
_ADDRESS = re.compile(
    r"(?:https?://)?(?:(?:api|apps|login)\.)?"
    r"((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})"
    r"(?:/.*)?"
)


def domain_of(region: str) -> str:
    """Return the Genesys Cloud domain of a region, given as its id or its domain.

    The address of the region's API, login or web client is understood as well. Unknown
    domains are accepted, because Genesys opens new regions.

    Raises:
        ValueError: The text is neither a known region id nor a domain.
    """
    region = region.strip().lower()
    if region in DOMAINS:
        return DOMAINS[region]
    if address := _ADDRESS.fullmatch(region):
        return address[1]
    message = (
        f"{region!r} is neither a region ({', '.join(DOMAINS)}) "
        "nor a Genesys Cloud domain such as mypurecloud.ie"
    )
    raise ValueError(message)


def api_url(region: str) -> str:
    """Return the base URL of a region's API."""
    return f"https://api.{domain_of(region)}"


def login_url(region: str) -> str:
    """Return the base URL of a region's login service, which issues tokens."""
    return f"https://login.{domain_of(region)}"


def checked_url(url: str) -> str:
    """Return a base URL without its last slash, if credentials may be sent to it.

    Raises:
        ValueError: The URL has no host, has a user, password, query or fragment, or is
            not https (http is accepted to this machine only).
    """
    parts = urlsplit(url)
    if not parts.hostname:
        message = "not a URL with a host, such as https://gateway.example.com"
        raise ValueError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "a base URL has no user, password, query or fragment"
        raise ValueError(message)
    if not is_safe(url):
        message = "must be https: credentials would travel in clear text"
        raise ValueError(message)
    return url.rstrip("/")


def is_safe(url: str) -> bool:
    """Tell whether a URL is https, or http to this machine."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    return parts.scheme == "https" or is_local


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
