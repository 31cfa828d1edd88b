"""Captured bytes to a Document: one reader for each kind of file."""
