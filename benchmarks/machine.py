"""What the figures depend on: the processor, BLAS and its settings, versions, and how busy the machine is."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

# With these set OpenBLAS does not choose its kernels, or the sizes of their blocks, by the processor.
STEERING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# With these set BLAS or PyTorch has fewer threads than cores. A row says itself how many it may have, or takes all.
LIMITING = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
# Whatever is set of these is named in the report. (KMP_DUPLICATE_LIB_OK is set by threadpoolctl itself.)
TELLING = re.compile(
    r"(OPENBLAS|OMP|GOMP|KMP(?!_DUPLICATE)|MKL|GOTO|BLIS|VECLIB|ONEDNN|DNNL|ATEN|TORCH|PYTORCH|MALLOC)_\w+"
    r"|NPY_(DIS|EN)ABLE_CPU_FEATURES|GLIBC_TUNABLES|LD_PRELOAD|PYTHON(MALLOC|DEVMODE)"
)


def description() -> dict[str, Any]:
    """Return all of it, ready for JSON."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": processor(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas(),
        "torch": version("torch"),
        "scipy": version("scipy"),
        "environment": {name: value for name, value in sorted(os.environ.items()) if TELLING.fullmatch(name)},
        "load": load(),
    }


def processor() -> str:
    """Return the name of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"^model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    if platform.system() == "Darwin":
        asked = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True)
        return asked.stdout.strip() or platform.machine()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def blas() -> dict[str, Any]:
    """Return name, version, kernels and number of threads of NumPy's BLAS, as far as threadpoolctl can see them."""
    for library in threadpool_info():
        if library["user_api"] == "blas" and "numpy" in library["filepath"]:
            return _named(library)
    for library in threadpool_info():
        if library["user_api"] == "blas":
            return _named(library)
    built_with = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {"name": built_with["name"], "version": built_with["version"], "kernels": "", "threads": None}


def _named(library: dict[str, Any]) -> dict[str, Any]:
    name = {"openblas": "OpenBLAS", "mkl": "MKL", "blis": "BLIS"}.get(library["internal_api"], library["internal_api"])
    return {
        "name": name,
        "version": library["version"],
        "kernels": library.get("architecture", ""),
        "threads": library["num_threads"],
    }


def version(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def load() -> list[float]:
    """Return how many processes wanted to run in the last 1, 5 and 15 minutes; nothing if the system does not tell."""
    return [round(number, 2) for number in os.getloadavg()] if hasattr(os, "getloadavg") else []


def steered() -> list[str]:
    """Return the variables in the environment that choose OpenBLAS's kernels."""
    return [name for name in STEERING if name in os.environ]
