"""Parse the addresses in settings: the public URL, origins, hosts and proxies."""

import re
from ipaddress import ip_address, ip_network

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")

# Browsers omit the default port in Origin.
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

# The path has no segment "." or "..", and needs no escape in a URL, a header or a cookie.
_PUBLIC_URL = re.compile(
    r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?"
    r"((?:/(?!\.{1,2}(?:/|$))[a-z0-9._~-]+)*)/?",
    re.IGNORECASE,
)


def public_url(text: str) -> str:
    """Return the URL of the site, normalised: lower case, no default port, no trailing slash."""
    match = _PUBLIC_URL.fullmatch(text)
    try:
        if match is None or int((match[3] or ":0")[1:]) > 65535:
            raise ValueError
        scheme, name = match[1].lower(), host(match[2])
    except ValueError:
        raise ValueError(
            "must be a URL such as https://recipes.example.com or https://example.com/recipes-app,"
            " with nothing but letters, digits and . _ ~ - in its path"
        ) from None
    port = "" if match[3] == _DEFAULT_PORTS[scheme] else match[3] or ""
    return f"{scheme}://{name}{port}{match[4]}"


def origin(text: str) -> str:
    """Return an origin as browsers send it, without a default port."""
    text = text.lower()
    match = _ORIGIN.fullmatch(text)
    if match is None or match[3] == _DEFAULT_PORTS.get(match[1], ""):
        raise ValueError(
            "must be origins such as https://app.example.com, comma separated: scheme and host,"
            " a port if it is not the default, and no path"
        )
    return text


def host(text: str) -> str:
    """Return a host as compared with the header Host: lower case, IPv6 in brackets."""
    name = text.lower().removesuffix(".")
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        if _NAME.fullmatch(name):
            return name
    else:
        return f"[{address}]" if address.version == 6 else str(address)
    raise ValueError(
        "must be host names, IP addresses or *.example.com for all names below, comma separated,"
        " without scheme, port and path"
    )


def proxy(text: str) -> str:
    """Return an IP address or a network. Refuse the network of all addresses."""
    try:
        everywhere = ip_network(text).prefixlen == 0
    except ValueError:
        everywhere = True
    if everywhere:
        raise ValueError(
            "must be IP addresses or networks such as 10.0.0.0/8, comma separated, with no bit set"
            " after the prefix"
        )
    return text
