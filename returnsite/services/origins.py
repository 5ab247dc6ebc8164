"""Web origins as a shop types them: checked, and written the one way browsers compare them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import SplitResult, urlsplit

import idna

MOST = 30
"""They all stand in one header, which front servers cut off or refuse when it is too long."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_STANDARD_PORTS = {"https": 443, "http": 80}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class OriginProblem:
    """Why a line is no origin, as a code; `suggestion` is what was probably meant, or empty."""

    code: str
    given: str
    suggestion: str = ""


def read_origins(lines: Iterable[str]) -> tuple[list[str], list[OriginProblem]]:
    """The origins of these lines, each once and in their order, and what is wrong with others."""
    origins: list[str] = []
    problems: list[OriginProblem] = []
    for line in lines:
        given = _INVISIBLE.sub("", line).strip()
        if not given:
            continue
        found = read_origin(given)
        if isinstance(found, OriginProblem):
            problems.append(found)
        elif found not in origins:
            origins.append(found)
    if len(origins) > MOST:
        problems.append(OriginProblem("too_many", str(len(origins))))
    return origins, problems


def read_origin(given: str) -> str | OriginProblem:
    """`https://shop.example` or `https://shop.example:8443`, in the form browsers send it.

    Only https, but for names of this machine itself; names in other scripts become punycode.
    """
    has_scheme = re.match(r"[a-z][a-z0-9+.-]*://", given, re.IGNORECASE) is not None
    parts = _split(given if has_scheme else f"https://{given}")
    if parts is None or "*" in given or re.search(r"[\s\x00-\x1f]", given):
        return OriginProblem("wildcard" if "*" in given else "no_origin", given)
    host, port = _host(parts.hostname or ""), _port(parts)
    if host is None or port is None or parts.scheme not in _STANDARD_PORTS:
        return OriginProblem("no_origin", given)
    plain_allowed = _is_loopback(host)
    scheme = parts.scheme if plain_allowed else "https"
    kept = port if port not in {0, _STANDARD_PORTS[parts.scheme]} else 0
    origin = f"{scheme}://{host}{f':{kept}' if kept else ''}"
    if not has_scheme:
        return OriginProblem("no_scheme", given, origin)
    if parts.scheme != scheme:
        return OriginProblem("not_https", given, origin)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc:
        return OriginProblem("more_than_origin", given, origin)
    return origin


def readable(origin: str) -> str:
    """An origin as people write it: names in other scripts instead of punycode."""
    scheme, _, rest = origin.partition("://")
    host, colon, port = rest.partition(":")
    try:
        return f"{scheme}://{idna.decode(host)}{colon}{port}" if "xn--" in host else origin
    except idna.IDNAError:
        return origin


def missing_twins(origins: Iterable[str]) -> list[str]:
    """With and without `www.` a shop is two sites: those of which only the other one is listed."""
    listed = list(origins)
    twins = []
    for origin in listed:
        scheme, _, rest = origin.partition("://")
        bare = rest.removeprefix("www.")
        if not _is_loopback(bare.partition(":")[0]) and bare.partition(":")[0].count(".") == 1:
            twins.append(f"{scheme}://{bare if rest != bare else f'www.{bare}'}")
    return [twin for twin in dict.fromkeys(twins) if twin not in listed]


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _port(parts: SplitResult) -> int | None:
    """The port, 0 for none; None when it can be none."""
    try:
        port = parts.port
    except ValueError:
        return None
    if port == 0:
        return None
    return port or 0


def _host(name: str) -> str | None:
    """The host in lower case and ASCII; None when no browser could ever be there.

    Addresses of IPv6 are left out: the header that lists origins has no way to write them.
    """
    try:
        host = idna.encode(name.rstrip("."), uts46=True).decode() if not name.isascii() else name
    except idna.IDNAError:
        return None
    host = host.lower().rstrip(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if labels[-1].isdigit():
        return host if _is_ipv4(host) else None
    return host if len(labels) > 1 or host == "localhost" else None


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if _is_ipv4(host):
        return IPv4Address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
