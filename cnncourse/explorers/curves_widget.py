"""The widget of explorers of curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import ENGLISH, speaking

from . import curves_still
from .curves import CurveExplorer
from .widget import PresetWidget


class CurveWidget(PresetWidget):
    """An explorer of curves on the page; `scene.numbers` holds all results, `output` the ones that it is about."""

    _explorer: CurveExplorer

    @property
    def output(self) -> np.ndarray | None:
        """The numbers that the explorer is about, as an array; None where the settings do not fit."""
        scene: Any = self.scene
        return None if scene.message else np.array(scene.result, dtype=float)

    def _picture(self) -> str:
        with speaking(ENGLISH):
            return curves_still.png(self._explorer, self._settings)
