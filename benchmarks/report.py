"""The table as plain text, as Markdown, as JSON."""

from __future__ import annotations

import itertools
import json
import math
import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .goals import MISSED, REACHED_AIM, REACHED_MUST, Figure, Row, verdict, written
from .timing import UNSTEADY

WIDTH = 120
PUBLISHED = Path(__file__).with_name("published.toml")
BESIDE = ("mnist-99", "mnist-error", "weights-lenet5_mnist", "weights-lenet5_1998_mnist")  # rows that say as much
HEADINGS = ("what", "measured", "must", "aim", "verdict")
LEAD = (
    "Beside PyTorch and SciPy a figure is a ratio: both ran in turn in one process, and ± is half of a 95 % interval. "
    "*Must* and *aim* are goals that this project has set itself; a row that misses them says so."
)
NOT_MEASURED = "not measured"


@dataclass
class Line:
    """A row as measured once: in the environment as it is, or without the variables in `without`."""

    row: Row
    kernels: str = ""
    without: list[str] = field(default_factory=list)
    figures: tuple[Figure, ...] = ()
    detail: str = ""
    steady: bool = True
    reason: str = ""  # why there are no figures

    @property
    def what(self) -> str:
        """The first column: a second line of a row says only what is different."""
        return f"  ... BLAS's own choice, {self.kernels}" if self.without else self.row.what

    @property
    def must(self) -> str:
        """The goal that applies with these kernels."""
        return self.row.must_with(self.kernels)

    @property
    def verdict(self) -> str:
        """The verdict."""
        return verdict(self.figures, self.must, self.row.aim) if self.figures else NOT_MEASURED

    @property
    def cells(self) -> tuple[str, ...]:
        """All columns; without figures the second holds the reason."""
        doubt = "" if self.steady else " ?"
        result = written(self.figures, self.must) + doubt if self.figures else f"{NOT_MEASURED}: {self.reason}"
        return self.what, result, self.must, self.row.aim, self.verdict


# ---- text -----------------------------------------------------------------------------------------------------------


def as_text(machine: dict[str, Any], lines: list[Line], changes: Sequence[str] = ()) -> str:
    """Return the whole report for a terminal, at most 120 columns wide; `changes` are sentences for its end."""
    facts = about(machine)
    indent = 2 + max(map(len, facts))
    head = [
        textwrap.fill(f"{name:{indent}}{fact}", WIDTH, subsequent_indent=" " * indent) for name, fact in facts.items()
    ]
    details = [
        textwrap.fill(f"{_label(line)}: {line.detail}", WIDTH, subsequent_indent="    ")
        for line in lines
        if line.detail
    ]
    ends = [textwrap.fill(text, WIDTH, subsequent_indent="    ") for text in changes]
    return "\n".join([*head, *_table(lines), "", summary(lines), *ends, "", "In detail", *details])


