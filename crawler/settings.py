"""Scrapy's settings for one source; every number comes from its .yml."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from crawler.source import Source

CONTACT_VARIABLE = "PAOMO_CONTACT"
"""Environment variable with the address or web page a publisher can write to."""
# Scrapy imports every component it names by default, used or not: a web server and a table of all domains
# among them. These are the ones a crawl of ours has, at Scrapy's own places.
MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "crawler.polite.Patience": 545,
    "crawler.pipelines.Keeper": 560,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "crawler.guard.AddressGuard": 700,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
HANDLERS = {"http": "crawler.polite.PatientHandler", "https": "crawler.polite.PatientHandler"}
MEMORY = 300
"""MB a crawl is warned about."""


def agent() -> str:
    """How paomo names itself: with the contact its user has set, if any."""
    try:
        number = version("paomo")
    except PackageNotFoundError:
        number = "0"
    contact = os.environ.get(CONTACT_VARIABLE, "").strip()
    return f"paomo/{number} (+{contact})" if contact else f"paomo/{number}"


def settings_for(source: Source, *, shared: bool = False) -> dict[str, Any]:
    """Settings of the one crawl a process makes, alone or `shared` with other machines."""
    polite = source.polite
    return {
        "BOT_NAME": "paomo",
        "USER_AGENT": polite.user_agent.replace("{agent}", agent()),
        "ROBOTSTXT_USER_AGENT": "paomo",
        "ROBOTSTXT_OBEY": polite.robots,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
        },
        "PAOMO_PRIVATE": polite.private,
        "PAOMO_POLITENESS": polite,
        **_pace(source),
        **(_sharing(source) if shared else {}),
        **_bounds(source),
        "EXTENSIONS_BASE": EXTENSIONS,
        "DOWNLOADER_MIDDLEWARES_BASE": MIDDLEWARES,
        "DOWNLOAD_HANDLERS_BASE": HANDLERS,
        "TWISTED_DNS_RESOLVER": "crawler.guard.GuardedResolver",
        # a new crawl has its own book: Scrapy's would forget after a kill
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "HTTPERROR_ALLOW_ALL": True,
        # Scrapy starts so many tasks for each answer; no spider of ours gives more than one item
        "CONCURRENT_ITEMS": 1,
        "REFERRER_POLICY": "no-referrer",
        "LOG_LEVEL": "WARNING",
        "MEMUSAGE_WARNING_MB": MEMORY,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }


def _sharing(source: Source) -> dict[str, Any]:
    return {
        "SCHEDULER": "crawler.shared.scheduler.Scheduler",
        # what a worker takes beyond what it fetches is withheld from the others
        "CONCURRENT_REQUESTS": 2 * source.polite.concurrency,
    }


def _pace(source: Source) -> dict[str, Any]:
    polite = source.polite
    return {
        "DOWNLOAD_DELAY": polite.delay,
        "CONCURRENT_REQUESTS": max(16, polite.concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": polite.concurrency,
        "AUTOTHROTTLE_ENABLED": polite.delay > 0,
        "AUTOTHROTTLE_START_DELAY": polite.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(polite.max_delay, polite.delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(polite.concurrency),
    }


def _bounds(source: Source) -> dict[str, Any]:
    polite = source.polite
    return {
        "DOWNLOAD_TIMEOUT": polite.timeout,
        "DNS_TIMEOUT": min(polite.timeout, 30.0),
        "DOWNLOAD_MAXSIZE": polite.max_bytes,
        "DOWNLOAD_WARNSIZE": polite.max_bytes,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "REDIRECT_MAX_TIMES": polite.redirects,
        "URLLENGTH_LIMIT": 4000,
    }
