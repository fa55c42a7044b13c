"""conftest.py: `make coverage` loses no worker's counts, however soon the worker is ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

coverage = pytest.importorskip("coverage")
ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = "import xdist.workermanage\nxdist.workermanage.NodeManager.EXIT_TIMEOUT = 0.001\n"


def test_the_lines_of_a_worker_are_counted_even_if_it_is_ended_at_once(tmp_path: Path) -> None:
    (tmp_path / "at_once.py").write_text(AT_ONCE, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST"))}
    environment |= {"PYTHONPATH": str(tmp_path), "COVERAGE_FILE": str(tmp_path / "counts")}
    counted = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-n", "1", "-p", "no:cacheprovider"]
    command = [*counted, "-p", "no:nbval", "-p", "at_once", "cnnlib/geometry.py"]  # its imports alone take seconds
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    counts = coverage.CoverageData(str(tmp_path / "combined"))
    for path in tmp_path.glob("counts.*"):
        part = coverage.CoverageData(str(path))
        part.read()
        counts.update(part)
    lines = counts.lines(str(ROOT / "cnnlib" / "geometry.py")) or []
    text = (ROOT / "cnnlib" / "geometry.py").read_text(encoding="utf-8").splitlines()
    inside = [number for number in lines if text[number - 1].startswith("    return ")]
    assert inside, "only what an import reaches was counted"
