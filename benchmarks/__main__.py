"""Measure how fast cnnlib is, beside PyTorch, SciPy and plain loops, and print a table of goals and figures.

    python -m benchmarks                        everything: about six minutes (make bench)
    python -m benchmarks --only lenet conv      rows by name, or by how their names begin
    python -m benchmarks --quick                few repetitions: rough figures
    python -m benchmarks --output bench.md      also to bench.md and bench.json
    python -m benchmarks --store                to docs/benchmarks.md, and as what later runs are compared with

Both sides run in turn in one process, in blocks. A figure is the mean ratio of neighbouring blocks (± half of its 95 %
interval). Every row has a process of its own. What is slower than the stored figures is named at the end.
Nothing else should run meanwhile: two programs that share two cores tell nothing about either.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import compare, machine, report
from .goals import Figure, Row
from .report import Line
from .rows import ROWS, selected

ROOT = Path(__file__).resolve().parent.parent
NAMES = {"torch": "PyTorch", "scipy": "SciPy"}
PAGE, STORED = ROOT / "docs" / "benchmarks.md", ROOT / "benchmarks" / "stored.json"
LONGEST = 1800  # seconds for one row


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0, or 1 if a row broke, 2 for a wrong command line, 130 after Ctrl-C."""
    options = _options(arguments)
    about = machine.description() | {"steered": machine.steered(), "quick": options.quick}
    lines: list[Line] = []
    code = 0
    try:
        for number, row in enumerate(options.rows, 1):
            print(f"[{number}/{len(options.rows)}] {row.name}", end="", file=sys.stderr, flush=True)
            start = time.perf_counter()
            lines += measured(row, about, options.quick)
            print(f" {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        lines += [Line(row, reason="interrupted") for row in options.rows if row not in [line.row for line in lines]]
        code = 130
    about["load_after"] = machine.load()
    changes = compare.sentences(json.loads(STORED.read_text(encoding="utf-8")), about, lines) if STORED.exists() else []
    print(report.as_text(about, lines, changes))
    files = [(options.output, options.output.with_suffix(".json"))] if options.output else []
    for page, data in files + ([(PAGE, STORED)] if options.store and not code else []):
        text = report.as_markdown(about, lines, changes if page != PAGE else ())
        page.write_text(f"{text}\n{report.published(lines)}", encoding="utf-8")
        data.write_text(report.as_json(about, lines), encoding="utf-8")
    return code or int(any(line.reason.startswith(BROKE) for line in lines))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    summary, _, text = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=summary,
        epilog=f"{text}\nRows: {' '.join(row.name for row in ROWS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="ROW", help="measure these rows")
    parser.add_argument("--quick", action="store_true", help="few repetitions and seeds")
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the report there, and to FILE.json")
    parser.add_argument("--store", action="store_true", help="write the site's page and the figures to compare with")
    options = parser.parse_args(arguments)
    try:
        options.rows = selected(options.only)
    except ValueError as error:
        parser.error(str(error))
    if options.output and options.output.suffix != ".md":
        parser.error(f"output: got {options.output}, expected a name that ends in .md")
    if options.store and (options.only or options.quick):
        parser.error("store: what is stored is measured whole, without --only and --quick")
    if options.output and not options.output.absolute().parent.is_dir():
        parser.error(f"output: got {options.output}, expected a file in a folder that exists")
    return options


# ---- one row --------------------------------------------------------------------------------------------------------

BROKE = "error:"


def measured(row: Row, about: dict[str, Any], quick: bool) -> Iterator[Line]:
    """Yield the row as measured here and, where the environment chooses BLAS's kernels, also without that choice."""
    missing = [NAMES[package] for package in row.needs if find_spec(package) is None]
    if missing:
        yield Line(row, reason=f"{' and '.join(missing)} is not installed")
    elif (row.threads or 1) > about["cores"]:
        yield Line(row, reason="this process may use one core only")
    else:
        line = in_a_process(row, [], quick)
        yield line
        if row.blas and line.figures and about["steered"]:
            yield in_a_process(row, about["steered"], quick)


def in_a_process(row: Row, without: list[str], quick: bool) -> Line:
    """Return what a separate process finds, with these variables and limits on threads removed from its environment."""
    removed = {*without, *machine.LIMITING}
    environment = {name: value for name, value in os.environ.items() if name not in removed}
    if "CNNLIB_DATA" in environment:
        environment["CNNLIB_DATA"] = os.path.abspath(environment["CNNLIB_DATA"])
    command = [sys.executable, "-m", "benchmarks.child", row.name, *(["quick"] if quick else [])]
    line = Line(row, without=without)
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", errors="replace", timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        line.reason = f"{BROKE} not ready after {LONGEST // 60} minutes"
        return line
    if ended.returncode:
        last = (ended.stderr.strip() or f"ended with code {ended.returncode}").splitlines()[-1]
        line.reason = f"{BROKE} {last}"
        print(ended.stderr, file=sys.stderr)
        return line
    found = json.loads(ended.stdout.splitlines()[-1])
    found["figures"] = tuple(Figure(*figure) for figure in found.get("figures", ()))
    for name, value in found.items():
        setattr(line, name, value)
    return line


if __name__ == "__main__":
    sys.exit(main())
