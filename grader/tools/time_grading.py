"""Time the grading of a made-up class: `python grader/tools/time_grading.py [COUNT]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import made_up_class

from cnngrader.__main__ import main


def measure(count: int) -> None:
    """Grade `count` submissions, grade them again unchanged, and print the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        handed_in, output = Path(folder) / "submissions", Path(folder) / "results"
        made_up_class.make_class(handed_in, count)
        command = [str(handed_in), "--assignment", "demo", "--output", str(output)]
        for what in ("graded", "graded again, nothing changed"):
            started = time.monotonic()
            if main(command, made_up_class.ASSIGNMENT):
                sys.exit("the grading failed")
            print(f"{count} submissions {what}: {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
