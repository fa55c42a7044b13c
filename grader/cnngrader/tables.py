"""Tables as spreadsheets and learning platforms write and read them, and how a file is written."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

FORMULA = "=+-@|%＝＋－＠"  # what one begins with; the wide ones count in some languages
INNER = re.compile(rf'(;[\s"]*)(?=[{re.escape(FORMULA)}])')


# ---- reading --------------------------------------------------------------------------------------------------------


def read_table(path: Path, ours: Sequence[str], needed: Sequence[str], what: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file with their line numbers, each by the names of its columns.

    ours: columns that are known by these names, whatever capitals they are written in. needed: those that must be
    there. what: the table, for an error; raises ValueError for what is no table.
    """
    text = _decoded(path, what)
    head, _, rest = text.partition("\n")
    lines_before = 1
    if head.strip().strip('"').casefold().startswith("sep="):  # a line that Excel understands
        text, lines_before = rest, 2
        head = rest.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = _columns(next(reader, []), ours)
        if not {*needed} <= {*names}:
            raise ValueError(f"{what}: got the columns {names} in {path}, expected {', '.join(ours)}")
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(names) - len(cells))]
                beyond = {f"column {k + 1}": cells[k] for k in range(len(names), len(cells)) if cells[k]}
                rows.append((reader.line_num + lines_before - 1, dict(zip(names, padded)) | beyond))
    except csv.Error as error:
        raise ValueError(f"{what}: {path} is no table that can be read ({error})") from None
    return rows


def _decoded(path: Path, what: str) -> str:
    data = path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\0", "")
    except UnicodeDecodeError:
        raise ValueError(f"{what}: {path} is not in UTF-8, expected a table saved as CSV UTF-8") from None


def _columns(heads: list[str], ours: Sequence[str]) -> list[str]:
    """Return the names of columns: ours in small letters, others as they are, each once."""
    names: list[str] = []
    for place, head in enumerate(heads, start=1):
        bare = head.strip().casefold()
        name = bare if bare in ours else head.strip() or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


# ---- writing --------------------------------------------------------------------------------------------------------


def escape_csv_cell(text: str) -> str:
    """Return `text` for one cell of a table: on one line, and never taken for a formula by a spreadsheet.

    A spreadsheet that expects semicolons between cells begins another one after each.

    >>> escape_csv_cell("=1+1")
    "'=1+1"
    >>> escape_csv_cell("a;=1+1")
    "a;'=1+1"
    """
    text = "".join(c if c.isprintable() else " " for c in text)
    text = INNER.sub(r"\1'", text)
    return f"'{text}" if text.lstrip()[:1] in tuple(FORMULA) and text.strip() else text


def unescaped(text: str) -> str:
    """Return the text of a cell without the apostrophe that `escape_csv_cell` put in front of it.

    >>> unescaped(escape_csv_cell("+ a drawing")), unescaped("'a'")
    ('+ a drawing', "'a'")
    """
    bare = text.removeprefix("'")
    return bare if bare.lstrip()[:1] in tuple(FORMULA) and bare.strip() else text


def as_csv(rows: list[list[str]]) -> bytes:
    """Return a table as a file holds it. The mark in front tells Excel that it is UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def write_file(path: Path, data: bytes) -> None:
    """Write a file; it appears under its name when it is complete."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
