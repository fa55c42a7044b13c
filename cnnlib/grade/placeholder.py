"""Stand-ins, inside the sandbox, for packages that a notebook imports and its functions have no use for.

`import matplotlib.pyplot as plt` then works, `plt.plot(x)` gives nothing, and the cell goes on.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterable
from typing import Any


class NotThereWhileGrading:
    """Takes every call, has every attribute, and is nothing."""

    def __call__(self, *values: Any, **by_name: Any) -> NotThereWhileGrading:
        return self

    def __getattr__(self, name: str) -> NotThereWhileGrading:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> NotThereWhileGrading:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> NotThereWhileGrading:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __repr__(self) -> str:
        return "(not there while grading)"


def tqdm(iterable: Iterable | None = None, *values: Any, **by_name: Any) -> Any:
    """Return what is looped over, without a bar."""
    return NotThereWhileGrading() if iterable is None else iterable


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.partition(".")[0] == "tqdm":
            return {"tqdm": tqdm, "trange": range}.get(name, NotThereWhileGrading())
        return NotThereWhileGrading()


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages `names` and everything below them."""

    def __init__(self, names: list[str]) -> None:
        self.names = tuple(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if any(name == known or name.startswith(known + ".") for known in self.names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def install(names: list[str]) -> None:
    """Let the packages `names` be found here before anywhere else."""
    sys.meta_path.insert(0, Finder(names))
