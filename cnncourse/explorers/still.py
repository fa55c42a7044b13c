"""The stage as a still picture, for GitHub, printed pages and wherever else no widget lives."""

from __future__ import annotations

import base64

import matplotlib

from cnncourse.language import ENGLISH, speaking
from cnncourse.plots.picture import style

from . import still_convolution, still_grids
from .picture import encoded, misfit
from .scene import Explorer, Settings

PLAIN: Settings = {"padding": [0, 0], "letters": False, "counts": False}


def png(explorer: Explorer, settings: Settings) -> str:
    """Return the scene of these settings as a PNG in base64, as a mime bundle holds it."""
    with style(), speaking(ENGLISH):
        scene = explorer.scene_of(settings)
        matplotlib.rcParams["hatch.linewidth"] = 0.5
        if scene.output is None:
            figure = misfit(scene)
        elif "bias" in scene.details and len(scene.grids) == 3:  # one input, one kernel, one output
            figure = still_convolution.figure(scene, PLAIN | settings)
        else:
            figure = still_grids.figure(explorer, scene, settings)
        return base64.b64encode(encoded(figure)).decode("ascii")
