"""One source, two files with one stem: facts in .yml, the parsing in .py."""
