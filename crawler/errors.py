"""The one tree of errors. It imports nothing, so every room can raise from it.

PaomoError                 anything paomo raises on purpose; its message says what, where, and what to do
├── SourceError            a source's .yml is wrong
├── FetchRefused           an address, size or redirect that the crawler will not follow
├── LedgerError            the crawl ledger is newer than this program, locked or broken
├── QueueError             the queue of a shared crawl is missing, unreachable or was lost
├── ArchiveError           a WARC record is torn or does not have the digest the ledger holds
├── UnreadableError        captured bytes or a file that can't become a Document
├── EngineError            an engine (Spark) is missing, or a job of it failed
├── LexiconError           a packaged data file is malformed
└── WarehouseError         the database is newer than this program, locked, missing or broken
    └── QueryError         the user's SQL, view or event id is wrong
"""


class PaomoError(Exception):
    """Anything paomo raises on purpose."""


class SourceError(PaomoError):
    """A source's .yml is wrong."""


class FetchRefused(PaomoError):
    """An address, size or redirect that the crawler will not follow."""


class LedgerError(PaomoError):
    """The crawl ledger is newer than this program, locked or broken."""


class QueueError(PaomoError):
    """The queue of a shared crawl is missing, unreachable or was lost."""


class ArchiveError(PaomoError):
    """A WARC record is torn or does not have the digest the ledger holds."""


class UnreadableError(PaomoError):
    """Captured bytes or a file that can't become a Document."""


class EngineError(PaomoError):
    """An engine (Spark) is missing, or a job of it failed."""


class LexiconError(PaomoError):
    """A packaged data file is malformed."""


class WarehouseError(PaomoError):
    """The database is newer than this program, locked, missing or broken."""


class QueryError(WarehouseError):
    """The user's SQL, view or event id is wrong."""
