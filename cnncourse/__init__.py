"""What surrounds a chapter: figures (`plots`), explorers with sliders, instant checks, and what networks cost.

Notebooks say `from cnncourse import architectures, checks, explorers, plots`; the networks that run are in `cnnlib`.
Each is imported when it is first used, because all but the first need Matplotlib and widgets.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["architectures", "checks", "explorers", "plots"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
