"""What surrounds a chapter: figures (`plots`), explorers with sliders, instant checks, what networks cost, intervals.

Notebooks say `from cnncourse import architectures, chance, checks, explorers, plots`; the networks that run are in
`cnnlib`. Each is imported when it is first used, because checks, explorers and plots need Matplotlib and widgets.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from .predictions import ask_when_run

__all__ = ["architectures", "chance", "checks", "explorers", "plots"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


ask_when_run()
