"""What it adds up to: tables, views, the questions and the command line."""
