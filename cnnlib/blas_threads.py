"""How many threads compute: the products here are small, and BLAS threads that wait for each other cost time."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

AVX512 = ("SkylakeX", "Cooperlake", "SapphireRapids")  # OpenBLAS's names of kernels


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context in which BLAS uses one thread; what it was before comes back at the end.

    Products of this size gain little from a second thread, and when another program needs its core, threads that
    wait for each other take many times as long as one.
    """
    limited: AbstractContextManager[Any] = _blas().limit(limits=1)
    return limited


def max_threads() -> int:
    """Return how many threads may compute: as many as BLAS would use, and no more than there are cores for us."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([cores, *(int(library.num_threads) for library in _blas().lib_controllers)])


def multiplies_small_at_once() -> bool:
    """Return whether BLAS, as it is set now, multiplies small matrices without first copying them together.

    OpenBLAS does so with its kernels for AVX-512. With two threads, sharing the product gains more.
    """
    return all(lib.num_threads == 1 and getattr(lib, "architecture", "") in AVX512 for lib in _blas().lib_controllers)


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController  # only when something is trained: the search for BLAS takes a while

    return ThreadpoolController().select(user_api="blas")
