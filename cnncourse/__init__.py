"""What surrounds a chapter: figures (`plots`), explorers with sliders, instant checks of the exercises.

Notebooks say `from cnncourse import checks, explorers, plots`; the networks themselves are in `cnnlib`. Each of the
three is imported when it is first used, because they need Matplotlib and widgets.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["checks", "explorers", "plots"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
