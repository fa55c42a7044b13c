"""tools/mutants.py: whatever ends it, no run of pytest goes on without it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds

# In place of pytest: a program that starts another one, tells both numbers, and would go on for long.
SLEEPER = """#!/bin/sh
sleep 300 &
echo $$ $! > begun.part && mv begun.part begun
wait
"""
# In place of tests and changes: one run in each of two threads, as `report` starts them, or one that fails beside it.
PROGRAM = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import mutants

sys.executable, fails = sys.argv[1], sys.argv[2] == "fails"
with ThreadPoolExecutor(1) as pool, mutants.runs_end_with_this():
    runs = [pool.submit(mutants.run, Path.cwd(), [], 300) for _ in range(2)]
    while fails and not Path("begun").exists():
        time.sleep(0.01)
    if fails:
        raise SystemExit(7)
    print(runs[0].result())
"""


def until(holds) -> bool:
    """Return whether something held in the end, asked again and again."""
    end = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")  # one that ended is listed until somebody asks for its exit code
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (None, 7)])
def test_what_ends_the_program_ends_its_tests_and_what_they_started(by, code: int, tmp_path: Path) -> None:
    sleeper, begun = tmp_path / "sleeper", tmp_path / "begun"
    sleeper.write_text(SLEEPER)
    sleeper.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools")}
    command = [sys.executable, "-c", PROGRAM, str(sleeper), "waits" if by else "fails"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as program:
        assert until(begun.exists)
        started = [int(number) for number in begun.read_text().split()]
        if by:
            begun.unlink()
            program.send_signal(by)
        try:
            assert program.wait(PATIENCE) == code
            assert until(lambda: not any(map(lives, started)))
            assert not by or not begun.exists()  # the run that waited for its turn did not begin
        finally:
            for process in [*filter(lives, started), program.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