def _table(lines: list[Line]) -> Iterator[str]:
    full = [HEADINGS, *(line.cells for line in lines if line.figures)]
    widths = [max(len(cells[column]) for cells in full) for column in range(len(HEADINGS))]
    widths[0] = max([widths[0], *(len(line.what) for line in lines)])

    def in_columns(cells: tuple[str, ...]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    yield from ("", in_columns(HEADINGS), "-" * (sum(widths) + 2 * len(widths) - 2))
    for number, (section, group) in enumerate(itertools.groupby(lines, lambda line: line.row.section)):
        yield from ([""] if number else []) + [section]
        for line in group:
            if line.figures:
                yield in_columns(line.cells)
            else:
                what, reason, *_ = line.cells
                text = f"{what:{widths[0]}}  {reason}"
                yield text if len(text) <= WIDTH else f"{text[: WIDTH - 4]} ..."


def _label(line: Line) -> str:
    return f"{line.row.name}, {line.kernels}" if line.row.blas and line.kernels else line.row.name


def summary(lines: list[Line]) -> str:
    """Return a sentence that counts the verdicts and names the rows that miss their goal."""
    counts = Counter(line.verdict for line in lines)
    parts = [f"{counts[word]} {word}" for word in (REACHED_AIM, REACHED_MUST, MISSED, NOT_MEASURED) if counts[word]]
    missed = [_label(line) for line in lines if line.verdict == MISSED]
    text = "; ".join(parts) + "." + (f" Missed: {'; '.join(missed)}." if missed else "")
    if not all(line.steady for line in lines):
        text += f" A question mark: one side's median was over {UNSTEADY} times its best block, so measure again."
    return textwrap.fill(text, WIDTH)


# ---- the machine ----------------------------------------------------------------------------------------------------


def about(machine: dict[str, Any]) -> dict[str, str]:
    """Return in words what the figures depend on."""
    blas = machine["blas"]
    kernels = f", kernels {blas['kernels']}" if blas["kernels"] else ""
    threads = f", {_count(blas['threads'], 'thread')} unless a row says otherwise" if blas["threads"] else ""
    facts = {
        "Measured": machine["date"],
        "Processor": f"{machine['processor']}, {machine['system']}, {_count(machine['cores'], 'core')} to be used",
        "NumPy": f"{machine['numpy']} with {blas['name']} {blas['version']}{kernels}{threads}",
        "Beside": f"PyTorch {machine['torch'] or 'not installed'}, SciPy {machine['scipy'] or 'not installed'}, "
        f"Python {machine['python']}",
        "Environment": " ".join(f"{name}={value}" for name, value in machine["environment"].items())
        or "nothing is set that changes BLAS or threads",
    }
    if machine.get("steered"):
        facts["Note"] = (
            f"{', '.join(machine['steered'])}: set here, so OpenBLAS does not choose by the processor. Haswell on one "
            "with AVX-512 halves the speed of NumPy's matrix product and does not touch PyTorch. Rows that "
            "depend on it are measured twice, in this environment and without these variables."
        )
    facts["Load"] = _load(machine)
    if machine.get("quick"):
        facts["Quick"] = "few repetitions and seeds: the figures are rough"
    return facts


def _load(machine: dict[str, Any]) -> str:
    before, after = machine["load"], machine.get("load_after", [])
    if not before:
        return "not counted by this system"
    text = f"{before[0]} at the start" + (f", {after[0]} at the end (this program counts)" if after else "")
    busy = before[0] > 0.3 * machine["cores"]
    return text + ("; other programs run: do not trust figures near a goal, nor any for several cores" if busy else "")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


# ---- files ----------------------------------------------------------------------------------------------------------


def as_markdown(machine: dict[str, Any], lines: list[Line], changes: Sequence[str] = ()) -> str:
    """Return the report as a page."""
    parts = ["# Benchmarks", "", LEAD, ""]
    parts += [f"- {name}: {fact}" for name, fact in about(machine).items()]
    for section, group in itertools.groupby(lines, lambda line: line.row.section):
        parts += ["", f"## {section}", "", "| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
        parts += ["| " + " | ".join(cell.strip() for cell in line.cells) + " |" for line in group]
    parts += ["", summary(lines).replace("\n", " "), *(f"\n{text}" for text in changes), "", "## In detail", ""]
    parts += [f"- {_label(line)}: {line.detail}" for line in lines if line.detail]
    return "\n".join(parts) + "\n"


def published(lines: Sequence[Line]) -> str:
    """Return a table of what others say of their networks in NumPy, each with its source, below ours."""
    said = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    rows = [(line.what, line.cells[1], "measured here") for line in lines if line.row.name in BESIDE and line.figures]
    for one in said["network"]:
        figures = f"error {one['error'] or 'not said'}, {one['time']}"
        link = f"[{one['source']}](https://github.com/{one['source']}/blob/{one['commit']}/README.md)"
        rows.append((one["what"], figures, f"{link}: {one['remark']}"))
    head = [
        "## Beside networks that others wrote in NumPy",
        "",
        f"Theirs are as their authors give them, read on {said['read']:%d %B %Y}; nothing of them was measured again, "
        "and machines and years differ. Beside PyTorch, all was measured here, in turn: the tables above.",
    ]
    table = ["| network, on MNIST | found | where |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([*head, "", *table]) + "\n"


def as_json(machine: dict[str, Any], lines: list[Line]) -> str:
    """Return all that was found: figures as [value, half width of its interval], null for what is infinite."""
    rows = [
        {
            "name": line.row.name,
            "section": line.row.section,
            "what": line.row.what,
            "kernels": line.kernels,
            "without": line.without,
            "figures": [[number if math.isfinite(number) else None for number in figure] for figure in line.figures],
            "must": line.must,
            "aim": line.row.aim,
            "verdict": line.verdict,
            "steady": line.steady,
            "detail": line.detail,
            "reason": line.reason,
        }
        for line in lines
    ]
    return json.dumps({"machine": machine, "rows": rows}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
