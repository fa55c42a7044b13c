"""The scripts in data/ that made the files there, for tests that run a part of them again."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from cnnlib.paths import data_folder


def script_of(name: str) -> ModuleType:
    """Return data/make_NAME.py as a module."""
    path = data_folder() / f"make_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
