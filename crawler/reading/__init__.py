"""Captured bytes and files → Documents; `read_capture` and `read_path` are the doors."""

from crawler.reading.captured import read_capture, read_capture_all
from crawler.reading.files import SUFFIXES, read_path
from crawler.reading.rejected import ReadingError, Reason, Rejected

__all__ = ["SUFFIXES", "ReadingError", "Reason", "Rejected", "read_capture", "read_capture_all", "read_path"]
