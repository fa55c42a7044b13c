"""conftest.py: `--shuffle` draws an order in which files stay together and the cells of a notebook in their places."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ["tests/test_geometry.py", "cnnlib/geometry.py", "notebooks/00_tour.ipynb", "tests/test_activations.py"]
# One process for all orders: what pytest and its plugins import takes far longer than what is asked here.
PROGRAM = """
import contextlib, io, json, sys
import pytest

def order(options):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "--nbval", *options, *sys.argv[2:]])
    assert code == 0, said.getvalue()
    return [line for line in said.getvalue().splitlines() if "::" in line]

print(json.dumps([order(options) for options in json.loads(sys.argv[1])]))
"""


def orders(*options: list[str]) -> list[list[str]]:
    """Return the tests of some files as pytest would run them, for each of several lists of options."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(options), *FILES]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def files_of(tests: list[str]) -> list[str]:
    return list(dict.fromkeys(test.partition("::")[0] for test in tests))


def test_a_seed_draws_an_order_of_files_and_of_their_tests() -> None:
    plain, one, again, other = orders([], ["--shuffle=1"], ["--shuffle=1"], ["--shuffle=2"])
    assert one == again != other
    assert sorted(one) == sorted(other) == sorted(plain) and files_of(plain) == FILES
    assert files_of(one) != files_of(other)
    for tests in (one, other):
        parts = {name: [test for test in tests if test.startswith(name)] for name in FILES}
        assert [test for name in files_of(tests) for test in parts[name]] == tests  # each file in one piece
        for name in FILES:
            same = parts[name] == [test for test in plain if test.startswith(name)]
            assert same == name.endswith(".ipynb"), name
