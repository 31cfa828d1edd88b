"""Addresses the crawler may ask: public ones, unless a source says it is at home in a private network."""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred

from crawler.errors import FetchRefused


class Refused(FetchRefused, IgnoreRequest):
    """An address the crawler will not ask; Scrapy drops the request."""


def is_public(address: str) -> bool:
    """Whether anybody can reach an IP address: not private, loopback, link-local, reserved, multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


def literal(host: str) -> str | None:
    """The IP address a host spells, however it does (127.1, 0x7f000001, [::1]); None: it is a name."""
    try:
        return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    parts = host.rstrip(".").split(".")
    try:
        numbers = [int(part, 0) if not part.isdecimal() or part == "0" else _octal(part) for part in parts]
    except ValueError:
        return None
    if not 0 < len(numbers) <= 4 or any(not 0 <= n <= 255 for n in numbers[:-1]):
        return None
    value = sum(n << (8 * (3 - i)) for i, n in enumerate(numbers[:-1])) + numbers[-1]
    return str(ipaddress.IPv4Address(value)) if 0 <= value < 2**32 else None


def _octal(part: str) -> int:
    return int(part, 8) if part.startswith("0") else int(part)


def check_url(url: str, *, private: bool) -> None:
    """Raise Refused for a scheme other than http(s), and unless `private` for a private address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise Refused(f"{url}: the scheme {parts.scheme!r} is not followed")
    if private:
        return
    host = parts.hostname or ""
    address = literal(host)
    if (address and not is_public(address)) or host == "localhost" or host.endswith(".localhost"):
        raise Refused(f"{url}: not a public address; set `polite: private: true` if the source is your own")


class AddressGuard:
    """Downloader middleware: looks at every request, redirected ones too."""

    def __init__(self, crawler: Crawler) -> None:
        self._private = crawler.settings.getbool("PAOMO_PRIVATE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressGuard:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what may not be asked."""
        check_url(request.url, private=self._private)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say why a name had no address: the connection only tells that there was none."""
        if reason := GuardedResolver.refused.get(urlsplit(request.url).hostname or ""):
            raise Refused(reason) from exception


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing names that lead to private addresses.

    The connection goes to the very address that was checked, so a name can't change between look and leap.
    """

    private = False
    refused: ClassVar[dict[str, str]] = {}
    """Why, by name."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardedResolver:
        """Called by Scrapy."""
        made = super().from_crawler(crawler, reactor)
        made.private = crawler.settings.getbool("PAOMO_PRIVATE")
        return made

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 (Twisted's)
        """The address of a name, if it may be asked."""
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if not self.private and not is_public(address):
            self.refused[name] = f"{name}: leads to {address}, which is not a public address"
            raise Refused(self.refused[name])
        return address
