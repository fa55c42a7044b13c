"""Figures: every helper returns a `Picture`, which shows itself with an alternative text and weighs at most 50 KB.

An argument that does not fit is a ValueError that names it. What is the same in many helpers is told once, in SHARED.
"""

import inspect
from collections.abc import Callable
from typing import Any

from .boxes import Volume, network_volumes, volumes
from .cells import Grid, Window, confusion_matrix, grid, grids, heat_map, partial_maps
from .lines import activation_curves, bars, curves, histogram, learning_curves
from .maps import feature_maps, image_numbers, images, kernels, layer_maps, probabilities
from .picture import Live, Picture

__all__ = [
    "Picture",
    "Live",
    "grid",
    "grids",
    "Grid",
    "Window",
    "partial_maps",
    "heat_map",
    "confusion_matrix",
    "images",
    "image_numbers",
    "feature_maps",
    "kernels",
    "layer_maps",
    "probabilities",
    "curves",
    "activation_curves",
    "learning_curves",
    "histogram",
    "bars",
    "volumes",
    "network_volumes",
    "Volume",
]

SHARED = {
    "titles": ("sequence of str, optional", "A text above each."),
    "columns": ("int, optional", "How many stand in a row."),
    "size": ("float, optional", "Inches of the longer side of each."),
    "light": ("bool", "Whether 0 is black, as in a photograph. Else grey images are drawn as ink on paper, 0 white."),
    "truth": ("int, optional", "The true class, which is marked."),
    "names": ("sequence of str, optional", "Names of the classes in place of their numbers."),
    "signed": ("bool, optional", "Whether colours are red above 0 and blue below. None: if there is a negative value."),
    "decimals": ("int, optional", "How many decimals are written. None: as many as say enough; see `grid`."),
    "title": ("str, optional", "A text above everything."),
    "alt": ("str, optional", "What takes the place of the composed alternative text."),
}


def _tell_what_is_shared(helper: Callable[..., Any]) -> None:
    """Complete the docstring of a helper, for `help` and `?`."""
    own = inspect.cleandoc(helper.__doc__ or "")
    missing = [name for name in inspect.signature(helper).parameters if name in SHARED and f"\n{name} : " not in own]
    told = [f"\n{name} : {kind}\n    {text}" for name, (kind, text) in SHARED.items() if name in missing]
    helper.__doc__ = own.replace("\n\nExamples\n", "".join(told) + "\n\nExamples\n", 1)


for _name in set(__all__) - {"Picture", "Live", "Grid", "grid", "Window", "Volume"}:
    _tell_what_is_shared(globals()[_name])
