"""Figures: every helper returns a `Picture`, which shows itself with an alternative text and weighs at most 50 KB."""

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
