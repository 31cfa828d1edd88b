"""One crawl on several machines: a queue in Redis that a killed worker can't take anything with it from."""
