"""Measure one row in a separate process: `python -m benchmarks.child ROW [quick]` prints the outcome as JSON.

So that no row finds the threads, the caches or the memory of another, and the environment can be changed for it.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

from threadpoolctl import threadpool_limits

from . import machine
from .goals import NotMeasuredError, Row
from .rows import ROWS


def main(name: str, quick: bool) -> None:
    """Measure the row `name` and print the outcome as the last line."""
    row = next(row for row in ROWS if row.name == name)
    print(json.dumps(measured(row, quick)))


def measured(row: Row, quick: bool) -> dict[str, Any]:
    """Return figures and details of a row, or the reason why there are none, and the kernels that BLAS used."""
    with _threads(row):
        kernels = machine.blas()["kernels"]
        try:
            outcome = row.measure(quick)
        except NotMeasuredError as reason:
            return {"kernels": kernels, "reason": str(reason)}
    return {"kernels": kernels, **outcome._asdict()}


@contextlib.contextmanager
def _threads(row: Row) -> Any:
    if row.threads is None:
        yield
        return
    if "torch" in row.needs:
        import torch

        torch.set_num_threads(row.threads)
    with threadpool_limits(row.threads, "blas"):
        yield


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] == ["quick"])
