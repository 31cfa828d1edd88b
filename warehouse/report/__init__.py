"""The report: one HTML file that needs nothing else, and what its pages share with the server."""
