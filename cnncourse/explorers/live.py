"""Explorers on the card whose scene is numbers and pictures by name in place of grids.

The browser computes the same scenes (web/scenes/), from what `data` hands it; the still picture and the words for those
who do not see it come from the scene here.
"""

from __future__ import annotations

import base64
import io
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from cnncourse.language import ENGLISH, speaking
from cnncourse.plots.picture import SIZE_LIMIT, pixels, style, tried

from . import scene as scenes
from .picture import PAGE, page
from .scene import NumberScene, Settings
from .sheet import INK, LINE
from .stops import Real, Stops
from .widget import PresetWidget

HERE = Path(__file__).parent
STORED = (
    (2, 64),
    (1.5, 48),
    (1.25, 48),
    (1, 48),
    (1, 32),
    (1, 20),
    (1, 12),
    (1, 8),
)  # sharpness, shades: the first small one
Scene = NumberScene
WIDE = PAGE
ROW = 20  # px from line to line of the words of a still picture


def scene(
    size: tuple[int, int] | None,
    numbers: dict[str, Any],
    lines: Sequence[str],
    sentence: str,
    message: str = "",
    description: str = "",
) -> Scene:
    """Return a scene whose output has this size; None where nothing fits, and then the message says why."""
    return Scene(size, [], [], [], list(lines), sentence, message, numbers=numbers, description=description)


@dataclass(frozen=True)
class Explorer(scenes.NumberExplorer):
    """An explorer before it is shown.

    picture: draws a scene on a page of WIDE px. result: the name of the output among the numbers. follow: gives the
    settings that come of a change, from those before and those wanted.
    """

    picture: Callable[[Settings, Any], Figure] = field(kw_only=True)
    result: str = field(kw_only=True)
    follow: Callable[[Settings, Settings], Settings] | None = None

    def changed(self, before: Settings, **changes: Any) -> Settings:
        """Return `before` with some settings changed; TypeError or ValueError if a value is not allowed."""
        after = super().changed(before, **changes)
        return self.follow(before, after) if self.follow else after

    def accepted(self, settings: Mapping[str, Any]) -> Settings:
        """Return settings as they come from the browser, checked one by one; nothing follows from them."""
        known = {s.name: s for s in self.settings}
        return self.start() | {name: known[name].accept(value) for name, value in settings.items()}


def value_text(setting: Any, value: Any) -> str:
    """Return a stored value in words."""
    return setting.value_text(value) if isinstance(setting, (Real, Stops)) else scenes.value_text(setting, value)


class LiveExplorer(PresetWidget):
    """An explorer on the page: each setting is an attribute that can be read and set, `scene` is what is shown now."""

    _esm: Any = HERE / "bundle_pictures.js"
    _explorer: Explorer

    @property
    def scene(self) -> Any:
        """What is shown now: `scene.numbers` holds the results, `scene.sentence` says what is seen."""
        return super().scene

    @property
    def output(self) -> Any:
        """The result as an array or a number; None where nothing fits."""
        return self.scene.numbers[self._explorer.result]

    @traitlets.validate("_settings")
    def _allowed(self, proposal: Any) -> Settings:
        try:
            return self._explorer.accepted(proposal["value"])
        except (KeyError, TypeError, ValueError) as error:  # only this kind makes traitlets take the old value back
            raise traitlets.TraitError(str(error)) from error

    def _png(self) -> bytes:
        settings = dict(self._settings)
        with style(), speaking(ENGLISH):
            figure = self._explorer.picture(settings, self._explorer.scene_of(settings))
        for sharpness, shades in tried(STORED):
            drawn = pixels(figure, sharpness)
            red, green, blue = (drawn[..., channel] for channel in range(3))
            grey = ((red == green) & (green == blue))[..., np.newaxis]
            fewer = (np.rint(np.arange(256) / 255 * (shades - 1)) * 255 / (shades - 1)).astype(np.uint8)
            image = Image.fromarray(np.where(grey, fewer[drawn], drawn))
            out = io.BytesIO()
            image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
            if out.tell() <= SIZE_LIMIT:
                break
        return out.getvalue()

    def _picture(self) -> str:
        return base64.b64encode(self._png()).decode("ascii")


# ---- still pictures -------------------------------------------------------------------------------------------------


def sheet(tall: int, shown: scenes.Scene) -> tuple[Figure, Axes]:
    """Return a figure with axes in px, y downwards, and the words of the scene under the first `tall` of them."""
    words = [part for line in (*shown.lines, shown.message or shown.sentence) for part in textwrap.wrap(line, 118)]
    high = tall + 14 + ROW * len(words)
    figure, axes = page(high)
    for k, words_of_line in enumerate(words):
        write(axes, 12, tall + 12 + ROW * k, words_of_line, 13)
    return figure, axes


def write(axes: Axes, x: float, y: float, words: str, size: float = 12, **looks: Any) -> None:
    """Write words, their size in px and their middle at the height y."""
    axes.text(x, y, words, fontsize=0.75 * size, **({"va": "center", "color": INK} | looks))


def picture(axes: Axes, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
    """Draw grey levels (rows, columns) from 0 to 255, or RGB from 0 to 1, into a box with a thin line around it."""
    looks: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if pixels.ndim == 2 else {}
    box = (x, x + width, y + height, y)
    axes.imshow(pixels, extent=box, interpolation="nearest", aspect="auto", zorder=2, **looks)
    axes.set(xlim=(0, WIDE), ylim=axes.get_ylim())
    axes.plot([x, x + width, x + width, x, x], [y, y, y + height, y + height, y], color=LINE, linewidth=0.75, zorder=3)


# ---- numbers in words: the same as in web/sentences.js --------------------------------------------------------------


def number(value: float, decimals: int = 1) -> str:
    """Return a number with at most `decimals` decimals, halves rounded away from 0.

    >>> number(-1234.25), number(2.0), number(0.125, 2), number(-0.01), number(140.2, 0)
    ('−1,234.3', '2', '0.13', '0', '140')
    """
    scale = 10**decimals
    rounded = math.floor(abs(value) * scale + 0.5) / scale
    shown = f"{rounded:,.{decimals}f}"
    shown = shown.rstrip("0").rstrip(".") if decimals else shown
    return ("−" if value < 0 and rounded else "") + shown
