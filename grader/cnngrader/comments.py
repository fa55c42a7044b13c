"""A bank of comments: `#short` in the table of marks stands for a text that is written once.

The bank is a table, comments.csv, beside the marks, with the columns `short` and `comment`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from .tables import as_csv, read_table, write_file

COLUMNS = ("short", "comment")
USED = re.compile(r"#([A-Za-z][\w-]*)")
TEXTS = {"twice": "comments: got {short!r} twice, in line {line} of {path} with another text"}


def read_bank(path: Path) -> dict[str, str]:
    """Return the comments by their short names, {} where there is no table; raises ValueError for two of one name."""
    if not path.is_file():
        return {}
    bank: dict[str, str] = {}
    for line, cells in read_table(path, COLUMNS, COLUMNS, "comments"):
        short, comment = cells["short"].strip().lstrip("'#").casefold(), cells["comment"].strip().lstrip("'")
        if bank.get(short, comment) != comment:
            raise ValueError(TEXTS["twice"].format(short=short, line=line, path=path))
        if short:
            bank[short] = comment
    return bank


def begin(path: Path) -> None:
    """Write an empty bank where there is none."""
    if not path.is_file():
        write_file(path, as_csv([list(COLUMNS)]))


def expanded(comment: str, bank: Mapping[str, str]) -> str:
    """Return a comment with the texts of the bank in the place of their names; unknown ones stay as they are.

    >>> expanded("#loss Well drawn.", {"loss": "What is lost is not named."})
    'What is lost is not named. Well drawn.'
    """
    return USED.sub(lambda found: bank.get(found[1].casefold(), found[0]), comment)


def used(comments: Iterable[str], bank: Mapping[str, str]) -> tuple[Counter[str], list[str]]:
    """Return how often each text of the bank is used, and the names that are not in it."""
    names = [found.casefold() for comment in comments for found in USED.findall(comment)]
    counts = Counter(name for name in names if name in bank)
    return counts, sorted({name for name in names if name not in bank})
