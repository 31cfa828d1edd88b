"""Extraction over an archive: one pure function from record batches to record batches, on several engines."""
