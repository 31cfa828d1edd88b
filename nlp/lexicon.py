"""The packaged data of nlp/lexicon/: vocabulary, pairs, registries; each file says where it is from."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from crawler.errors import LexiconError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(name: str) -> bytes:
    try:
        return (files("nlp") / "lexicon" / name).read_bytes()
    except FileNotFoundError:
        raise LexiconError(f"nlp/lexicon/{name} is missing: reinstall paomo") from None


@cache
def words(name: str) -> Mapping[str, Any]:
    """`nlp/lexicon/<name>.yml` as it stands: a mapping of lists. Read once; treat it as frozen.

    LexiconError where the file is missing, is not YAML, or is not a mapping.
    """
    try:
        data = yaml.load(_read(f"{name}.yml"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise LexiconError(f"nlp/lexicon/{name}.yml is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise LexiconError(f"nlp/lexicon/{name}.yml must be a mapping of lists")
    return data


@cache
def rows(name: str, *columns: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `nlp/lexicon/<name>.tsv`; # begins a comment, empty cells are ''.

    LexiconError for a line with more cells than `columns`, or with an empty first one.
    """
    out = []
    for number, line in enumerate(_read(f"{name}.tsv").decode().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) > len(columns) or not cells[0]:
            raise LexiconError(f"nlp/lexicon/{name}.tsv line {number}: the columns are {', '.join(columns)}")
        out.append(tuple(cells + [""] * (len(columns) - len(cells))))
    return tuple(out)


def records(name: str) -> list[dict[str, str]]:
    """The records of `nlp/lexicon/<name>.csv.gz`, named by its first line. Not cached: it is big."""
    text = gzip.decompress(_read(f"{name}.csv.gz")).decode()
    return list(csv.DictReader(io.StringIO(text)))
