"""What is not arithmetic: memory, the time of an import, the time of a chapter."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from cnnlib import SGD, fit, lenet5

from .goals import Figure, NotMeasuredError, Outcome

MB = 1e6
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LATER = ("matplotlib", "ipywidgets", "anywidget", "PIL", "requests")  # what an import must leave for later


# ---- memory ---------------------------------------------------------------------------------------------------------


def memory_of_training(quick: bool) -> Outcome:
    """Return the most memory, in MB, that `fit` needs at batch 128 above what there was before, data included."""
    rng = np.random.default_rng(0)
    x = rng.random((128 * (4 if quick else 20), 1, 28, 28), dtype=np.float32)
    labels = rng.integers(0, 10, len(x))
    network = lenet5(rng=0)
    optimizer = SGD(network, 0.01, 0.9)
    return _peak(lambda: fit(network, optimizer, (x, labels), epochs=1, batch_size=128, rng=0, progress=False))


def memory_of_predict(quick: bool) -> Outcome:
    """Return the most memory, in MB, that `predict` needs for 10,000 images, above the images."""
    x = np.random.default_rng(0).random((10_000, 1, 28, 28), dtype=np.float32)
    network = lenet5(rng=0)
    return _peak(lambda: network.predict(x))


def _peak(work: Callable[[], object]) -> Outcome:
    """Return how much the process grew at most; on systems that do not tell, how much its arrays did."""
    grown = growth_of_process(work)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work()
    arrays = (tracemalloc.get_traced_memory()[1] - before) / MB
    tracemalloc.stop()
    if grown is None:
        return Outcome((Figure(arrays),), "arrays and Python's objects, by tracemalloc")
    return Outcome((Figure(max(grown, arrays)),), f"the process grew by {grown:.0f} MB, arrays by {arrays:.0f} MB")


def growth_of_process(work: Callable[[], object]) -> float | None:
    """Return by how many MB the memory of this process grew at most during `work`; None if the system is not Linux."""
    status = Path("/proc/self/status")
    try:
        Path("/proc/self/clear_refs").write_text("5")  # forget the earlier peak
    except OSError:
        return None

    def kilobytes(name: str) -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(name))

    before = kilobytes("VmRSS:")
    work()
    return (kilobytes("VmHWM:") - before) * 1024 / MB


# ---- import ---------------------------------------------------------------------------------------------------------

TIMED_IMPORT = """
import numpy, sys, time
start = time.perf_counter()
import cnnlib
print(time.perf_counter() - start, *sys.modules)
"""


def import_time(quick: bool) -> Outcome:
    """Return the seconds that `import cnnlib` takes after `import numpy`, the median over fresh processes."""
    times = []
    for _ in range(3 if quick else 11):
        answer = subprocess.run([sys.executable, "-c", TIMED_IMPORT], capture_output=True, text=True, check=True)
        seconds, *modules = answer.stdout.split()
        times.append(float(seconds))
    early = [name for name in LATER if name in modules]
    if early:
        raise RuntimeError(f"import cnnlib also imports {', '.join(early)}, which should wait until it is used")
    return Outcome(
        (Figure(median(times)),), f"from {min(times):.3f} to {max(times):.3f} s; imports no {', '.join(LATER)}"
    )


# ---- chapters -------------------------------------------------------------------------------------------------------


def chapters(quick: bool) -> Outcome:
    """Return the seconds of the slowest chapter, run from the top, including the start of the kernel."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))[: 1 if quick else None]
    if not paths:
        raise NotMeasuredError("there are no notebooks yet")
    seconds = {path.stem: _run(path) for path in paths}
    texts = [f"{name} {value:.1f} s" for name, value in seconds.items()]
    return Outcome((Figure(max(seconds.values())),), ", ".join(texts))


def _run(path: Path) -> float:
    """Return the seconds that a notebook takes; its file does not change."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    start = time.perf_counter()
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    return time.perf_counter() - start


def sliders(quick: bool) -> Outcome:
    """Say where the speed of sliders is measured, because it takes a browser."""
    raise NotMeasuredError("make test-browser measures it, in a browser")
