"""The server: the report's pages live, and what a file can't do: search, SQL, feeds, an API."""
