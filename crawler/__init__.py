"""What was published, exactly as published: sources, spiders, the ledger and the archive."""
